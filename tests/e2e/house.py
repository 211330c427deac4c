"""A whole newswatch under test: its own feeds and receiver on loopback, `newswatch run` as a user starts it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import psutil
from aiohttp import web
from ruamel.yaml import YAML

from newswatch.config_file import load_settings
from streams.archive.engine import Archive, open_archive
from streams.clock import utc_now

ROAD = {
    "id": "khanasser-road",
    "name": "Aleppo - Khanasser - Athriya",
    "any": [{"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10}],
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed we serve."""

    guid: str
    title: str
    text: str
    dated: bool = True


def rss(entries: list[Entry], language: str = "fr") -> bytes:
    """An RSS 2.0 document of these entries."""
    items = "".join(
        f"<item><guid isPermaLink='false'>{escape(entry.guid)}</guid><title>{escape(entry.title)}</title>"
        f"<link>https://outlet.example/{escape(entry.guid)}</link>"
        + (f"<pubDate>{format_datetime(utc_now())}</pubDate>" if entry.dated else "")
        + f"<description>{escape(entry.text)}</description></item>"
        for entry in entries
    )
    head = f"<title>Our words</title><link>https://outlet.example/</link><language>{language}</language>"
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@dataclass
class Loopback:
    """Feeds and a webhook receiver on one loopback port."""

    feeds: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)
    gets: dict[str, int] = field(default_factory=dict)
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    base: str = ""

    def url(self, name: str) -> str:
        return f"{self.base}/feeds/{name}"

    async def _feed(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.gets[name] = self.gets.get(name, 0) + 1
        kind = self.content_types.get(name, "application/rss+xml; charset=utf-8")
        return web.Response(body=self.feeds[name], headers={"content-type": kind})

    async def _hook(self, request: web.Request) -> web.Response:
        self.received.append((request.headers["webhook-id"], await request.json()))
        return web.Response(status=204)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Loopback]:
        app = web.Application()
        app.router.add_get("/feeds/{name:.+}", self._feed)
        app.router.add_post("/hook", self._hook)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()


class House:
    """`newswatch run` on a settings file in `directory`, with its archive open for looking.

    `settings` add to the sections of its settings, and replace its lists.
    """

    def __init__(self, directory: Path, loopback: Loopback, **settings: Any) -> None:
        self.directory = directory
        self.config = directory / "newswatch.yaml"
        any_port = "127.0.0.1:0"
        values: dict[str, Any] = {
            "data_dir": "data",
            "kafka": {"embedded_port": 0},
            "web": {"listen": any_port, "metrics": dict.fromkeys(("broker", "poll", "work", "notify"), any_port)},
            "watches": [ROAD],
            "endpoints": [{"id": "desk", "kind": "webhook", "url": f"{loopback.base}/hook"}],
            "poll": {
                "allow_networks": ["127.0.0.0/8"],
                "host_spacing_seconds": 0,
                "host_requests_per_hour": 360_000,
                "full_text": "never",  # the pages are on hosts of which no test may ask anything
            },
            "notify": {"allow_networks": ["127.0.0.0/8"]},
            "feeds": [{"id": "sample", "url": loopback.url("sample.xml"), "every_seconds": 1}],
        }
        for section, value in settings.items():
            standing = values.get(section)
            values[section] = standing | value if isinstance(standing, dict) else value
        directory.mkdir(parents=True, exist_ok=True)
        with self.config.open("w") as file:
            YAML().dump(values, file)
        self.archive: Archive = open_archive(load_settings(self.config).archive_url())
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> str:
        """What `newswatch run` and its roles have written."""
        return (self.directory / "run.log").read_text(errors="replace")

    @contextlib.asynccontextmanager
    async def running(
        self, environment: Mapping[str, str] | None = None, under: Sequence[str] = ()
    ) -> AsyncIterator[House]:
        """Run until the block ends; then SIGTERM must end every process within 10 s. `under` executes what follows."""
        with (self.directory / "run.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*under, sys.executable, "-m", "newswatch", "run", "--config", str(self.config)),
                stdout=log,
                stderr=log,
                env=_with(environment or {}),
            )
        try:
            yield self
        except BaseException:
            print(self.log[-20_000:])
            raise
        finally:
            family = self.processes()
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(12):
                    code = await self._process.wait()
            except TimeoutError:
                self._process.kill()
                raise
            _, alive = await asyncio.to_thread(psutil.wait_procs, family, 3)
            self.archive.close()
        assert code == 0
        assert alive == [], f"left behind: {alive}"

    def processes(self) -> list[psutil.Process]:
        """Every process of the house, the supervisor first."""
        assert self._process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        return []

    def role(self, role: str) -> psutil.Process | None:
        """The process of a role, or None while there is none."""
        return self._find(lambda line: line[1:4] == ["-m", "newswatch", role])

    def broker_server(self) -> psutil.Process | None:
        """The embedded broker's own server, a child of its role."""
        return self._find(lambda line: "--kafka-cluster-id=newswatch" in line)

    def _find(self, is_it: Callable[[list[str]], bool]) -> psutil.Process | None:
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if is_it(process.cmdline()):
                    return process
        return None

    async def until(self, holds: Callable[[], Any], seconds: float, what: str) -> Any:
        """Wait until `holds` returns something true; fail with the end of the log after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := await asyncio.to_thread(holds)):
                    assert self._process is None or self._process.returncode is None, f"newswatch run ended\n{self.log}"
                    await asyncio.sleep(0.1)
                return found
        except TimeoutError:
            raise AssertionError(f"{what}: not within {seconds} s") from None

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        """Run a `newswatch` command on this house's settings; exit code, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "newswatch", *arguments, "--config", str(self.config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    async def status(self) -> dict[str, Any]:
        """What `newswatch status --json` says."""
        _, out, _ = await self.command("status", "--json")
        answer: dict[str, Any] = json.loads(out)
        return answer


def _with(environment: Mapping[str, str]) -> dict[str, str]:
    """Our environment with these added; paths of modules come before those that stand."""
    together = {**os.environ, **environment}
    paths = [part.get("PYTHONPATH", "") for part in (environment, os.environ)]
    return {**together, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

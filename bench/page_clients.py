"""Many who look on at once: readers of the stream and browsers on the page, while alerts come.

A web role of its own process over an SQLite file; 200 readers of server-sent events and 50 clients of the page, each
with its WebSocket and the page's own messages, as a browser has them but without drawing. Alerts are written by the
code that runs live, 20 a second, in a process of their own as a worker writes them: beside 250 clients in one
interpreter they would wait for its lock and never come to their rate. Told are the delays from the alert's commit to
each client, against a bound of two seconds, the memory of the web role after a first quarter and at the end, and its
processor time a second of news, which holds on a busy machine too. A lone reader of the same stream, before the others
come, is what the delay is a multiple of.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import html
import json
import multiprocessing
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import aiohttp
import psutil
import socketio
from builders import a_hit, an_enriched, poll_in
from ruamel.yaml import YAML

from agents.alert.transaction import record_article
from agents.match.watch import Watch
from newswatch.config_file import load_settings
from streams.archive import roles
from streams.archive.engine import Archive, open_archive

ROAD = {"id": "road", "name": "Aleppo - Khanasser", "any": [{"route": ["Alep", "Khanasser", "Athriya"]}]}
BOUND_SECONDS = 2.0
MOST_GROWTH = 1.25
"""Of the web role's memory from the first quarter of the alerts to the end."""
LEAST_RATE = 0.95
"""Of the alerts wanted a second: where the writer comes to fewer, nothing is shown."""
_MARK = re.compile(r"alert number (\d+) here")


@dataclass
class Told:
    """When each alert was committed, and when each client had it."""

    committed: dict[int, float] = field(default_factory=dict)
    processor: float = 0.0
    """Of the web role, in seconds a second of news."""
    clients: float = 0.0
    """The same of the clients, who are one process: near 1 they are late by themselves."""
    seen: dict[str, dict[int, float]] = field(default_factory=dict)

    def hear(self, client: str, text: str) -> None:
        """Note the alerts that a message tells of."""
        now = time.monotonic()
        there = self.seen.setdefault(client, {})
        for number in _MARK.findall(text):
            there.setdefault(int(number), now)

    def delays(self, kind: str) -> list[float]:
        """Seconds from commit to client, of every alert and client of a kind."""
        return sorted(
            at - self.committed[number]
            for client, there in self.seen.items()
            if client.startswith(kind)
            for number, at in there.items()
            if number in self.committed
        )


async def main() -> int:
    """Measure and print; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--rate", type=float, default=20.0, help="alerts a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with served(Path(folder)) as (base, web, url):
            alone = Told()
            await run(base, url, alone, readers=1, pages=0, rate=given.rate, seconds=10, start=0, web=web)
            together = Told()
            memory = await run(
                base, url, together, readers=given.readers, pages=given.pages, rate=given.rate,
                seconds=given.seconds, start=1_000_000, web=web,
            )  # fmt: skip
    return report(alone, together, memory, given)


def report(alone: Told, together: Told, memory: tuple[int, int], given: argparse.Namespace) -> int:
    """Print what was measured; 1 where a bound is missed."""
    first = alone.delays("reader")
    print(f"alone: {len(first)} alerts told, p50 {at(first, 50):.2f} s, p99 {at(first, 99):.2f} s")
    missed = []
    count = len(together.committed)
    rate = (count - 1) / (max(together.committed.values()) - min(together.committed.values()))
    print(f"{rate:.1f} alerts came a second")
    if rate < LEAST_RATE * given.rate:
        missed.append(f"fewer than {LEAST_RATE * given.rate:g} alerts came a second")
    for kind, clients in (("reader", given.readers), ("page", given.pages)):
        delays = together.delays(kind)
        whole = len(delays) / max(1, clients * count)
        half, most = at(delays, 50), at(delays, 99)
        times = half / at(first, 50)
        print(f"{clients} {kind}s: {whole:.1%} of {count} alerts each; p50 {half:.2f} s, {times:.1f} times one alone,")
        print(f"    p99 {most:.2f} s, slowest {delays[-1] if delays else 0:.2f} s")
        if not delays or most > BOUND_SECONDS:
            missed.append(f"p99 of {kind}s is over {BOUND_SECONDS:g} s")
        if kind == "reader" and whole < 1:
            missed.append("readers were not told of every alert")
    print(f"the web role takes {together.processor:.2f} of a processor (alone: {alone.processor:.2f}),")
    print(f"    the clients {together.clients:.2f}")
    early, late = memory
    print(f"memory of the web role: {early >> 20} MB after a quarter, {late >> 20} MB at the end ({late / early:.2f})")
    if late > MOST_GROWTH * early:
        missed.append(f"memory grew by more than {MOST_GROWTH:g}")
    print("; ".join(missed) or "within every bound")
    return 1 if missed else 0


def at(delays: list[float], percent: int) -> float:
    """A percentile."""
    if len(delays) < 2:
        return delays[0] if delays else float("nan")
    return statistics.quantiles(delays, n=100, method="inclusive")[percent - 1]


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, psutil.Process, str]]:
    """A web role, and the address of its archive."""
    config = folder / "newswatch.yaml"
    with config.open("w") as file:
        YAML().dump({"data_dir": "data", "web": {"listen": "127.0.0.1:0"}, "watches": [ROAD]}, file)
    (folder / "data").mkdir()
    with (folder / "web.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "newswatch", "web", "--config", str(config), cwd=folder, stdout=log, stderr=log
        )
    url = load_settings(config).archive_url()
    archive = open_archive(url)
    try:
        base = ""
        for _ in range(600):
            await asyncio.sleep(0.1)
            with archive.read() as connection:
                for row in roles.list_roles(connection):
                    if row.role == "web":
                        base = f"http://{row.address}"
            if base:
                break
            assert process.returncode is None, (folder / "web.log").read_text()
        yield base, psutil.Process(process.pid), url
    finally:
        archive.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def run(
    base: str, url: str, told: Told, *, readers: int, pages: int, rate: float, seconds: float, start: int,
    web: psutil.Process,
) -> tuple[int, int]:  # fmt: skip
    """Let clients look on while alerts come; the web role's memory after a quarter and at the end."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        contextlib.AsyncExitStack() as open_,
    ):
        listening = [asyncio.create_task(read(session, base, told, f"reader{number}")) for number in range(readers)]
        for number in range(pages):
            await open_.enter_async_context(looking(session, base, told, f"page{number}"))
        spawning = multiprocessing.get_context("spawn")
        written, go = spawning.SimpleQueue(), spawning.Event()
        writer = spawning.Process(target=write_all, args=(url, start, int(rate * seconds), rate, written, go))
        writer.start()
        await asyncio.to_thread(written.get)
        await asyncio.sleep(3)
        began, used = time.monotonic(), (used_by(web), used_by(psutil.Process()))
        go.set()
        await asyncio.sleep(seconds / 4)
        early = web.memory_info().rss
        told.committed = await asyncio.to_thread(written.get)
        passed = time.monotonic() - began
        told.processor = (used_by(web) - used[0]) / passed
        told.clients = (used_by(psutil.Process()) - used[1]) / passed
        await asyncio.sleep(4)
        late = web.memory_info().rss
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await asyncio.to_thread(writer.join)
    return early, late


def used_by(process: psutil.Process) -> float:
    """Processor time of a process, in seconds."""
    return sum(process.cpu_times()[:2])


def write_all(
    url: str, start: int, count: int, rate: float, written: SimpleQueue[dict[int, float] | None], go: Event
) -> None:
    """Write alerts at a rate once it is time; when each was committed (the clock is the machine's)."""
    committed: dict[int, float] = {}
    archive = open_archive(url)
    written.put(None)
    go.wait()
    began = time.monotonic()
    for number in range(start, start + count):
        time.sleep(max(0.0, began + (number - start) / rate - time.monotonic()))
        write(archive, number)
        committed[number] = time.monotonic()
    archive.close()
    written.put(committed)


def write(archive: Archive, number: int) -> None:
    """One alert, by the code that runs live."""
    now = datetime.now(UTC)
    text = f"A convoy left Khanasser, alert number {number} here. " + " ".join(f"w{number}x{at}" for at in range(40))
    enriched = an_enriched(f"n{number}", title=f"alert number {number} here", text=text, first_seen=now, published=now)
    poll_in(archive, enriched.article, at=now)
    record_article(archive, enriched, [a_hit(enriched)], {"road": Watch.model_validate(ROAD)}, [], now)


async def read(session: aiohttp.ClientSession, base: str, told: Told, name: str) -> None:
    """Read the stream of alerts."""
    async with session.get(f"{base}/api/v1/stream") as answer:
        assert answer.status == 200, await answer.text()
        async for line in answer.content:
            if line.startswith(b"data:"):
                told.hear(name, line.decode())


@contextlib.asynccontextmanager
async def looking(session: aiohttp.ClientSession, base: str, told: Told, name: str) -> AsyncIterator[None]:
    """Open the page as a browser does: the document, then its WebSocket and all that it is sent."""
    async with session.get(base + "/") as answer:
        document = html.unescape(await answer.text())
    found = re.search(r"\bquery: \{(.*?)\}", document)
    assert found is not None, "the page does not say how to connect"
    query = dict(re.findall(r"""["'](\w+)["']: ["']?([\w-]+)""", found[1]))
    client = socketio.AsyncClient(reconnection=False)
    client.on("*", lambda _event, data=None: told.hear(name, json.dumps(data, ensure_ascii=False)))
    query |= {"tab_id": name, "document_id": name, "implicit_handshake": "true", "old_tab_id": ""}
    address = f"{base}/?{'&'.join(f'{key}={value}' for key, value in query.items())}"
    await client.connect(address, transports=["websocket"], socketio_path="/_nicegui_ws/socket.io", wait_timeout=30)
    try:
        yield
    finally:
        await client.disconnect()


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))

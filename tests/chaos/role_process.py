"""A role as a process of its own, looked after as an orchestrator does: started again when it ends unasked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import psutil
from ruamel.yaml import YAML

from newswatch.roles.runner import SUPERVISOR_VARIABLE

_PAUSE_SECONDS = 0.5
_READY_SECONDS = 120.0


class NeverReady(Exception):
    """A role did not become ready; the message holds the end of its log."""


class RoleProcess:
    """`newswatch ROLE` with settings and a data directory of its own, restarted whenever it ends unasked."""

    def __init__(
        self,
        role: str,
        name: str,
        directory: Path,
        settings: Mapping[str, object],
        *,
        listen: str,
        under: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`listen` is its own `host:port`; `under` executes what follows it, such as `ip netns exec NAME`."""
        self.role = role
        self.name = name
        self._listen = listen
        self._under = list(under)
        # whatever ends us ends it too
        self._environment = {**os.environ, SUPERVISOR_VARIABLE: str(os.getpid()), **(environment or {})}
        directory.mkdir(parents=True, exist_ok=True)
        self.log = directory / f"{name}.log"
        self._config = directory / f"{name}.yaml"
        own = {
            "data_dir": f"data-{name}",
            "web": {"listen": listen, "metrics": {} if role == "web" else {role: listen}},
        }
        with self._config.open("w") as file:
            YAML().dump({**settings, **own}, file)
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._wanted = False
        self.ends: list[int] = []
        """Exit codes, the newest last; negative for a signal."""

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it; it is ready some time after."""
        self._wanted = True
        await self._launch()
        self._keeper = asyncio.create_task(self._keep())

    async def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*self._under, sys.executable, "-m", "newswatch", self.role, "--config", str(self._config)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    async def _keep(self) -> None:
        while self._wanted:
            assert self._process is not None
            self.ends.append(await self._process.wait())
            await asyncio.sleep(_PAUSE_SECONDS)
            if self._wanted:
                await self._launch()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def kill(self) -> None:
        """SIGKILL; it comes back by itself."""
        process = self._process
        self.send(signal.SIGKILL)
        if process is not None:
            await process.wait()

    async def stop(self, seconds: float = 15.0) -> int:
        """SIGTERM, for good; its exit code."""
        self._wanted = False
        if self._keeper is not None:
            self._keeper.cancel()
        process = self._process
        if process is None:
            return 0
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(process.wait(), seconds)
        except TimeoutError:
            self.send(signal.SIGKILL)
            await process.wait()
            return -signal.SIGKILL

    async def is_ready(self) -> bool:
        """Whether it says that it does its work."""
        try:
            timeout = aiohttp.ClientTimeout(total=3)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://{self._listen}/readyz") as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def until_ready(self, seconds: float = _READY_SECONDS) -> float:
        """Wait until it is ready; when that was. Raises NeverReady."""
        deadline = time.monotonic() + seconds
        while not await self.is_ready():
            if time.monotonic() > deadline:
                raise NeverReady(f"{self.name} was not ready within {seconds:g} s (ends: {self.ends})\n{self.words()}")
            await asyncio.sleep(0.1)
        return time.monotonic()

    def words(self) -> str:
        """The end of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-25:])
        return "(no log)"

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        if self.pid is None:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.pid)
            return [parent, *parent.children(recursive=True)]
        return []

"""Running every role as a process: started in order, started again when one ends unasked, ended together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from newswatch import systemd
from newswatch.roles.runner import EXIT_NEEDS_A_PERSON, SUPERVISOR_VARIABLE
from newswatch.settings import Settings
from streams.archive import facts
from streams.archive.engine import Archive
from streams.errors import BrokerUnavailable

log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_STOP_SECONDS = 9.0
_BROKER_SECONDS = 30.0
_BROKER_STOP_SECONDS = 1.5


def pause_before_restart(failures: int) -> float:
    """Seconds to wait after so many ends in a row (1 or more): doubling, up to half a minute."""
    doublings = min(failures - 1, 10)  # without a bound the power itself would be too large one day
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0**doublings)


@dataclass(slots=True)
class _Child:
    role: str
    process: asyncio.subprocess.Process | None = None
    keeper: asyncio.Task[None] | None = None
    restarts: int = 0
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Runs the roles of one machine; `start`, then `stop`, once each.

    `logs` is a directory for one log file a role, None for this process's own standard error. Roles end with this
    process, even when it is killed.
    """

    def __init__(self, settings: Settings, config: Path, archive: Archive, *, logs: Path | None = None) -> None:
        self._embedded = settings.kafka.bootstrap == "embedded"
        self._config = config
        self._archive = archive
        self._logs = logs
        names = ("broker", "work", "poll", "notify", "web") if self._embedded else ("work", "poll", "notify", "web")
        self._children = [_Child(role) for role in names]
        self._stopping = False
        self.given_up = asyncio.Event()
        """Set when a role cannot start until a person acts; its own last line says why."""

    def pids(self) -> dict[str, int]:
        """The process ids of the roles that run."""
        return {child.role: child.process.pid for child in self._children if child.process is not None}

    def restarts(self) -> dict[str, int]:
        """How often each role was started again."""
        return {child.role: child.restarts for child in self._children}

    async def start(self) -> None:
        """Start every role, the embedded broker first; raises BrokerUnavailable when it does not come up."""
        before = await asyncio.to_thread(self._broker_run)
        for child in self._children:
            await self._launch(child)
            child.keeper = asyncio.create_task(self._keep(child))
            if child.role == "broker":
                await self._broker_ready(before)
                if self.given_up.is_set():
                    return

    def reload(self) -> None:
        """Have every role read the settings file again: watches and feeds are taken over, other changes checked."""
        for child in self._children:
            if child.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGHUP)

    async def stop(self) -> None:
        """End every role within 10 s: the broker last, so that the others can finish what they hold."""
        self._stopping = True
        for child in self._children:
            if child.keeper is not None:
                child.keeper.cancel()
        others = [child for child in self._children if child.role != "broker"]
        broker = [child for child in self._children if child.role == "broker"]
        await _end([child.process for child in others if child.process], _STOP_SECONDS - _BROKER_STOP_SECONDS)
        await _end([child.process for child in broker if child.process], _BROKER_STOP_SECONDS)

    async def _launch(self, child: _Child) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in systemd.VARIABLES}
        environment = {**inherited, SUPERVISOR_VARIABLE: str(os.getpid())}
        output = None
        if self._logs is not None:
            self._logs.mkdir(parents=True, exist_ok=True)
            output = (self._logs / f"{child.role}.log").open("ab")
        try:
            child.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "newswatch",
                child.role,
                "--config",
                str(self._config),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,  # Ctrl-C in a terminal is for us; we end them in order
            )
        finally:
            if output is not None:
                output.close()
        child.started = time.monotonic()

    async def _keep(self, child: _Child) -> None:
        failures = 0
        while child.process is not None:
            code = await child.process.wait()
            if self._stopping:
                return
            steady = time.monotonic() - child.started > _STEADY_SECONDS
            if code == EXIT_NEEDS_A_PERSON and child.restarts == 0 and not steady:
                log.critical("%s cannot start; the line above says why", child.role)
                self.given_up.set()
                return
            failures = 1 if steady else failures + 1
            pause = pause_before_restart(failures)
            log.warning("%s ended unasked (%s); starting it again in %g s", child.role, _why(code), pause)
            child.restarts += 1
            await self._launch_again(child, pause)

    async def _launch_again(self, child: _Child, pause: float) -> None:
        while True:
            await asyncio.sleep(pause)
            try:
                await self._launch(child)
            except OSError as error:  # no memory, no process, no disk for the log: for now
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
                log.warning("%s cannot be started: %s; trying again in %g s", child.role, error, pause)
            else:
                return

    async def _broker_ready(self, before: str | None) -> None:
        deadline = time.monotonic() + _BROKER_SECONDS
        while await asyncio.to_thread(self._broker_run) == before:
            if time.monotonic() > deadline:
                await self.stop()
                raise BrokerUnavailable("the embedded broker did not come up; its log says why")
            if self.given_up.is_set():
                return
            await asyncio.sleep(0.1)

    def _broker_run(self) -> str | None:
        with self._archive.read() as connection:
            return facts.told(connection, facts.BROKER_RUN)


async def _end(processes: list[asyncio.subprocess.Process], seconds: float) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    waiting = [asyncio.create_task(process.wait()) for process in processes]
    if not waiting:
        return
    _, late = await asyncio.wait(waiting, timeout=seconds)
    if late:
        for process in processes:
            if process.returncode is None:
                log.warning("process %d did not end in time and is killed", process.pid)
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        await asyncio.wait(waiting)


def _why(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"

"""What is done to a running cluster: kills, standstills, a full disk, a cut cable, a clock that jumps."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster import Cluster
from other_machine import OtherMachine, SmallDisk


@dataclass(frozen=True, slots=True)
class Lengths:
    """Seconds that each blow lasts; `clock` is how far the clock jumps, there and back."""

    stop: float = 30.0
    cut: float = 40.0
    disk: float = 10.0
    clock: float = 90.0


@dataclass(frozen=True, slots=True)
class Blow:
    """One that was dealt: what, to whom, and from when until what was hit was back (`time.monotonic`)."""

    what: str
    at: float
    back: float


class FakeClock:
    """The clock of the processes that are started with `environment`: its offset stands in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    @property
    def environment(self) -> Mapping[str, str]:
        """For a process that is to live by this clock."""
        here = str(Path(__file__).parent / "jumping")
        path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH", "")]))
        return {"PYTHONPATH": path, "NEWSWATCH_TEST_CLOCK": str(self._file)}

    def set(self, seconds: float) -> None:
        """Put it forward or back against the true time; processes see it at once."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+.0f}\n")
        beside.replace(self._file)


class Blows:
    """Deals them one at a time; the brokers, the database and the roles of a cluster are its victims."""

    def __init__(
        self,
        cluster: Cluster,
        chance: random.Random,
        lengths: Lengths,
        machine: OtherMachine | None,
        disk: SmallDisk | None,
        clock: FakeClock | None,
    ) -> None:
        self._cluster = cluster
        self._chance = chance
        self._lengths = lengths
        self._machine = machine
        self._disk = disk
        self._clock = clock
        self.dealt: list[Blow] = []

    def plan(self, kills: int) -> list[Callable[[], Awaitable[None]]]:
        """So many kills, each kind of victim at least once, and every other blow once, in an order drawn by chance."""
        kinds = ["poll", "work", "notify", "broker", "database"]
        drawn = kinds[:kills] + [self._chance.choice(kinds) for _ in range(kills - len(kinds))]
        blows: list[Callable[[], Awaitable[None]]] = [self._kill_of(kind) for kind in drawn]
        if self._lengths.stop:
            blows.append(self._stop_of(self._chance.choice(["poll", "work", "notify", "broker"])))
        if self._machine is not None and self._lengths.cut:
            blows.append(self._cut)
        if self._disk is not None and self._lengths.disk:
            blows.append(self._full)
        if self._clock is not None and self._lengths.clock:
            blows.append(self._jump)
        self._chance.shuffle(blows)
        return blows

    def _kill_of(self, kind: str) -> Callable[[], Awaitable[None]]:
        pick, pause = self._chance.random(), self._chance.uniform(0.5, 3.0)

        async def kill() -> None:
            at = time.monotonic()
            if kind == "broker":
                node = 1 + int(3 * pick)
                await asyncio.to_thread(self._cluster.kafka.kill, node)
                await asyncio.sleep(pause)
                await asyncio.to_thread(self._cluster.kafka.restart, node)
                self._note(f"kill broker {node}", at)
            elif kind == "database":
                await asyncio.to_thread(self._cluster.postgres.kill)
                await asyncio.sleep(pause)
                await asyncio.to_thread(self._cluster.postgres.start)
                self._note("kill database", at)
            else:
                role = self._one_of(kind, pick)
                await self._cluster.roles[role].kill()
                await self._cluster.roles[role].until_ready()
                self._note(f"kill {role}", at)

        return kill

    def _stop_of(self, kind: str) -> Callable[[], Awaitable[None]]:
        pick = self._chance.random()

        async def stop() -> None:
            at = time.monotonic()
            node = 1 + int(3 * pick)
            name = f"broker {node}" if kind == "broker" else self._one_of(kind, pick)
            pid = self._cluster.kafka.pid(node) if kind == "broker" else self._cluster.roles[name].pid
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(self._lengths.stop)
            os.kill(pid, signal.SIGCONT)
            self._note(f"stop {name}", at)

        return stop

    async def _cut(self) -> None:
        assert self._machine is not None
        at = time.monotonic()
        self._machine.cut()
        await asyncio.sleep(self._lengths.cut)
        self._machine.mend()
        self._note("cut the cable", at)

    async def _full(self) -> None:
        assert self._disk is not None
        at = time.monotonic()
        await asyncio.to_thread(self._disk.fill)
        await asyncio.sleep(self._lengths.disk)
        self._disk.empty()
        while not self._cluster.postgres.alive or not await asyncio.to_thread(self._answers):
            if not self._cluster.postgres.alive:  # it cannot write its log, and ends: an orchestrator starts it again
                await asyncio.to_thread(self._cluster.postgres.start)
        self._note("fill the disk", at)

    def _answers(self) -> bool:
        try:
            self._cluster.postgres.connect().close()
        except Exception:  # whatever it is: not yet
            time.sleep(0.2)
            return False
        return True

    async def _jump(self) -> None:
        assert self._clock is not None
        at = time.monotonic()
        self._clock.set(self._chance.choice([-1, 1]) * self._lengths.clock)
        await asyncio.sleep(20)
        self._clock.set(0)
        self._note("jump of the clock", at)

    def _one_of(self, role: str, pick: float) -> str:
        names = [name for name, one in self._cluster.roles.items() if one.role == role]
        return names[int(pick * len(names))]

    def _note(self, what: str, at: float) -> None:
        self.dealt.append(Blow(what, at, time.monotonic()))

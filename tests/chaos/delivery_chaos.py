"""Alerts to endpoints that fail in every way while worker, notifier and database are killed at random.

Run as a program for the whole (`make chaos-deliveries`); a short form is among the tests. The notifiers' clock runs
faster than the wall's, so that the pauses of hours pass in the run's time; latencies are the wall's.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.path += [str(Path(__file__).resolve().parents[1] / room) for room in (".", "chaos", "postgres", "kafka")]

import program
from delivery_processes import REVISED_EVERY, steps
from delivery_progress import Progress
from delivery_receivers import GONE, HEALTHY, MANNERS, Receivers, served
from real_postgres import PASSWORD, PostgresUnavailable, RealPostgres
from sqlalchemy import func, make_url, select

from streams.archive import deliveries
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import alerts
from streams.archive.schema import deliveries as table
from streams.clock import utc_now
from streams.errors import ArchiveUnavailable

_LEFT_ALONE_SECONDS = 20.0
_PROCESSES = Path(__file__).with_name("delivery_processes.py")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, and how it is shaken; the same seed draws the same."""

    alerts: int = 10_000
    endpoints: int = 50
    endpoints_each: int = 2
    """How many of them each alert goes to."""
    kills: int = 20
    a_second: float = 40.0
    faster: float = 20.0
    seed: int = 20260302
    patience_seconds: float = 900.0
    """Without anything new at a healthy endpoint, and for what is owed when all is told there: then it is given up."""


@dataclass
class Outcome:
    """What was found in the end; `faults` is empty where all held."""

    deliveries: int = 0
    attempts: int = 0
    repeats: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds from an alert's revision to its arrival, at healthy endpoints."""
    net: list[float] = field(default_factory=list)
    """The same less what was killed meanwhile and not ready again yet."""
    outages: list[tuple[float, float]] = field(default_factory=list)
    """From each kill until what was killed was ready again, in seconds since 1970."""
    faults: list[str] = field(default_factory=list)

    def floor(self) -> float:
        """Seconds that starting a killed process took in the middle of this run: how quick this machine was."""
        return statistics.median(until - since for since, until in self.outages)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {many} times" for name, many in sorted(self.killed.items()))
        return (
            f"{self.deliveries} deliveries in {self.attempts} attempts, {self.repeats} repeats under their own ids; "
            f"killed: {killed}\nhealthy endpoints, from alert to arrival: p50 {share(self.latencies, 0.5):.2f} s, "
            f"p99 {share(self.latencies, 0.99):.2f} s, worst {max(self.latencies):.2f} s; without the outages p99 "
            f"{share(self.net, 0.99):.2f} s\nback after a kill: {self.floor():.2f} s in the middle, "
            f"{max(until - since for since, until in self.outages):.2f} s at worst"
        )


def share(seconds: list[float], part: float) -> float:
    """What such a part of them keeps within."""
    return sorted(seconds)[min(len(seconds) - 1, int(part * len(seconds)))]


async def shake(plan: Plan, archive_url: str, postgres: RealPostgres | None = None) -> Outcome:
    """Run it; what became of it. `postgres` is the archive's server, which is killed too."""
    program.begin(plan)
    chance = random.Random(plan.seed)
    archive = await asyncio.to_thread(open_archive, archive_url)
    receivers, outcome = Receivers(random.Random(plan.seed + 1)), Outcome()
    names = [f"{MANNERS[number % len(MANNERS)]}-{number}" for number in range(plan.endpoints)]
    watches = {f"w{number}": chance.sample(names, plan.endpoints_each) for number in range(max(20, plan.alerts // 20))}
    async with served(receivers) as base:
        given = {"alerts": plan.alerts, "watches": watches, "a_second": plan.a_second, "faster": plan.faster}
        given |= {"endpoints": {name: f"{base}/{name}" for name in names}, "begun": time.time()}
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(given, file)
            file.flush()
            shaken = _Shaken(archive_url, file.name, outcome)
            try:
                await shaken.start("notifier")
                await shaken.start("worker")
                progress = Progress(receivers, _healthy_deliveries(plan, watches), plan.patience_seconds)
                await _kill(plan, chance, shaken, postgres, progress)
                receivers.healed = True
                await progress.reach(1.0)
                await asyncio.wait_for(shaken.programs["worker"].wait(), plan.patience_seconds)
                await asyncio.wait_for(_all_settled(archive, names), plan.patience_seconds)
            except TimeoutError:
                outcome.faults.append(f"nothing new was told for {plan.patience_seconds:g} s, and not all was")
            finally:
                await shaken.end()
    await asyncio.to_thread(_judge, archive, plan, watches, receivers, outcome)
    archive.close()
    return outcome


async def _kill(
    plan: Plan, chance: random.Random, shaken: _Shaken, postgres: RealPostgres | None, progress: Progress
) -> None:
    """Kill one or another at random all along the work, however quick the machine is with it."""
    marks = sorted(chance.uniform(0.02, 0.95) for _ in range(plan.kills))
    for number, mark in enumerate(marks):
        await progress.reach(mark)
        victims = ["notifier", "database", "worker"] if postgres else ["notifier", "worker"]
        victim = victims[number] if number < len(victims) else chance.choice([*victims, "notifier"])
        shaken.outcome.killed[victim] += 1
        at = time.time()
        if victim == "database" and postgres is not None:
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
        else:
            await shaken.kill(victim)
            await shaken.start(victim)
        shaken.outcome.outages.append((at, time.time()))


def _healthy_deliveries(plan: Plan, watches: dict[str, list[str]]) -> int:
    names = list(watches)
    told = [names[number % len(names)] for number, _ in steps(plan.alerts)]
    return sum(endpoint.startswith(HEALTHY) for watch in told for endpoint in watches[watch])


class _Shaken:
    """The processes that are killed and started again."""

    def __init__(self, url: str, plan: str, outcome: Outcome) -> None:
        self._url = url
        self._plan = plan
        self.outcome = outcome
        self.programs: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, role: str) -> None:
        """Start one and wait until it says that it works."""
        program = [sys.executable, str(_PROCESSES), role, self._url, self._plan]
        process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
        self.programs[role] = process
        assert process.stdout is not None
        said = await process.stdout.readline()
        if said.strip() != b"ready":
            self.outcome.faults.append(f"the {role} did not start: {said!r}")

    async def kill(self, role: str) -> None:
        """SIGKILL."""
        process = self.programs[role]
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        elif process.returncode != 0:
            self.outcome.faults.append(f"the {role} ended by itself with code {process.returncode}")
        await process.wait()

    async def end(self) -> None:
        """End them all."""
        for role in self.programs:
            await self.kill(role)


async def _all_settled(archive: Archive, endpoints: list[str]) -> None:
    """Wait for it. What waits for hours by now is recovered as a person would, once the endpoints work again."""
    until = time.monotonic() + _LEFT_ALONE_SECONDS
    while await asyncio.to_thread(_pending, archive):
        await asyncio.sleep(0.5)
        if time.monotonic() > until:
            await asyncio.to_thread(_recover, archive, endpoints)
            until = time.monotonic() + _LEFT_ALONE_SECONDS


def _recover(archive: Archive, endpoints: list[str]) -> None:
    with archive.begin() as connection:
        for endpoint in endpoints:
            deliveries.hasten(connection, endpoint, utc_now())


def _pending(archive: Archive) -> int:
    counted = select(func.count()).select_from(table).where(table.c.state == "pending")
    try:
        with archive.read() as connection:
            return int(connection.execute(counted).scalar_one())
    except ArchiveUnavailable:
        return 1


def _judge(archive: Archive, plan: Plan, watches: dict[str, list[str]], receivers: Receivers, outcome: Outcome) -> None:
    with archive.read() as connection:
        rows = connection.execute(select(table)).all()
        told = connection.execute(select(alerts.c.id, alerts.c.revision, alerts.c.watch)).all()
    owed = {(endpoint, one.id, revision) for one in told for endpoint in watches[one.watch]
            for revision in range(1, one.revision + 1)}  # fmt: skip
    revised = -(-plan.alerts // REVISED_EVERY)
    _expect(outcome, len(told) == plan.alerts, f"{len(told)} alerts of {plan.alerts}")
    _expect(outcome, sum(one.revision == 2 for one in told) == revised, "revisions are missing")
    _expect(outcome, owed == {(row.endpoint, row.alert, row.alert_revision) for row in rows}, "owed to the wrong ones")
    ids: dict[tuple[str, str, int], set[str]] = {}
    firsts: dict[tuple[str, str, int], int] = {}
    for name, taken in receivers.taken.items():
        for at, one in enumerate(taken):
            key = (name, one.alert, one.revision)
            ids.setdefault(key, set()).add(one.delivery)
            if key not in firsts and name.startswith(HEALTHY):
                told_at = datetime.fromisoformat(one.told_at).timestamp()
                down = sum(max(0.0, min(one.at, until) - max(told_at, since)) for since, until in outcome.outages)
                outcome.latencies.append(one.at - told_at)
                outcome.net.append(one.at - told_at - down)
            firsts.setdefault(key, at)
    for row in rows:
        key = (row.endpoint, row.alert, row.alert_revision)
        gone = row.endpoint.startswith(GONE)
        _expect(outcome, row.state == ("exhausted" if gone else "delivered"), f"{key} is {row.state}: {row.error}")
        _expect(outcome, ids.get(key, set()) == (set() if gone else {row.id}), f"{key} came as {ids.get(key)}")
        if row.alert_revision == 2 and not gone:
            before = firsts.get((row.endpoint, row.alert, 1), sys.maxsize)
            _expect(outcome, before < firsts.get(key, -1), f"{key} came before its first revision")
    _expect(outcome, not (set(ids) - owed), "what is not owed was delivered")
    outcome.deliveries, outcome.attempts = len(rows), sum(row.attempts for row in rows)
    delivered = sum(row.state == "delivered" for row in rows)
    outcome.repeats = sum(map(len, receivers.taken.values())) - delivered
    _expect(outcome, receivers.failures > plan.alerts / 10, "the endpoints hardly failed: this proves nothing")


def _expect(outcome: Outcome, held: bool, else_: str) -> None:
    if not held:
        outcome.faults.append(else_)


def fresh(server: RealPostgres) -> str:
    """The address of a new database, its password in it."""
    return make_url(server.fresh("chaos")).set(password=PASSWORD).render_as_string(hide_password=False)


def main() -> int:
    """The whole; exit code 1 where anything was lost, told under two ids or out of order."""
    parser = program.options(__doc__, Plan(), "alerts", "endpoints", "endpoints_each", "kills", "seed", "a_second")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    given = vars(parser.parse_args())
    database = given.pop("database")
    plan = Plan(**given)
    if database == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(shake(plan, f"sqlite:///{folder}/archive.sqlite"))
    else:
        try:
            with RealPostgres() as server:
                outcome = asyncio.run(shake(plan, fresh(server), server))
        except PostgresUnavailable as error:
            print(f"{error}; or --database sqlite", file=sys.stderr)
            return 2
    return program.end(outcome)


if __name__ == "__main__":
    sys.exit(main())

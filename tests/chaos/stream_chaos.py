"""The whole stream on three brokers and PostgreSQL while everything is killed, stopped, cut off and filled up.

Run as a program for the whole (`make chaos`); a short form is among the tests. The same seed deals the same blows at
the same articles.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.path += [str(Path(__file__).resolve().parents[1] / room) for room in (".", "chaos", "postgres", "kafka")]

import program
from blows import Blow, Blows, FakeClock, Lengths
from cluster import Cluster, started
from kafka_jars import KafkaUnavailable
from other_machine import NotPermitted, OtherMachine, SmallDisk
from real_postgres import PostgresUnavailable
from road_news import Newsroom
from sqlalchemy import func, select

from streams.archive.schema import alerts, dead
from streams.errors import ArchiveUnavailable

_FIRST = 20
"""Articles that come before anything is done, so that every part has begun."""
_GAP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, and how it is shaken."""

    articles: int = 10_000
    a_second: float = 15.0
    kills: int = 20
    feeds: int = 8
    every_seconds: float = 4.0
    seed: int = 20260301
    lengths: Lengths = field(default_factory=Lengths)
    patience_seconds: float = 300.0


@dataclass
class Outcome:
    """What was found in the end; `faults` is empty where all held."""

    blows: list[Blow] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    """For each blow the seconds from when what was hit was back until an article was done, or the next blow fell."""
    seconds: list[float] = field(default_factory=list)
    """From an article's appearance to its alert's delivery."""
    repeats: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """Roles that ended by themselves, with their exit code."""
    not_shaken: list[str] = field(default_factory=list)
    """What could not be done here, and why."""
    took: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{one.what:20} back after {one.back - one.at:5.1f} s, work stood still for {gap:5.2f} s more"
            for one, gap in zip(self.blows, self.gaps, strict=True)
        ]
        spread = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        lines.append(
            f"{len(self.seconds)} alerts, {self.repeats} deliveries repeated under their own id; from feed to desk "
            f"p50 {spread[49]:.2f} s, p99 {spread[98]:.2f} s; worst gap {max(self.gaps, default=0.0):.2f} s; "
            f"{self.took:.0f} s in all"
        )
        lines += [f"ended by itself: {what}, {many} times" for what, many in sorted(self.ends.items())]
        lines += [f"NOT SHAKEN: {one}" for one in self.not_shaken]
        return "\n".join(lines)


async def shake(plan: Plan, directory: Path) -> Outcome:
    """Run it; what became of it."""
    program.begin(plan)
    outcome, began = Outcome(), time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        machine = disk = None
        try:
            machine = stack.enter_context(OtherMachine())
            disk = stack.enter_context(SmallDisk(directory / "disk", 1024)) if plan.lengths.disk else None
        except NotPermitted as error:
            outcome.not_shaken.append(str(error))
        clock = FakeClock(directory / "clock") if plan.lengths.clock else None
        newsroom = await stack.enter_async_context(Newsroom(plan.feeds).open())
        sections = newsroom.settings(plan.every_seconds)
        host = machine.here if machine else "127.0.0.1"
        cluster = await stack.enter_async_context(
            started(directory, sections, host=host, disk=disk.path if disk else None)
        )
        chance = random.Random(plan.seed)
        blows = Blows(cluster, chance, plan.lengths, machine, disk, clock)
        output = _Output(cluster, newsroom)
        watching = asyncio.create_task(output.watch())
        try:
            faked = clock.environment if clock else {}
            await cluster.add("work", "work-away", machine, faked)
            await cluster.roles["work-away"].until_ready()
            for role, name in (("work", "work-here"), ("poll", "poll-1"), ("poll", "poll-2"), ("notify", "notify-2")):
                await cluster.add(role, name)
            await cluster.add("notify", "notify-1", None, faked)
            await asyncio.gather(*(one.until_ready() for one in cluster.roles.values()))
            await _news_and_blows(plan, chance, newsroom, cluster, blows, output)
            if not await cluster.all_done(len(newsroom.appeared), plan.patience_seconds):
                outcome.faults.append(
                    f"{cluster.counts()} articles and done ones, {plan.patience_seconds:g} s after all"
                )
            await _all_told(newsroom, 60.0)
            _judge(newsroom, cluster, blows, output, outcome)
        except BaseException:
            for role in cluster.roles.values():
                print(f"--- {role.name} (ends {role.ends})\n{role.words()}", file=sys.stderr)
            raise
        finally:
            watching.cancel()
            for role in cluster.roles.values():
                outcome.ends.update(f"{role.name} with {code}" for code in role.ends if code not in (-9,))
    outcome.took = time.monotonic() - began
    return outcome


async def _news_and_blows(
    plan: Plan, chance: random.Random, newsroom: Newsroom, cluster: Cluster, blows: Blows, output: _Output
) -> None:
    """Articles at their pace, and each blow when its article has appeared and the one before is over."""
    dealt = blows.plan(plan.kills)
    marks = sorted(chance.uniform(0.02, 0.95) * plan.articles for _ in dealt)
    over = asyncio.Event()
    publishing = asyncio.create_task(_publish(plan, newsroom, cluster, over))
    for mark, blow in zip(marks, dealt, strict=True):
        while len(newsroom.appeared) < max(_FIRST, mark):
            await asyncio.sleep(0.05)
        await blow()
        print(f"{blows.dealt[-1].what} after {mark:.0f} articles, done {output.done}", file=sys.stderr, flush=True)
    over.set()
    await publishing


async def _publish(plan: Plan, newsroom: Newsroom, cluster: Cluster, over: asyncio.Event) -> None:
    """So many articles, and on from there as long as blows are dealt."""
    for _ in range(_FIRST):
        newsroom.write()
    if not await cluster.all_done(_FIRST, 120):
        raise AssertionError("the first articles were not done within two minutes")
    began, number = time.monotonic(), 0
    while number < plan.articles - _FIRST or not over.is_set():
        await asyncio.sleep(max(0.0, began + number / plan.a_second - time.monotonic()))
        newsroom.write()
        number += 1


class _Output:
    """When how many articles had appeared and how many were done, seen from outside."""

    def __init__(self, cluster: Cluster, newsroom: Newsroom) -> None:
        self._cluster = cluster
        self._newsroom = newsroom
        self.seen: list[tuple[float, int, int]] = []

    @property
    def done(self) -> int:
        """Articles done when it was last looked."""
        return self.seen[-1][2] if self.seen else 0

    async def watch(self) -> None:
        """Look four times a second until cancelled."""
        while True:
            with contextlib.suppress(ArchiveUnavailable):
                _, done = await asyncio.to_thread(self._cluster.counts)
                self.seen.append((time.monotonic(), len(self._newsroom.appeared), done))
            await asyncio.sleep(0.25)

    def gap_after(self, moment: float) -> float:
        """Seconds from a moment until one more article was done; none where nothing waited."""
        before = max((done for at, _, done in self.seen if at <= moment), default=0)
        for at, appeared, done in self.seen:
            if at > moment and done > before:
                return at - moment
            if at > moment and appeared <= before:
                moment = at  # there is nothing to do yet
        return time.monotonic() - moment if self.seen and self.seen[-1][1] > before else 0.0


async def _all_told(newsroom: Newsroom, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while newsroom.expected() - newsroom.told.keys():
                await asyncio.sleep(0.2)


def _judge(newsroom: Newsroom, cluster: Cluster, blows: Blows, output: _Output, outcome: Outcome) -> None:
    outcome.blows = blows.dealt
    ends = [*(one.at for one in blows.dealt[1:]), math.inf]  # what the next one holds up is its own gap
    outcome.gaps = [min(output.gap_after(one.back), end - one.back) for one, end in zip(blows.dealt, ends, strict=True)]
    outcome.seconds = newsroom.seconds_to_alert()
    outcome.repeats = newsroom.repeats()
    outcome.faults += newsroom.faults()
    with cluster.archive.read() as connection:
        opened = connection.execute(select(func.count()).select_from(alerts)).scalar_one()
        lost = connection.execute(select(dead.c.step, dead.c.error)).all()
    if opened != len(newsroom.expected()):
        outcome.faults.append(f"{opened} alerts in the archive instead of {len(newsroom.expected())}")
    outcome.faults += [f"dead: {row.step}: {row.error}" for row in lost[:5]]
    slowest = max((one.back - one.at for one in blows.dealt if one.what.startswith("kill work")), default=0.0)
    bound = max(_GAP_SECONDS, slowest)  # on a machine where a worker starts in less than that it is that
    for one, gap in zip(outcome.blows, outcome.gaps, strict=True):
        if gap > bound:
            outcome.faults.append(f"{one.what}: nothing was done for {gap:.1f} s after it was back")
    if outcome.not_shaken:
        outcome.faults += outcome.not_shaken


def main() -> int:
    """The whole; exit code 1 where anything was lost, told twice or stood still too long, 2 where it cannot run."""
    given = vars(program.options(__doc__, Plan(), "articles", "kills", "seed", "a_second").parse_args())
    try:
        with tempfile.TemporaryDirectory(prefix="newswatch-chaos-") as directory:
            Path(directory).chmod(0o755)
            outcome = asyncio.run(shake(Plan(**given), Path(directory)))
    except (PostgresUnavailable, KafkaUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    return program.end(outcome)


if __name__ == "__main__":
    sys.exit(main())

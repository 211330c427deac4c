"""Hours of steady news: memory and open files of every process stay flat, and nothing is left behind (`make soak`)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.path += [str(Path(__file__).resolve().parents[1] / room) for room in (".", "chaos", "postgres", "kafka")]

import psutil
from cluster import Cluster, started
from kafka_jars import KafkaUnavailable
from real_postgres import PostgresUnavailable
from road_news import Newsroom
from soak_graph import draw

ROLES = ("work", "poll", "notify", "web")
_LOOK_SECONDS = 5.0
_WARM_UP = 0.35
"""The share of the time in which caches fill: nothing is judged by it."""
_GROWTH = 0.05
_GROWTH_MEGABYTES = 12.0
_MORE_FILES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and how much."""

    minutes: float = 120.0
    a_second: float = 20.0


@dataclass
class Outcome:
    """What was seen; `faults` is empty where all held."""

    articles: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """Of each process by name (`work`, `work: 2 children`) its minutes since the start and its own megabytes."""
    files: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    """The same with open files."""
    done: list[tuple[float, float]] = field(default_factory=list)
    """Minutes since the start, and articles done by then."""
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = []
        for name, points in sorted(self.memory.items()):
            early, late = halves(points)
            files = [value for _, value in self.files[name]]
            lines.append(f"{name:20} {early:7.1f} MB, later {late:7.1f} MB; {min(files):.0f} to {max(files):.0f} files")
        spread = statistics.quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [0.0] * 99
        lines.append(f"{self.articles} articles; from feed to desk p50 {spread[49]:.2f} s, p99 {spread[98]:.2f} s")
        return "\n".join(lines)


def halves(points: list[tuple[float, float]]) -> tuple[float, float]:
    """The middle value of each half of what comes after the warm-up."""
    later = [value for _, value in points[int(_WARM_UP * len(points)) :]]
    half = max(1, len(later) // 2)
    return statistics.median(later[:half]), statistics.median(later[half:] or later)


async def soak(plan: Plan, directory: Path) -> Outcome:
    """Run it; what became of it."""
    outcome = Outcome()
    newsroom = Newsroom(feeds=8, listed_seconds=120.0)
    family: dict[int, psutil.Process] = {}
    async with newsroom.open(), started(directory, newsroom.settings(5.0), brokers=1) as cluster:
        for role in ROLES:
            await cluster.add(role, role)
        await asyncio.gather(*(one.until_ready() for one in cluster.roles.values()))
        began = time.monotonic()
        publishing = asyncio.create_task(_publish(plan, newsroom))
        while not publishing.done():
            await asyncio.wait({publishing}, timeout=_LOOK_SECONDS)
            minutes = (time.monotonic() - began) / 60
            known = await asyncio.to_thread(_look, cluster, minutes, outcome)
            family |= {process.pid: process for process in known}
            await asyncio.gather(*(one.is_ready() for one in cluster.roles.values()))  # as probes do all day
            outcome.done.append((minutes, float((await asyncio.to_thread(cluster.counts))[1])))
        await publishing
        if not await cluster.all_done(len(newsroom.appeared), 120):
            outcome.faults.append(f"of {len(newsroom.appeared)} articles {cluster.counts()[1]} are done")
        with contextlib.suppress(TimeoutError):  # what is lost is told below
            async with asyncio.timeout(60):
                while newsroom.expected() - newsroom.told.keys():
                    await asyncio.sleep(0.2)
        outcome.faults += [f"{name} ended by itself: {one.ends}" for name, one in cluster.roles.items() if one.ends]
        codes = await cluster.end()
        outcome.faults += [f"{name} ended with {code}" for name, code in codes.items() if code]
    _, left = await asyncio.to_thread(psutil.wait_procs, list(family.values()), 5)
    outcome.faults += [f"left behind: {process}" for process in left]
    outcome.articles, outcome.seconds = len(newsroom.appeared), newsroom.seconds_to_alert()
    outcome.faults += newsroom.faults()
    outcome.faults += verdict(outcome)
    return outcome


async def _publish(plan: Plan, newsroom: Newsroom) -> None:
    began = time.monotonic()
    for number in range(int(plan.minutes * 60 * plan.a_second)):
        await asyncio.sleep(max(0.0, began + number / plan.a_second - time.monotonic()))
        newsroom.write()


def _look(cluster: Cluster, minutes: float, outcome: Outcome) -> list[psutil.Process]:
    """Note memory and files of each role's process and of all its children together; every process there is."""
    everybody = []
    for name, role in cluster.roles.items():
        with contextlib.suppress(psutil.Error):
            family = role.family()
            everybody += family
            parts = {name: family[:1], f"{name}: children": family[1:]}
            for part, processes in parts.items():
                if processes:
                    # what is shared with the parent counts by its part: a forked process has little of its own
                    outcome.memory[part].append((minutes, sum(one.memory_full_info().pss for one in processes) / 1e6))
                    outcome.files[part].append((minutes, float(sum(one.num_fds() for one in processes))))
    return everybody


def verdict(outcome: Outcome) -> list[str]:
    """What has grown after the warm-up."""
    found = []
    for name, points in outcome.memory.items():
        early, late = halves(points)
        if late > early * (1 + _GROWTH) + _GROWTH_MEGABYTES:
            found.append(f"{name} grows: from {early:.1f} to {late:.1f} MB")
    for name, points in outcome.files.items():
        early, late = halves(points)
        if late > early + _MORE_FILES:
            found.append(f"{name} keeps files open: from {early:.0f} to {late:.0f}")
    return found


def main() -> int:
    """Soak and draw; exit code 1 where something grew or was left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=Plan().minutes)
    parser.add_argument("--a-second", type=float, default=Plan().a_second)
    parser.add_argument("--graph", type=Path, help="where to draw it, as SVG")
    given = vars(parser.parse_args())
    graph: Path | None = given.pop("graph")
    try:
        with tempfile.TemporaryDirectory(prefix="newswatch-soak-") as directory:
            outcome = asyncio.run(soak(Plan(**given), Path(directory)))
    except (PostgresUnavailable, KafkaUnavailable) as error:
        print(error, file=sys.stderr)
        return 2
    print(outcome)
    if graph is not None:
        graph.write_text(draw(outcome.memory, outcome.done), encoding="utf-8")
    for fault in outcome.faults[:20]:
        print(f"FAULT: {fault}")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""All hostile servers at once beside healthy feeds: these are on time, the loop stays awake, memory is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import sys
import urllib.request
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hostile_redirects import HANGING
from hostile_serve import TICK_SECONDS, serving
from hostile_watch import canary, dialled, rebind

from streams.archive.engine import Archive, open_archive
from streams.clock import utc_now
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller
from streams.feeds.report import PollReport

EVERY = 2.0
ALONE_SECONDS, TOGETHER_SECONDS = 12.0, 60.0
MEGABYTE = 1_000_000


class Watched(Poller):
    """Notes how late each poll begins, by the time that the poll before it set."""

    late: dict[str, list[float]]

    async def poll_once(self, feed: Feed) -> PollReport:
        due = self._ledger.state(feed).next_poll_at
        if due is not None:
            self.late.setdefault(feed.key(), []).append((utc_now() - due).total_seconds())
        return await super().poll_once(feed)


class Heart:
    """How late this process's timers are."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(TICK_SECONDS)
            self.late.append(loop.time() - before - TICK_SECONDS)


@contextlib.asynccontextmanager
async def weighed() -> AsyncIterator[list[int]]:
    """In the end holds the most bytes that this process or one of its children took."""
    most: list[int] = []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__).with_name("hostile_weigh.py")), str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield most
    finally:
        out, _ = await process.communicate(b"")  # closes its input
        most.append(int(out))


async def watched(archive: Archive, feeds: list[Feed], limits: Any, seconds: float) -> tuple[Watched, Heart]:
    """Poll these feeds for a while."""
    poller, heart = Watched(archive, feeds, limits), Heart()
    poller.late = {}
    tasks = [asyncio.create_task(work) for work in (poller.run(), heart.beat())]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return poller, heart


def percentile(values: Sequence[float], of_hundred: int) -> float:
    return statistics.quantiles(values, n=100)[of_hundred - 1]


def a_hostile(url: str, number: int) -> Feed:
    """A hostile feed, polled as often as feeds of its host may be."""
    here = urlsplit(url).hostname == "127.0.0.1"
    return Feed.model_validate({"url": url, "id": f"hostile-{number}", "every_seconds": 10 if here else 60})


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_the_healthy_are_on_time_beside_all_of_them(
    tmp_path: Any, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebind(monkeypatch)
    limits = replace(
        limits, allow_networks=("127.0.0.1/32",), parse_timeout_seconds=5.0, concurrency=16, timeout_seconds=20.0
    )
    async with canary() as (port, callers), serving(port) as addresses:
        (tick,) = addresses.pop("tick").values()
        healthy = [
            Feed(url=url, id=f"healthy-{n}", every_seconds=EVERY)
            for n, url in enumerate(addresses.pop("healthy").values())
        ]  # type: ignore[arg-type]
        hostile = [url for some in addresses.values() for url in some.values()]
        hostile += [f"http://{HANGING}{n}.hostile.example/" for n in range(40)]
        feeds = healthy + [a_hostile(url, number) for number, url in enumerate(hostile)]
        alone = open_archive(f"sqlite:///{tmp_path / 'alone.sqlite'}")
        calm, _ = await watched(alone, healthy, limits, ALONE_SECONDS)
        alone.close()
        together = open_archive(f"sqlite:///{tmp_path / 'together.sqlite'}")
        await floor_of(tick)
        async with weighed() as most_bytes:
            with dialled() as heard:
                poller, heart = await watched(together, feeds, limits, TOGETHER_SECONDS)
        floor = await floor_of(tick)
        together.close()
    late = [one for feed in healthy for one in poller.late.get(feed.key(), [])]
    pace = len(late) / TOGETHER_SECONDS / (sum(map(len, calm.late.values())) / ALONE_SECONDS)
    lag, busy = percentile(heart.late, 99), percentile(floor, 99)
    said = (
        f"{len(feeds) - len(healthy)} hostile feeds; healthy polls: {pace:.2f} of the pace alone, late by p50 "
        f"{percentile(late, 50):.2f} s, p95 {percentile(late, 95):.2f} s of {EVERY} s; loop late by p99 "
        f"{lag * 1000:.0f} ms (an idle process beside it {busy * 1000:.0f} ms); memory "
        f"{most_bytes[0] / MEGABYTE:.0f} MB at most"
    )
    print(said)
    assert callers == []
    assert heard == {"127.0.0.1"}
    assert len(poller.late) > len(healthy)  # hostile ones were polled more than once too
    assert most_bytes[0] < 600 * MEGABYTE, said
    assert percentile(late, 50) < EVERY / 4, said
    assert percentile(late, 95) < EVERY * 2, said
    assert pace > 0.4, said  # parsing what is hostile takes its share of the processors
    # the loop is held up by floods of tiny chunks, for a quarter of a second where the machine is quiet; a process that
    # works waits longer for its turn than an idle one
    assert lag < 0.5 + 10 * busy, said


async def floor_of(tick: str) -> list[float]:
    """How late the timers of the servers' process were: how busy the machine is."""
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(tick, timeout=60).read())
    late: list[float] = json.loads(answer)
    return late

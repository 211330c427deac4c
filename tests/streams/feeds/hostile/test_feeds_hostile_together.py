"""All hostile servers at once beside healthy feeds: these are on time, the loop stays awake, memory is bounded."""

from __future__ import annotations

import asyncio
import json
import statistics
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hostile_poll import polled
from hostile_redirects import HANGING
from hostile_serve import serving
from hostile_watch import canary

from streams.feeds.catalogue import Feed

EVERY = 2.0
ALONE_SECONDS, TOGETHER_SECONDS = 12.0, 45.0
MEGABYTE = 1_000_000


def percentile(values: Sequence[float], of_hundred: int) -> float:
    return statistics.quantiles(values, n=100)[of_hundred - 1]


def a_feed(url: str, name: str, every: float) -> Feed:
    return Feed.model_validate({"url": url, "id": name, "every_seconds": every})


def a_hostile(url: str, number: int) -> Feed:
    """A hostile feed, polled as often as feeds of its host may be."""
    here = urlsplit(url).hostname == "127.0.0.1"
    return a_feed(url, f"hostile-{number}", 10 if here else 60)


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_the_healthy_are_on_time_beside_all_of_them(tmp_path: Path) -> None:
    async with canary() as (port, callers), serving(port) as addresses:
        (tick,) = addresses.pop("tick").values()
        healthy = [a_feed(url, f"healthy-{n}", EVERY) for n, url in enumerate(addresses.pop("healthy").values())]
        hostile = [url for some in addresses.values() for url in some.values()]
        hostile += [f"http://{HANGING}{n}.hostile.example/" for n in range(40)]
        feeds = healthy + [a_hostile(url, number) for number, url in enumerate(hostile)]
        calm = await polled(tmp_path / "alone.sqlite", healthy, ALONE_SECONDS)
        await floor_of(tick)
        together = await polled(tmp_path / "together.sqlite", feeds, TOGETHER_SECONDS)
        floor = await floor_of(tick)
    late = [one for feed in healthy for one in together.late.get(feed.key(), [])]
    pace = len(late) / TOGETHER_SECONDS / (sum(map(len, calm.late.values())) / ALONE_SECONDS)
    lag, held, busy = (percentile(one, 99) for one in (together.loop_late, together.loop_held, floor))
    said = (
        f"{len(feeds) - len(healthy)} hostile feeds; healthy polls: {pace:.2f} of the pace alone, late by p50 "
        f"{percentile(late, 50):.2f} s, p95 {percentile(late, 95):.2f} s of {EVERY} s; loop late by p99 "
        f"{lag * 1000:.0f} ms, by its own work {held * 1000:.0f} ms (an idle process beside it {busy * 1000:.0f} ms); "
        f"memory {together.most_bytes / MEGABYTE:.0f} MB at most"
    )
    print(said)
    assert callers == []
    assert together.dialled == ["127.0.0.1"]
    assert len(together.late) > len(healthy)  # hostile ones were polled more than once too
    assert together.most_bytes < 600 * MEGABYTE, said
    assert percentile(late, 50) < EVERY / 4, said
    assert percentile(late, 95) < EVERY * 2, said
    assert pace > 0.4, said  # parsing what is hostile takes its share of the processors
    assert held < 0.05, said
    # who works waits for its turn on a busy machine many times as long as who is idle and wakes
    assert lag < 0.05 + 10 * busy, said


async def floor_of(tick: str) -> list[float]:
    """How late the timers of the servers' process were: how busy the machine is."""
    answer = await asyncio.to_thread(lambda: urllib.request.urlopen(tick, timeout=60).read())
    late: list[float] = json.loads(answer)
    return late

"""A new version of every role, one process after another, while news come: nothing lost or told twice, no wait."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import pytest
from cluster import Cluster, started
from real_postgres import PostgresUnavailable
from road_news import Newsroom
from without_service import without_service

A_SECOND = 5.0
_CALM_SECONDS = 20.0
ROLES = {"poll-1": "poll", "work-1": "work", "work-2": "work", "notify-1": "notify", "web-1": "web"}


@pytest.mark.services
@pytest.mark.long
@pytest.mark.timeout(500)
@pytest.mark.usefixtures("kafka_at_hand")
async def test_every_role_is_replaced_under_load(tmp_path: Path) -> None:
    try:
        await _replaced_under_load(tmp_path)
    except PostgresUnavailable as error:
        without_service("POSTGRESQL", str(error))


async def _replaced_under_load(directory: Path) -> None:
    newsroom = Newsroom(feeds=4, every=4)
    async with newsroom.open(), started(directory, newsroom.settings(1.0), brokers=1) as cluster:
        for name, role in ROLES.items():
            await cluster.add(role, name)
        await asyncio.gather(*(one.until_ready() for one in cluster.roles.values()))
        newsroom.write()
        assert await cluster.all_done(1, 60)
        replaced = asyncio.Event()
        publishing = asyncio.create_task(_publish(newsroom, replaced))
        await asyncio.sleep(_CALM_SECONDS)
        calm = len(newsroom.expected())
        codes, slowest = await _replace(cluster)
        replaced.set()
        await publishing
        assert await cluster.all_done(len(newsroom.appeared), 60), cluster.counts()
        async with asyncio.timeout(30):
            while newsroom.expected() - newsroom.told.keys():
                await asyncio.sleep(0.1)
        ended = {name: role.ends for name, role in cluster.roles.items() if role.ends}
    assert newsroom.faults() == []
    assert newsroom.repeats() == 0  # who is asked to go finishes what it has in hand
    assert set(codes.values()) == {0}, codes
    assert ended == {}
    seconds = newsroom.seconds_to_alert()
    before, p99 = statistics.median(seconds[1:calm]), statistics.quantiles(seconds[calm:], n=100)[98]
    told = f"{len(seconds)} alerts: p50 {before:.2f} s before, p99 {p99:.2f} s while every role was replaced"
    print(f"{told}; the slowest was ready after {slowest:.1f} s")
    # ten seconds wherever a worker is ready within forty, and the more the busier the machine is
    assert p99 < max(10.0, slowest / 4)


async def _replace(cluster: Cluster) -> tuple[dict[str, int], float]:
    """As a Deployment with maxSurge 1 does: the new one is ready before the old one is asked to go.

    The exit codes of the old ones, and the seconds that the slowest of the new ones took to be ready.
    """
    codes, slowest = {}, 0.0
    for name, role in ROLES.items():
        fresh = await cluster.add(role, f"{name}-new")
        began = time.monotonic()
        slowest = max(slowest, await fresh.until_ready() - began)
        codes[name] = await cluster.remove(name)
    return codes, slowest


async def _publish(newsroom: Newsroom, enough: asyncio.Event) -> None:
    began, number = time.monotonic(), 0
    while not enough.is_set():
        newsroom.write()
        number += 1
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.monotonic()))

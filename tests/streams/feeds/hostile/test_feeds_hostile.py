"""Every hostile server polled once: each ends as it should, and nobody inside is ever called."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hostile_case import FEED, Case
from hostile_redirects import NAMES, REBINDING
from hostile_serve import kinds, serving
from hostile_watch import canary, dialled, rebind
from sqlalchemy import select

from streams.addresses import AddressPolicy
from streams.archive.engine import Archive
from streams.archive.schema import articles
from streams.errors import FetchFailed
from streams.feeds.catalogue import Feed
from streams.feeds.fetch import Fetcher
from streams.feeds.poller import Poller
from streams.feeds.report import PollReport


@pytest.fixture
def limits(limits: Any) -> Any:
    return replace(
        limits, allow_networks=("127.0.0.1/32",), timeout_seconds=2.0, parse_timeout_seconds=2.0, parse_processes=2
    )


async def polled(cases: list[Case], addresses: dict[str, str], archive: Archive, limits: Any) -> dict[str, PollReport]:
    """One poll of each, some at once."""
    reports: dict[str, PollReport] = {}
    some = asyncio.Semaphore(32)

    async def poll(poller: Poller, number: int, name: str) -> None:
        async with some:
            reports[name] = await poller.poll_once(Feed(url=addresses[name], id=f"feed-{number}"))  # type: ignore[arg-type]

    async with Poller(archive, [], limits) as poller:
        await asyncio.gather(*(poll(poller, number, one.name) for number, one in enumerate(cases)))
    return reports


def wrong(cases: list[Case], reports: dict[str, PollReport]) -> list[str]:
    """Those that ended otherwise than they may."""
    found = []
    for one in cases:
        report = reports[one.name]
        line = report.error or ""
        if report.outcome not in one.outcomes or (one.read and not report.new) or "\n" in line or len(line) > 1_000:
            found.append(f"{one.name}: {report.outcome}, not {sorted(one.outcomes)}: {line[:100]!r}, {report.new} new")
    return found


@pytest.mark.parametrize(
    ("kind", "heavy"),
    [
        *((kind, False) for kind in ("slow", "http", "bodies", "documents", "redirects")),
        pytest.param("documents", True, marks=pytest.mark.slow),
    ],
)
async def test_each_ends_as_it_should(
    kind: str, heavy: bool, sqlite_archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check(kind, heavy, sqlite_archive, limits, monkeypatch)


@pytest.mark.services
@pytest.mark.parametrize("kind", ["http", "documents"])
async def test_what_they_say_fits_into_postgresql(
    kind: str, postgres_archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check(kind, False, postgres_archive, limits, monkeypatch)


async def check(kind: str, heavy: bool, archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rebind(monkeypatch)
    if kind != "slow":  # on a busy machine an answer may take its time; those that never end have to
        limits = replace(limits, timeout_seconds=60.0)
    async with canary() as (port, callers), serving(port) as addresses:
        cases = [one for one in kinds(port)[kind] if one.heavy == heavy]
        with dialled() as heard:
            reports = await polled(cases, addresses[kind], archive, limits)
    assert wrong(cases, reports) == []
    assert callers == []
    assert heard == {"127.0.0.1"}
    with archive.read() as connection:
        kept = list(connection.execute(select(articles.c.record)).scalars())
    assert len(kept) >= sum(one.read for one in cases)
    assert [record for record in kept if "root:" in record] == []  # of /etc/passwd


async def test_a_name_that_comes_to_mean_another_address_is_judged_at_every_look_up(
    feed_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebind(monkeypatch)
    feed_server.serve("/feed", FEED)
    url = f"http://{REBINDING}:{feed_server.port}/feed"
    with dialled() as heard:
        async with Fetcher("test/1", policy=AddressPolicy(["127.0.0.1/32"])) as fetcher:
            assert (await fetcher.fetch(url)).body == FEED
        for _ in NAMES[REBINDING][1:]:
            async with Fetcher("test/1", policy=AddressPolicy(["127.0.0.1/32"])) as fetcher:  # it remembers no names
                with pytest.raises(FetchFailed) as failure:
                    await fetcher.fetch(url)
            assert failure.value.outcome == "refused"
    assert heard == {"127.0.0.1"}


def test_there_are_more_than_sixty_of_them_each_under_its_own_name() -> None:
    names = [one.name for some in kinds(9).values() for one in some]
    assert len(names) == len(set(names)) > 200

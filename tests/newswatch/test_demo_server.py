"""The demonstration's server over real HTTP: feeds that grow, conditional GET, the receiver of webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import pytest

from newswatch.demo.samples import load_samples
from newswatch.demo.server import AT_ONCE, MOST_ITEMS, DemoServer

NEVER = 3600.0


@pytest.fixture
async def server() -> AsyncIterator[DemoServer]:
    one = DemoServer(release_every=NEVER)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def links(server: DemoServer, http: aiohttp.ClientSession) -> list[str]:
    found: list[str] = []
    for source in server.sources:
        async with http.get(server.feed_url(source)) as answer:
            assert answer.status == 200
            found += [entry.link for entry in feedparser.parse(await answer.read()).entries]
    return found


async def test_it_listens_on_loopback_only(server: DemoServer) -> None:
    assert server.base.startswith("http://127.0.0.1:")


async def test_the_first_articles_stand_at_once_with_a_watched_road(
    server: DemoServer, http: aiohttp.ClientSession
) -> None:
    found = await links(server, http)
    assert len(found) == AT_ONCE
    roads = {sample.id for sample in load_samples() if "khanasser-road" in sample.fires}
    assert roads & {one.rsplit("/", 1)[1] for one in found}


async def test_an_unchanged_feed_is_told_as_304_by_etag_and_by_date(
    server: DemoServer, http: aiohttp.ClientSession
) -> None:
    url = server.feed_url(server.sources[0])
    async with http.get(url) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in ({"If-None-Match": etag}, {"If-None-Match": f'"other", W/{etag}'}, {"If-Modified-Since": modified}):
        async with http.get(url, headers=headers) as again:
            assert again.status == 304, headers
            assert await again.read() == b""
            assert again.headers["ETag"] == etag


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"stale"'},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Thu, 01 Jan 2099 00:00:00"},
    ],
)
async def test_a_stale_or_senseless_validator_gets_the_document(
    server: DemoServer, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.get(server.feed_url(server.sources[0]), headers=headers) as answer:
        assert answer.status == 200
        assert feedparser.parse(await answer.read()).entries


async def test_a_release_changes_the_etag_of_its_feed_only(server: DemoServer, http: aiohttp.ClientSession) -> None:
    async def etags() -> dict[str, str]:
        seen = {}
        for source in server.sources:
            async with http.get(server.feed_url(source)) as answer:
                seen[source.id] = answer.headers["ETag"]
        return seen

    before = await etags()
    sample = server.release()
    after = await etags()
    assert {source for source in before if before[source] != after[source]} == {sample.feed}


async def test_new_items_keep_appearing_after_the_list_has_run_out(
    server: DemoServer, http: aiohttp.ClientSession
) -> None:
    for _ in range(len(load_samples()) - AT_ONCE):
        server.release()
    before = set(await links(server, http))
    for _ in range(12):
        server.release()
    fresh = set(await links(server, http)) - before
    assert len(fresh) == 12
    assert all("/x-" in one for one in fresh)


async def test_a_feed_keeps_a_bounded_number_of_items(server: DemoServer, http: aiohttp.ClientSession) -> None:
    for _ in range(len(server.sources) * MOST_ITEMS * 2):
        server.release()
    for source in server.sources:
        async with http.get(server.feed_url(source)) as answer:
            assert len(feedparser.parse(await answer.read()).entries) <= MOST_ITEMS


async def test_articles_are_released_as_time_passes() -> None:
    server = DemoServer(release_every=0.01)
    await server.start()
    try:
        async with asyncio.timeout(10):
            while server.released < AT_ONCE + 5:
                await asyncio.sleep(0.01)
    finally:
        await server.stop()
    stopped_at = server.released
    await asyncio.sleep(0.05)
    assert server.released == stopped_at


async def test_dates_are_the_release_less_the_minutes_of_the_sample() -> None:
    now = datetime(2026, 3, 1, 12, 0, 0, 700_000, tzinfo=UTC)
    server = DemoServer(release_every=NEVER, clock=lambda: now)
    await server.start()
    try:
        first = load_samples()[0]
        source = next(source for source in server.sources if source.id == first.feed)
        async with aiohttp.ClientSession() as http, http.get(server.feed_url(source)) as answer:
            entry = next(e for e in feedparser.parse(await answer.read()).entries if e.link.endswith(first.id))
        expected = (now - timedelta(minutes=first.minutes)).replace(microsecond=0)
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == expected
    finally:
        await server.stop()


async def test_an_unknown_feed_is_404(server: DemoServer, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{server.base}/feeds/nobody") as answer:
        assert answer.status == 404


async def test_a_delivery_arrives_once_however_often_it_is_sent(
    server: DemoServer, http: aiohttp.ClientSession
) -> None:
    for _ in range(3):
        async with http.post(server.hook_url, json={"watch": "w"}, headers={"webhook-id": "d1"}) as answer:
            assert answer.status == 204
    delivery = await asyncio.wait_for(server.deliveries.get(), 5)
    assert (delivery.id, delivery.body) == ("d1", {"watch": "w"})
    assert server.deliveries.empty()
    assert server.repeats == 2


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"no json", {"webhook-id": "a"}), (b"[1]", {"webhook-id": "a"}), (b"{}", {}), (b"\xff\xfe", {"webhook-id": "a"})],
)
async def test_what_is_no_delivery_is_refused(
    server: DemoServer, http: aiohttp.ClientSession, body: bytes, headers: dict[str, str]
) -> None:
    async with http.post(server.hook_url, data=body, headers=headers) as answer:
        assert answer.status == 400
    assert server.deliveries.empty()


async def test_stopping_frees_the_port_and_may_be_done_twice(http: aiohttp.ClientSession) -> None:
    server = DemoServer(release_every=NEVER)
    await server.start()
    await server.stop()
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get(server.hook_url)


async def test_stopping_before_the_start_is_harmless() -> None:
    server = DemoServer()
    await server.stop()
    assert server.base == ""

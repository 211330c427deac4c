"""Feeds whose hubs send: a real hub, the real web server and a real poller on loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from hub import Hub
from sqlalchemy import func, select

from newswatch.settings import PollSettings, Settings
from newswatch.web.app import create_web
from newswatch.web.house import House
from streams.archive import subscriptions
from streams.archive.engine import Archive
from streams.archive.feed_schema import pushes
from streams.archive.polls import feed_states
from streams.archive.schema import articles, outbox
from streams.broker import free_port
from streams.clock import utc_now
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller

SETTINGS = PollSettings(
    allow_networks=("127.0.0.0/8",), host_spacing_seconds=0.0, full_text="never", parse_timeout_seconds=30.0
)
MOST_BYTES = 100_000


@dataclass
class Clock:
    """The real time, set forward at will."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def rss(hub: Hub, *numbers: int, published: datetime | None = None, text: str = "Rien ne passe.") -> str:
    links = f"<a:link rel='hub' href='{hub.base}/hub'/><a:link rel='self' href='{hub.base}/feed'/>"
    date = f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if published else ""
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>Titre {number}</title>"
        f"<link>https://wire.example/{number}</link>{date}<description>{text}</description></item>"
        for number in numbers
    )
    return (
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>w</title>"
        f"<link>https://wire.example/</link>{links}{items}</channel></rss>"
    )


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.feeds.poller.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("streams.feeds.errands._LOOK_SECONDS", 0.1)
    monkeypatch.setattr("streams.feeds.subscriber._COUNT_EVERY", timedelta(seconds=0.1))


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub().serving() as hub:
        yield hub


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def base(archive: Archive, clock: Clock) -> AsyncIterator[str]:
    port = free_port()
    settings = Settings(poll=PollSettings(max_document_megabytes=MOST_BYTES / 2**20))
    house = House(Path("newswatch.yaml"), settings, archive, clock)
    config = uvicorn.Config(create_web(house), host="127.0.0.1", port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())  # leaves signals alone
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def polling(archive: Archive, base: str, clock: Clock, feeds: list[Feed]) -> AsyncIterator[Poller]:
    """A poller of these feeds, as the list stands at each moment."""
    poller = Poller(archive, feeds, SETTINGS, clock, catalogue=lambda: list(feeds), callbacks=base, chance=lambda: 0.0)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def known(archive: Archive) -> list[subscriptions.Subscription]:
    with archive.read() as connection:
        return subscriptions.subscriptions_of(connection)


def count(archive: Archive, table: Any) -> int:
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def titles(archive: Archive) -> set[str]:
    with archive.read() as connection:
        return set(connection.execute(select(articles.c.title)).scalars())


def wire(hub: Hub) -> Feed:
    hub.feeds["/feed"] = rss(hub, 1)
    return Feed(url=f"{hub.base}/feed", id="wire")  # type: ignore[arg-type]


def is_verified(archive: Archive, hub: Hub) -> bool:
    """For both sides: the hub hears our answer after we have written it down."""
    return len(hub.subscribers) == 1 and [one.state for one in known(archive)] == ["verified"]


async def test_what_a_hub_sends_is_in_the_archive_without_a_poll(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        await until(lambda: is_verified(archive, hub))
        (form,) = hub.forms
        (one,) = known(archive)
        assert form["hub.callback"] == one.callback == f"{base}/websub/{one.token}"
        assert hub.confirmed[0][:2] == ("subscribe", 200)
        for number, method in enumerate(("sha1", "sha256", "sha384", "sha512"), 2):
            # a hub sends what is new, or the whole document
            body = rss(hub, number) if number % 2 else rss(hub, *range(1, number + 1))
            assert await hub.publish(one.topic, body.encode(), method) == [202]
        await until(lambda: titles(archive) == {f"Titre {number}" for number in range(1, 6)})
        assert await hub.publish(one.topic, rss(hub, 5, text="Tout passe.").encode()) == [202]
        await until(lambda: count(archive, outbox) == 6)  # an edit is a revision, pushed or polled
        await until(lambda: count(archive, pushes) == 0)
    assert hub.gets.count("/feed") == 1


async def test_what_is_not_signed_right_is_acknowledged_and_dropped(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        await until(lambda: is_verified(archive, hub))
        (one,) = known(archive)
        body = rss(hub, 66).encode()
        assert await hub.publish(one.topic, body, secret="guessed") == [202]
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {"X-Hub-Signature": "sha256="}, {"X-Hub-Signature": "md5=00"}):
                async with session.post(one.callback, data=body, headers=headers) as response:
                    assert response.status == 202
            async with session.post(f"{base}/websub/{'a' * 43}", data=body) as response:
                assert response.status == 410
            async with session.post(f"{base}/websub/%00", data=body) as response:
                assert response.status == 422
            async with session.post(one.callback, data=b" " * (MOST_BYTES + 1)) as response:
                assert response.status == 413
        assert count(archive, pushes) == 0
        assert await hub.publish(one.topic, rss(hub, 2).encode()) == [202]
        await until(lambda: "Titre 2" in titles(archive))
    assert titles(archive) == {"Titre 1", "Titre 2"}


async def test_a_body_that_swells_is_refused(hub: Hub, base: str, archive: Archive, clock: Clock) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        await until(lambda: is_verified(archive, hub))
        (one,) = known(archive)
        assert await hub.publish(one.topic, gzip.compress(bytes(10_000_000))) == [413]
        assert await hub.publish(one.topic, gzip.compress(rss(hub, 2).encode())) == [202]
        await until(lambda: "Titre 2" in titles(archive))


async def test_only_what_was_meant_is_confirmed(hub: Hub, base: str, archive: Archive, clock: Clock) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        await until(lambda: is_verified(archive, hub))
        (one,) = known(archive)
        status, said = await hub.ask_back(one.callback, "unsubscribe", one.topic, "x")
        assert (status, json.loads(said)["detail"]) == (404, "no such request of ours")
        assert (await hub.ask_back(one.callback, "subscribe", "https://other.example/", "x", 600))[0] == 404
        assert (await hub.ask_back(f"{base}/websub/{'b' * 43}", "subscribe", one.topic, "x", 600))[0] == 404
        assert await hub.ask_back(one.callback, "subscribe", one.topic, "<b>x</b>", 600) == (200, "<b>x</b>")
        assert is_verified(archive, hub)


async def test_a_lease_is_renewed_before_it_runs_out_and_survives_a_restart(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    hub.lease = 7_200
    feeds = [wire(hub)]
    async with polling(archive, base, clock, feeds):
        await until(lambda: is_verified(archive, hub))
    async with polling(archive, base, clock, feeds) as poller:
        await until(lambda: poller._subscriber is not None and poller._subscriber._counted_at is not None)
        assert len(hub.forms) == 1
        first = known(archive)[0]
        clock.ahead = timedelta(hours=1, minutes=40)  # 80% of the lease are over, 20 minutes are left
        await until(lambda: len(hub.forms) == 2 and known(archive)[0].expires_at != first.expires_at)
    second = known(archive)[0]
    assert hub.forms[0] == hub.forms[1]  # the same callback and secret
    assert first.expires_at is not None
    assert second.expires_at is not None
    assert second.expires_at - first.expires_at > timedelta(hours=1)


async def test_a_hub_that_will_not_is_asked_ever_less_often(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        for tries, waited, wait in ((1, 0, 10), (2, 10, 20), (3, 20, 40)):
            hub.answer = 500 + tries  # what stands written must be of this try
            clock.ahead += timedelta(minutes=waited)
            await until(lambda: any(f" {hub.answer}" in (one.error or "") for one in known(archive)))
            assert len(hub.forms) == tries
            assert known(archive)[0].failures == tries
            due = known(archive)[0].retry_at - clock()
            assert timedelta(minutes=wait - 1) < due <= timedelta(minutes=wait)
        hub.answer = 202
        clock.ahead += timedelta(minutes=40)
        await until(lambda: is_verified(archive, hub))
    assert known(archive)[0].failures == 0
    assert known(archive)[0].error is None


async def test_a_feed_that_is_removed_is_unsubscribed_from(hub: Hub, base: str, archive: Archive, clock: Clock) -> None:
    feeds = [wire(hub)]
    async with polling(archive, base, clock, feeds):
        await until(lambda: is_verified(archive, hub))
        (one,) = known(archive)
        feeds.clear()
        await until(lambda: not known(archive))
        await until(lambda: not hub.subscribers)
    assert [form["hub.mode"] for form in hub.forms] == ["subscribe", "unsubscribe"]
    assert hub.confirmed[1][:2] == ("unsubscribe", 200)
    async with aiohttp.ClientSession() as session, session.post(one.callback, data=b"x") as response:
        assert response.status == 410


async def test_polls_go_on_slower_while_the_hub_sends_and_as_ever_once_it_missed_something(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    feed = wire(hub)
    hub.feeds["/feed"] = rss(hub, 1, published=clock() - timedelta(days=2))

    def pace() -> str | None:
        with archive.read() as connection:
            return feed_states(connection)["wire"].pace

    async with polling(archive, base, clock, [feed]) as poller:
        await until(lambda: is_verified(archive, hub))
        assert pace() == "rhythm"
        await hub.publish(f"{hub.base}/feed", rss(hub, 2, published=clock()).encode())
        await until(lambda: "Titre 2" in titles(archive) and poller._ledger.pushed)
        hub.feeds["/feed"] = rss(hub, 1, 2, published=clock())
        await poller.poll_once(feed)
        assert pace() == "push"
        clock.ahead = timedelta(hours=1)
        hub.feeds["/feed"] = rss(hub, 1, 2, 3, published=clock() - timedelta(minutes=15))
        assert (await poller.poll_once(feed)).new == 1
        await until(lambda: not poller._ledger.pushed)
        await poller.poll_once(feed)
        assert pace() == "rhythm"


async def test_what_cannot_be_read_is_a_reason_to_poll_at_once(
    hub: Hub, base: str, archive: Archive, clock: Clock
) -> None:
    async with polling(archive, base, clock, [wire(hub)]):
        await until(lambda: is_verified(archive, hub))
        hub.feeds["/feed"] = rss(hub, 1, 2)
        assert await hub.publish(f"{hub.base}/feed", b"something is new", kind="text/plain") == [202]
        await until(lambda: "Titre 2" in titles(archive))
    assert hub.gets.count("/feed") == 2


async def test_what_came_while_no_poller_ran_is_read_later(hub: Hub, base: str, archive: Archive, clock: Clock) -> None:
    feeds = [wire(hub)]
    async with polling(archive, base, clock, feeds):
        await until(lambda: is_verified(archive, hub))
    assert await hub.publish(f"{hub.base}/feed", rss(hub, 2).encode()) == [202]
    assert await hub.publish(f"{hub.base}/feed", rss(hub, 2).encode()) == [202]  # twice is once
    assert count(archive, pushes) == 1
    async with polling(archive, base, clock, feeds):
        await until(lambda: "Titre 2" in titles(archive) and count(archive, pushes) == 0)


async def test_without_a_public_address_no_hub_is_asked(hub: Hub, archive: Archive, clock: Clock) -> None:
    async with polling(archive, "", clock, [wire(hub)]) as poller:
        await until(lambda: titles(archive) == {"Titre 1"})
        await until(lambda: poller._subscriber is not None and poller._subscriber._counted_at is not None)
    assert hub.forms == []

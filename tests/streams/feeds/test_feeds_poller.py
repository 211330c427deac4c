from __future__ import annotations

import asyncio
import base64
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from aiohttp import web
from sqlalchemy import func, select

from streams import metrics
from streams.archive.engine import Archive
from streams.archive.polls import feed_states
from streams.archive.schema import articles, dead, outbox, revisions
from streams.errors import ArchiveUnavailable
from streams.feeds.catalogue import Feed
from streams.feeds.ledger import Ledger
from streams.feeds.poller import Poller
from streams.records import Article, decode_article

START = datetime(2024, 2, 3, 12, 0, tzinfo=UTC)


def rss(*numbers: int, text: str = "Rien ne passe.") -> str:
    items = "".join(
        f"<item><title>Titre {number}</title><link>https://wire.example/{number}</link>"
        f"<guid isPermaLink='false'>{number}</guid><description>{text}</description></item>"
        for number in numbers
    )
    return f"<rss version='2.0'><channel><title>w</title><link>https://wire.example/</link>{items}</channel></rss>"


def count(archive: Archive, table: Any) -> int:
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def stored(archive: Archive) -> dict[str, Article]:
    with archive.read() as connection:
        records = connection.execute(select(articles.c.record)).scalars()
        return {article.title: article for article in map(decode_article, records)}


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def test_new_then_unchanged_then_revised(feed_server: Any, archive: Archive, limits: Any) -> None:
    url = feed_server.serve("/feed", rss(1, 2), ETag='"one"')
    feed = Feed(url=url, id="wire", name="Wire")
    told: list[int] = []
    polls = metrics.FEED_POLLS.labels("unchanged")
    unchanged = polls._value.get()
    async with Poller(archive, [feed], limits, on_new=lambda: told.append(1)) as poller:
        first = await poller.poll_once(feed)
        second = await poller.poll_once(feed)
        feed_server.serve("/feed", rss(1, 2, 3, text="Tout passe."), ETag='"two"')
        third = await poller.poll_once(feed)
    assert (first.outcome, first.new, first.known) == ("ok", 2, 0)
    assert (second.outcome, second.new) == ("unchanged", 0)
    assert (third.outcome, third.new, third.revised) == ("ok", 1, 2)
    assert len(told) == 2
    assert polls._value.get() == unchanged + 1
    assert [request.headers.get("If-None-Match") for request in feed_server.requests] == [None, '"one"', '"one"']
    kept = stored(archive)
    assert {title: (article.revision, article.text) for title, article in kept.items()} == {
        "Titre 1": (2, "Tout passe."),
        "Titre 2": (2, "Tout passe."),
        "Titre 3": (1, "Tout passe."),
    }
    assert count(archive, revisions) == 2
    assert count(archive, outbox) == 5
    with archive.read() as connection:
        state = feed_states(connection)["wire"]
    assert (state.etag, state.outcome, state.name, state.failures) == ('"two"', "ok", "Wire", 0)


async def test_validators_outlive_a_restart_but_not_a_new_address(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1), ETag='"one"'), id="wire")
    async with Poller(archive, [feed], limits) as poller:
        await poller.poll_once(feed)
    moved = Feed(url=feed_server.serve("/moved", rss(1), ETag='"one"'), id="wire")
    async with Poller(archive, [feed], limits) as poller:
        assert (await poller.poll_once(feed)).outcome == "unchanged"
        assert (await poller.poll_once(moved)).known == 1
    sent = [(request.path, request.headers.get("If-None-Match")) for request in feed_server.requests]
    assert sent == [("/feed", None), ("/feed", '"one"'), ("/moved", None)]


async def test_the_same_bytes_are_not_parsed_twice(feed_server: Any, archive: Archive, limits: Any) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1)))
    async with Poller(archive, [feed], limits) as poller:
        assert (await poller.poll_once(feed)).outcome == "ok"
        assert (await poller.poll_once(feed)).outcome == "unchanged"


async def test_a_failing_feed_backs_off_and_recovers(feed_server: Any, archive: Archive, limits: Any) -> None:
    clock = Clock()
    feed = Feed(url=feed_server.url("/feed"), id="wire", every_seconds=300)
    waits = []
    async with Poller(archive, [feed], limits, clock, chance=lambda: 0.0) as poller:
        for failures in range(1, 8):
            report = await poller.poll_once(feed)
            assert (report.outcome, report.failures) == ("http", failures)
            with archive.read() as connection:
                state = feed_states(connection)["wire"]
            assert state.error == "http: status 404 Not Found"
            assert state.next_poll_at is not None
            waits.append((state.next_poll_at - clock.now).total_seconds())
            clock.now += timedelta(hours=1)
        feed_server.serve("/feed", rss(1))
        assert (await poller.poll_once(feed)).new == 1
    assert waits == [300, 600, 1200, 2400, 3600, 3600, 3600]
    with archive.read() as connection:
        state = feed_states(connection)["wire"]
    assert (state.failures, state.error, state.new_at) == (0, None, clock.now)


async def test_a_document_that_cannot_be_parsed_is_dead_once_and_validators_stay(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1), ETag='"good"'), id="wire")
    nested = "<rss><channel><description>" + "<div>" * 1_000_000
    async with Poller(archive, [feed], replace(limits, parse_timeout_seconds=2.0)) as poller:
        await poller.poll_once(feed)
        feed_server.serve("/feed", nested, ETag='"bad"')
        for _ in range(2):
            report = await poller.poll_once(feed)
            assert report.outcome == "parse"
        feed_server.serve("/feed", rss(1, 2), ETag='"better"')
        assert (await poller.poll_once(feed)).new == 1
    with archive.read() as connection:
        (row,) = connection.execute(select(dead)).all()
    assert (row.step, row.feed) == ("parse", "wire")
    assert "1048576 of" in row.error
    assert base64.b64decode(row.raw) == nested.encode()[: 1024 * 1024]
    sent = [request.headers.get("If-None-Match") for request in feed_server.requests]
    assert sent == [None, '"good"', '"good"', '"good"']


async def test_good_and_empty_entries_of_one_feed(feed_server: Any, archive: Archive, limits: Any) -> None:
    body = rss(1).replace("</channel>", "<item></item></channel>")
    feed = Feed(url=feed_server.serve("/feed", body))
    async with Poller(archive, [feed], limits) as poller:
        first = await poller.poll_once(feed)
        feed_server.serve("/feed", body + "<!-- other bytes -->")
        second = await poller.poll_once(feed)
    assert (first.new, first.dead) == (1, 1)
    assert (second.new, second.dead, second.known) == (0, 0, 2)
    assert count(archive, dead) == 1


class _Failing:
    """An archive that is unavailable while `broken`."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.broken = False

    def begin(self) -> Any:
        if self.broken:
            raise ArchiveUnavailable("archive: database is locked")
        return self._archive.begin()

    def read(self) -> Any:
        return self._archive.read()


async def test_an_archive_that_is_away_loses_nothing(feed_server: Any, archive: Archive, limits: Any) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1), ETag='"one"'))
    failing: Any = _Failing(archive)
    async with Poller(failing, [feed], limits) as poller:
        failing.broken = True
        assert (await poller.poll_once(feed)).outcome == "archive"
        failing.broken = False
        assert (await poller.poll_once(feed)).new == 1
    assert "If-None-Match" not in feed_server.requests[1].headers


async def until(condition: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_running_polls_every_feed_at_its_pace_one_at_a_time_a_host(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feeds = [
        Feed(url=feed_server.serve(f"/{number}", rss(number)), id=f"feed-{number}", every_seconds=1)
        for number in range(4)
    ]
    feeds.append(Feed(url=feed_server.url("/missing"), id="missing", every_seconds=1))
    feed_server.delay = 0.05
    before = psutil.Process().children()  # a database server
    poller = Poller(archive, feeds, limits)
    running = asyncio.create_task(poller.run())
    paths = [feed.url.path for feed in feeds]
    await until(lambda: all(sum(request.path == path for request in feed_server.requests) >= 3 for path in paths[:4]))
    assert not running.done()
    children = [child for child in psutil.Process().children() if child not in before]
    assert children
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(5):
            await running
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert feed_server.most_at_once == 1
    assert count(archive, articles) == 4


async def test_hosts_are_polled_side_by_side_within_the_bound(feed_server: Any, archive: Archive, limits: Any) -> None:
    feeds = [Feed(url=feed_server.url("/slow"), id="by-address")]
    gate = asyncio.Event()

    async def waiting(_request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return web.Response(text=rss(1))

    feed_server.pages["/slow"] = waiting
    # one server under two names is two hosts
    feeds.append(Feed(url=f"http://localhost:{feed_server.port}/slow", id="by-name"))
    running = asyncio.create_task(Poller(archive, feeds, limits).run())
    await until(lambda: feed_server.at_once == 2)
    gate.set()
    await until(lambda: count(archive, articles) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert feed_server.most_at_once == 2


async def test_a_restart_keeps_the_turns(feed_server: Any, archive: Archive, limits: Any) -> None:
    known = Feed(url=feed_server.serve("/known", rss(1)), id="known", every_seconds=600)
    fresh = Feed(url=feed_server.serve("/fresh", rss(2)), id="fresh", every_seconds=600)
    async with Poller(archive, [known], limits) as poller:
        await poller.poll_once(known)
    running = asyncio.create_task(Poller(archive, [known, fresh], limits).run())
    await until(lambda: count(archive, articles) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [request.path for request in feed_server.requests] == ["/known", "/fresh"]


async def test_a_parser_killed_from_outside_does_not_end_polling(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1)))
    async with Poller(archive, [feed], limits) as poller:
        for pid in poller.reader.parser._pool.pids:
            os.kill(pid, signal.SIGKILL)
        reports = [await poller.poll_once(feed) for _ in range(2)]
        # whether the first poll came before the process was replaced is a matter of time
        assert [report.outcome for report in reports] in (["parse", "ok"], ["ok", "unchanged"])
    assert count(archive, articles) == 1
    assert count(archive, dead) == 0  # it was read after all


async def test_a_fault_of_our_own_is_noted_and_the_feed_stays(
    feed_server: Any, archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(url=feed_server.serve("/feed", rss(1)), id="wire")

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    async with Poller(archive, [feed], limits) as poller:
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "read", broken)
            report = await poller.poll_once(feed)
        assert (report.outcome, report.error) == ("error", "error: ZeroDivisionError: by nought")
        assert (await poller.poll_once(feed)).new == 1


async def test_two_pollers_share_the_feeds_and_the_share_of_a_dead_one_passes_on(
    feed_server: Any, archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.feeds.poller.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("streams.archive.leases.LEASE", timedelta(seconds=2))
    port = feed_server.port
    feeds = []
    for number in range(24):  # each on a host of its own
        feed_server.serve(f"/{number}", rss(number))
        if number:
            await feed_server.listen_on(f"127.0.0.{number + 1}")
        url = f"http://127.0.0.{number + 1}:{port}/{number}"
        feeds.append(Feed(url=url, id=f"feed-{number}", every_seconds=1))  # type: ignore[arg-type]
    one, other = Poller(archive, feeds, limits), Poller(archive, feeds, limits)
    first, second = asyncio.create_task(one.run()), asyncio.create_task(other.run())

    def is_shared() -> bool:
        return bool(one._own) and bool(other._own) and len(one._own | other._own) == 64 and not one._own & other._own

    await until(is_shared)
    await until(lambda: count(archive, articles) == 24)
    first.cancel()  # ends as asked: what it had is free at once
    await asyncio.gather(first, return_exceptions=True)
    await until(lambda: len(other._own) == 64)
    third = asyncio.create_task(Poller(archive, feeds, limits).run())
    await until(lambda: len(other._own) == 32)
    for task in (second, third):
        task.cancel()
    await asyncio.gather(second, third, return_exceptions=True)


async def test_the_feeds_of_a_poller_that_stopped_dead_are_polled_by_another(
    feed_server: Any, archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.feeds.poller.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("streams.archive.leases.LEASE", timedelta(seconds=3))
    feeds = []
    for number in range(12):
        feed_server.serve(f"/{number}", rss(number))
        if number:
            await feed_server.listen_on(f"127.0.0.{number + 1}")
        url = f"http://127.0.0.{number + 1}:{feed_server.port}/{number}"
        feeds.append(Feed(url=url, id=f"feed-{number}", every_seconds=1))  # type: ignore[arg-type]
    one, other = Poller(archive, feeds, limits), Poller(archive, feeds, limits)
    first, second = asyncio.create_task(one.run()), asyncio.create_task(other.run())
    await until(lambda: len(one._own) == len(other._own) == 32)
    # as by the loss of its machine: it asks for nothing, renews nothing, and says no farewell
    monkeypatch.setattr(one._shares, "give_back", lambda: None)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    feed_server.requests.clear()
    await until(lambda: {request.path for request in feed_server.requests} == {f"/{number}" for number in range(12)})
    assert len(other._own) == 64
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert count(archive, articles) == 12


async def test_a_feed_that_moved_for_good_is_followed_after_three_sightings(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    feed_server.serve("/new", rss(1))
    feed_server.redirect("/old", "/new", 301)
    feed = Feed(url=feed_server.url("/old"), id="wire")
    async with Poller(archive, [feed], limits) as poller:
        for number in range(1, 6):
            feed_server.serve("/new", rss(*range(number + 1)))
            assert (await poller.poll_once(feed)).outcome == "ok"
    assert [request.path for request in feed_server.requests] == ["/old", "/new"] * 3 + ["/new"] * 2
    feed_server.requests.clear()
    del feed_server.pages["/new"]
    feed_server.serve("/old", rss(7))
    async with Poller(archive, [feed], limits) as poller:
        outcomes = [(await poller.poll_once(feed)).outcome for _ in range(4)]
    assert outcomes == ["http", "http", "http", "ok"]  # the old address is tried again before long
    assert [request.path for request in feed_server.requests] == ["/new"] * 3 + ["/old"]


async def test_a_redirect_for_now_is_never_taken_for_good(feed_server: Any, archive: Archive, limits: Any) -> None:
    feed_server.serve("/new", rss(1))
    feed_server.redirect("/half", "/new", 302)
    feed_server.redirect("/old", "/half", 301)
    feed = Feed(url=feed_server.url("/old"), id="wire")
    async with Poller(archive, [feed], limits) as poller:
        for _ in range(5):
            await poller.poll_once(feed)
    assert [request.path for request in feed_server.requests] == ["/old", "/half", "/new"] * 5


async def test_a_whole_document_is_asked_for_once_a_day(feed_server: Any, archive: Archive, limits: Any) -> None:
    clock = Clock()
    feed = Feed(url=feed_server.serve("/feed", rss(1), ETag='"kept over changes"'), id="wire")
    async with Poller(archive, [feed], limits, clock) as poller:
        outcomes = []
        for _ in range(5):
            outcomes.append((await poller.poll_once(feed)).outcome)
            clock.now += timedelta(hours=11)
        feed_server.pages["/feed"] = web.Response(text=rss(1, 2), headers={"ETag": '"kept over changes"'})
    sent = [request.headers.get("If-None-Match") is not None for request in feed_server.requests]
    assert sent == [False, True, True, False, True]
    assert outcomes == ["ok", "unchanged", "unchanged", "unchanged", "unchanged"]
    async with Poller(archive, [feed], limits, clock) as poller:  # a restart asks conditionally
        await poller.poll_once(feed)
    assert feed_server.requests[-1].headers.get("If-None-Match") is not None


async def test_the_next_poll_follows_the_feeds_rhythm_and_its_servers_hint(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    clock = Clock()
    hinted = Feed(url=feed_server.serve("/hinted", rss(1), **{"Cache-Control": "max-age=7200"}), id="hinted")
    plain = Feed(url=feed_server.serve("/plain", rss(2)), id="plain")
    async with Poller(archive, [hinted, plain], limits, clock, chance=lambda: 0.0) as poller:
        await poller.poll_once(hinted)
        await poller.poll_once(plain)
    with archive.read() as connection:
        states = feed_states(connection)
    assert states["hinted"].next_poll_at == clock.now + timedelta(hours=2)
    assert (states["hinted"].pace, states["plain"].pace) == ("hint", "rhythm")
    assert states["plain"].next_poll_at is not None
    assert timedelta(minutes=5) <= states["plain"].next_poll_at - clock.now <= timedelta(hours=1)


async def test_a_server_that_says_when_is_not_asked_before(feed_server: Any, archive: Archive, limits: Any) -> None:
    clock = Clock()
    feed_server.pages["/feed"] = web.Response(status=429, headers={"Retry-After": "5400"})
    feed = Feed(url=feed_server.url("/feed"), id="wire", every_seconds=60)
    async with Poller(archive, [feed], limits, clock, chance=lambda: 0.0) as poller:
        report = await poller.poll_once(feed)
    assert report.outcome == "block"
    with archive.read() as connection:
        state = feed_states(connection)["wire"]
    assert (state.next_poll_at, state.pace) == (clock.now + timedelta(seconds=5400), "retry_after")


async def test_when_most_hosts_are_away_no_feed_is_blamed(archive: Archive, limits: Any) -> None:
    clock = Clock()
    feeds = [Feed(url=f"http://127.0.0.{n}:9/", id=f"feed-{n}") for n in range(1, 8)]  # type: ignore[arg-type]
    async with Poller(archive, feeds, limits, clock) as poller:
        for _ in range(6):
            for feed in feeds:
                await poller.poll_once(feed)
            clock.now += timedelta(minutes=1)
    with archive.read() as connection:
        states = feed_states(connection)
    # three could be the feeds' own; from the fourth on it is ours, and what was counted stands
    assert sorted(state.failures for state in states.values()) == [0, 0, 0, 0, 1, 1, 1]
    assert metrics.POLL_OUTAGE._value.get() == 1
    assert {state.pace for state in states.values()} == {"outage"}
    metrics.POLL_OUTAGE.set(0)


async def test_a_host_that_refuses_several_feeds_is_left_alone(feed_server: Any, archive: Archive, limits: Any) -> None:
    feeds = []
    for number in range(6):
        feed_server.pages[f"/{number}"] = web.Response(status=429, headers={"Retry-After": "120"})
        feeds.append(Feed(url=feed_server.url(f"/{number}"), id=f"feed-{number}"))
    poller = Poller(archive, feeds, limits)
    running = asyncio.create_task(poller.run())
    host = f"127.0.0.1:{feed_server.port}"
    await until(lambda: poller._turns._free_at.get(host, 0.0) > asyncio.get_running_loop().time() + 60)
    assert len(feed_server.requests) == 3  # two may be those feeds' own affair
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_feed_that_moved_to_another_host_has_its_turns_there(
    feed_server: Any, archive: Archive, limits: Any
) -> None:
    there = f"http://localhost:{feed_server.port}/new"
    feed_server.serve("/new", rss(1))
    feed_server.redirect("/old", there, 301)
    feed = Feed(url=feed_server.url("/old"), id="wire", every_seconds=1)
    poller = Poller(archive, [feed], limits)
    running = asyncio.create_task(poller.run())
    await until(lambda: [request.path for request in feed_server.requests].count("/new") >= 5)
    assert poller._turns.host("wire") == f"localhost:{feed_server.port}"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [request.path for request in feed_server.requests].count("/old") == 3

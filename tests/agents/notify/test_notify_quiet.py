"""Feeds that fall silent are told of once each silence, many at once in one notice."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import NOON
from sqlalchemy import select

from agents.notify.notices import event_of
from agents.notify.quiet import MOST_APART, tell
from streams.archive import alerts
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.feeds.health import FeedHealth, State
from streams.records import Alert

HOUR = timedelta(hours=1)
TO = ["ops"]


def a_feed(name: str, state: State, new_at: datetime | None = NOON - HOUR) -> FeedHealth:
    return FeedHealth(
        id=name, url=f"https://{name}.example/feed", name=name.title(), group="", state=state, read_at=NOON,
        new_at=new_at, next_poll_at=None, pace="rhythm", failures=0, outcome="ok",
        problem="it has brought nothing for longer than its rhythm explains" if state == "quiet" else None, overdue=2.0,
    )  # fmt: skip


def told(archive: Archive, rows: list[FeedHealth], now: datetime, to: list[str] = TO) -> list[Alert]:
    with archive.begin() as connection:
        return tell(connection, to, rows, now)


def owed(archive: Archive) -> int:
    with archive.read() as connection:
        return len(connection.execute(select(deliveries.c.id)).all())


def test_a_silence_is_told_once_and_its_end(archive: Archive) -> None:
    (begun,) = told(archive, [a_feed("wire", "quiet"), a_feed("desk", "well")], NOON)
    assert begun.title == "newswatch: Wire has fallen silent"
    assert (begun.story, begun.severity, event_of(begun)) == ("wire", "warning", "feed.quiet")
    assert "It last brought something new on 2026-03-01 11:00 UTC." in begun.quote
    assert "newswatch feeds probe https://wire.example/feed" in begun.reason
    for row in (a_feed("wire", "quiet"), a_feed("wire", "failing"), a_feed("wire", "well")):
        assert told(archive, [row], NOON + HOUR) == []  # nothing new has come of it
    back = a_feed("wire", "well", new_at=NOON + 2 * HOUR)
    (ended,) = told(archive, [back], NOON + 2 * HOUR)
    assert (ended.id, ended.status, event_of(ended)) == (begun.id, "closed", "feed.speaks")
    assert ended.title == "newswatch: Wire speaks again"
    assert told(archive, [back], NOON + 3 * HOUR) == []
    (again,) = told(archive, [a_feed("wire", "quiet", new_at=NOON + 2 * HOUR)], NOON + 9 * HOUR)
    assert again.id != begun.id
    assert owed(archive) == 3
    with archive.read() as connection:
        assert alerts.recent_alerts(connection, 10) == []


def test_a_feed_that_is_paused_or_gone_is_told_of_no_more(archive: Archive) -> None:
    told(archive, [a_feed("wire", "quiet"), a_feed("desk", "quiet")], NOON)
    assert told(archive, [a_feed("wire", "paused")], NOON + HOUR) == []
    later = NOON + 2 * HOUR
    assert told(archive, [a_feed("wire", "well", later), a_feed("desk", "well", later)], later) == []
    assert owed(archive) == 2


def test_many_at_once_are_one_notice(archive: Archive) -> None:
    rows = [a_feed(f"feed-{number}", "quiet") for number in range(MOST_APART + 15)]
    (together,) = told(archive, rows, NOON)
    assert together.title == "newswatch: 25 feeds have fallen silent"
    assert together.quote.endswith("and 5 more")
    assert told(archive, rows, NOON + HOUR) == []  # nor one by one
    assert owed(archive) == 1


def test_nobody_asked_to_be_told(archive: Archive) -> None:
    assert told(archive, [a_feed("wire", "quiet")], NOON, []) == []
    assert len(told(archive, [a_feed("wire", "quiet")], NOON)) == 1

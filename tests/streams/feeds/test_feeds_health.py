from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streams.archive import kept_feeds
from streams.archive.engine import Archive
from streams.archive.polls import FeedState
from streams.errors import ChangeRefused
from streams.feeds.catalogue import Feed, keep, known_feeds, polled
from streams.feeds.health import decide_health
from streams.feeds.rhythm import Rhythm, encode_rhythm, observed

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(url="https://wire.example/feed", id="wire", name="Wire")  # type: ignore[arg-type]
STATE = FeedState("wire", "https://wire.example/feed", outcome="ok", read_at=NOW, new_at=NOW)


def a_feed(name: str, **values: object) -> Feed:
    return Feed.model_validate({"url": f"https://{name}.example/feed", "id": name, **values})


def test_feeds_of_the_file_and_of_the_archive_are_polled_unless_paused(archive: Archive) -> None:
    in_file = [a_feed("one")]
    assert keep(archive, in_file, [a_feed("two"), a_feed("three")], NOW) == [a_feed("two"), a_feed("three")]
    assert keep(archive, in_file, [a_feed("two"), a_feed("one")], NOW) == []
    assert [feed.key() for feed in polled(archive, in_file)] == ["three", "two", "one"]
    with archive.begin() as connection:
        assert kept_feeds.pause(connection, "one", NOW)
        assert not kept_feeds.pause(connection, "one", NOW)
        assert kept_feeds.pause(connection, "two", NOW)
    assert [feed.key() for feed in polled(archive, in_file)] == ["three"]
    with archive.begin() as connection:
        assert kept_feeds.resume(connection, "one")
        assert kept_feeds.remove(connection, "two")
        assert not kept_feeds.remove(connection, "two")
    assert set(known_feeds(archive, in_file)) == {"one", "three"}


def test_an_id_of_another_address_is_refused_and_nothing_is_kept(archive: Archive) -> None:
    with pytest.raises(ChangeRefused, match='the id "one" is taken by https://one'):
        keep(archive, [a_feed("one")], [a_feed("two"), a_feed("one", url="https://other.example/")], NOW)
    assert known_feeds(archive, []) == {}


def test_how_a_feed_is() -> None:
    assert decide_health(FEED, None, False, NOW).state == "new"
    assert decide_health(FEED, STATE, False, NOW).state == "well"
    assert decide_health(FEED, replace(STATE, url="https://before.example/"), False, NOW).state == "new"
    assert decide_health(FEED, STATE, True, NOW).state == "paused"
    once = decide_health(FEED, replace(STATE, outcome="dns", error="dns: no such host", failures=1), False, NOW)
    assert (once.state, once.problem) == ("well", "its name is not found (dns: no such host)")
    twice = decide_health(FEED, replace(STATE, outcome="dns", error="dns: no such host", failures=2), False, NOW)
    assert (twice.state, twice.problem) == ("well", "its name is not found (dns: no such host; 2 times in a row)")
    unread = decide_health(FEED, replace(STATE, outcome="http", failures=1, read_at=None), False, NOW)
    assert unread.state == "failing"  # nothing says that it was ever a feed
    assert decide_health(FEED, replace(STATE, outcome="refused", failures=1), False, NOW).state == "failing"
    assert decide_health(FEED, replace(STATE, outcome="dns", failures=3), False, NOW).state == "failing"
    assert decide_health(FEED, replace(STATE, outcome="gone", failures=1), False, NOW).state == "failing"


def test_a_feed_that_is_silent_against_its_own_rhythm_is_quiet() -> None:
    rhythm = observed(Rhythm(), NOW, [], 15)
    now = NOW
    for _ in range(24 * 10):
        now += timedelta(hours=1)
        rhythm = observed(rhythm, now, [now - timedelta(minutes=5), now - timedelta(minutes=30)], 15)
    state = replace(STATE, rhythm=encode_rhythm(rhythm))
    assert (
        decide_health(FEED, replace(state, read_at=now + timedelta(hours=2)), False, now + timedelta(hours=2)).state
        == "well"
    )
    unread = decide_health(FEED, state, False, now + timedelta(hours=12))
    assert unread.state == "well"  # nobody has read it since: an outage of ours is no silence of the feed's
    read = replace(state, read_at=now + timedelta(hours=12))
    silent = decide_health(FEED, read, False, now + timedelta(hours=12))
    assert (silent.state, silent.problem) == ("quiet", "it has brought nothing for longer than its rhythm explains")
    assert silent.overdue > 1

"""How every feed is: what an operator asks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from streams.archive import kept_feeds
from streams.archive.engine import Archive
from streams.archive.polls import FeedState, feed_states
from streams.archive.subscriptions import subscriptions_of, trusted
from streams.feeds.catalogue import Feed, known_feeds
from streams.feeds.rhythm import decode_rhythm, overdue, weekly

State = Literal["well", "new", "paused", "quiet", "failing"]
_FAILURES_THAT_COUNT = 3
_LASTING = ("gone", "refused")
_WORDS = {
    "dns": "its name is not found",
    "network": "it cannot be reached",
    "timeout": "it does not answer in time",
    "tls": "its certificate or encryption is wrong",
    "http": "it answers with an error",
    "block": "it refuses to answer us",
    "gone": "it is gone for good, says its server",
    "too_large": "it is too large",
    "refused": "its address may not be fetched",
    "parse": "it cannot be read",
}


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed."""

    id: str
    url: str
    name: str
    group: str
    state: State
    read_at: datetime | None
    """When it was last fetched with success."""
    new_at: datetime | None
    """When it last brought something new."""
    next_poll_at: datetime | None
    pace: str | None
    failures: int
    outcome: str | None
    problem: str | None
    """What is wrong, in words."""
    overdue: float
    """How many times over it should have brought something since it last did."""
    week: tuple[float, ...] = ()
    """Items an hour by every fourth hour of the week, see `weekly`."""
    hub: str | None = None
    """How its subscription at its hub stands: `asked`, `verified`, `sends` (and nothing was missed) or `denied`."""


def feed_health(archive: Archive, in_file: Sequence[Feed], now: datetime) -> list[FeedHealth]:
    """How every feed is, by id; raises ArchiveUnavailable."""
    known = known_feeds(archive, in_file)
    with archive.read() as connection:
        states = feed_states(connection)
        paused = kept_feeds.paused(connection)
        hubs = {one.feed: one.state for one in subscriptions_of(connection) if one.state != "leaving"}
        hubs.update(dict.fromkeys(trusted(connection, now), "sends"))
    rows = [decide_health(feed, states.get(key), key in paused, now) for key, feed in sorted(known.items())]
    return [replace(row, hub=hubs.get(row.id)) for row in rows]


def _counts(state: FeedState) -> bool:
    """One failure of a feed that has been read means little, unless nothing but a change of ours or theirs ends it."""
    return state.failures >= _FAILURES_THAT_COUNT or state.outcome in _LASTING or state.read_at is None


def decide_health(feed: Feed, state: FeedState | None, is_paused: bool, now: datetime) -> FeedHealth:
    """How a feed is, by its last poll and its own rhythm."""
    if state is None or state.url != str(feed.url):
        state = FeedState(feed.key(), str(feed.url))
    # what could not be read, as in an outage of ours, says nothing of the feed's silence
    rhythm = decode_rhythm(state.rhythm)
    late = overdue(rhythm, min(now, state.read_at or now))
    problem: str | None = None
    told: State = "well"
    if is_paused:
        told = "paused"
    elif state.outcome is None:
        told = "new"
    elif state.failures:
        often = f"; {state.failures} times in a row" if state.failures > 1 else ""
        problem = f"{_WORDS.get(state.outcome, state.outcome)} ({state.error}{often})"
        told = "failing" if _counts(state) else "well"
    elif late >= 1:
        told, problem = "quiet", "it has brought nothing for longer than its rhythm explains"
    return FeedHealth(
        id=feed.key(),
        url=str(feed.url),
        name=feed.name,
        group=feed.group,
        state=told,
        read_at=state.read_at,
        new_at=state.new_at,
        next_poll_at=None if is_paused else state.next_poll_at,
        pace=state.pace,
        failures=state.failures,
        outcome=state.outcome,
        problem=problem,
        overdue=round(late, 2),
        week=weekly(rhythm),
    )

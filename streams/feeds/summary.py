"""How all feeds are together: counted by a poller once a minute, for who asks in between."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from streams.archive import facts, pages, subscriptions
from streams.feeds.health import FeedHealth

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """The feeds at one moment."""

    at: datetime
    states: dict[str, int]
    """Feeds by state."""
    quiet: tuple[str, ...]
    """Names of feeds that are silent against their own rhythm, ten at most."""
    failing: tuple[str, ...]
    """Feeds that cannot be read, each with what is wrong, ten at most."""
    outage: str | None
    """What is said of the network where it is away on our side."""
    subscriptions: dict[str, int]
    pages_waiting: int


def summed_up(connection: Connection, rows: Sequence[FeedHealth], outage: str | None, now: datetime) -> FeedSummary:
    """The summary of these feeds."""
    quiet = [row.name or row.id for row in rows if row.state == "quiet"]
    failing = [f"{row.name or row.url}: {row.problem}" for row in rows if row.state == "failing"]
    return FeedSummary(
        at=now,
        states=dict(Counter(row.state for row in rows)),
        quiet=tuple(quiet[:_MOST_NAMED]),
        failing=tuple(failing[:_MOST_NAMED]),
        outage=outage,
        subscriptions=subscriptions.counts(connection),
        pages_waiting=pages.waiting(connection),
    )


def tell_summary(connection: Connection, summary: FeedSummary) -> None:
    """Write it down for `read_summary`."""
    facts.tell(connection, facts.FEEDS, json.dumps({**asdict(summary), "at": summary.at.isoformat()}), summary.at)


def read_summary(connection: Connection) -> FeedSummary | None:
    """What was written down last; None where no poller has run yet."""
    told = facts.told(connection, facts.FEEDS)
    if told is None:
        return None
    values = json.loads(told)
    # an older poller's summary names none that fail
    named = {key: tuple(values.get(key, ())) for key in ("quiet", "failing")}
    return FeedSummary(**{**values, **named, "at": datetime.fromisoformat(values["at"])})

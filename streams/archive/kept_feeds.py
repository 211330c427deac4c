"""Feeds that were added by command, and which feeds of any kind are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from streams.archive.dialect import upsert
from streams.archive.feed_schema import feed_pauses, kept_feeds


@dataclass(frozen=True, slots=True)
class KeptFeed:
    """A feed at rest; `definition` is the feed as it was written, JSON."""

    id: str
    definition: str
    added_at: datetime
    changed_at: datetime


def list_feeds(connection: Connection) -> list[KeptFeed]:
    """Every feed that was added by command, by id."""
    columns = [kept_feeds.c[name] for name in KeptFeed.__slots__]
    return [KeptFeed(*row) for row in connection.execute(select(*columns).order_by(kept_feeds.c.id))]


def keep(connection: Connection, feed: str, definition: str, now: datetime) -> None:
    """Keep a feed, or change it where it is known."""
    row = {"id": feed, "definition": definition, "added_at": now, "changed_at": now}
    upsert(connection, kept_feeds, [row], update=("definition", "changed_at"))


def remove(connection: Connection, feed: str) -> bool:
    """Forget a feed, whether it was there; what it brought stays."""
    connection.execute(delete(feed_pauses).where(feed_pauses.c.feed == feed))
    return connection.execute(delete(kept_feeds).where(kept_feeds.c.id == feed)).rowcount > 0


def pause(connection: Connection, feed: str, now: datetime) -> bool:
    """Do not poll a feed for now; whether that changes anything."""
    if feed in paused(connection):
        return False
    connection.execute(insert(feed_pauses).values(feed=feed, at=now))
    return True


def resume(connection: Connection, feed: str) -> bool:
    """Poll a feed again; whether it was paused."""
    return connection.execute(delete(feed_pauses).where(feed_pauses.c.feed == feed)).rowcount > 0


def paused(connection: Connection) -> frozenset[str]:
    """The ids of the feeds that are paused."""
    return frozenset(connection.execute(select(feed_pauses.c.feed)).scalars())

"""Subscriptions to feeds at their hubs, and the documents that hubs sent and no poller has read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from streams.archive.feed_schema import feeds, pushes, subscriptions


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription; `state` is `asked`, `verified`, `denied` or `leaving`."""

    token: str
    """The last part of the callback's address, which nobody can guess."""
    feed: str
    hub: str
    topic: str
    callback: str
    secret: str
    state: str
    added_at: datetime
    retry_at: datetime
    """The hub is not asked for anything before."""
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    """Of the lease."""
    failures: int = 0
    """Askings in a row that came to nothing."""
    error: str | None = None
    pushed_at: datetime | None = None
    """When the hub last sent something that it had signed."""
    missed_at: datetime | None = None
    """When a poll last found what the hub had not sent."""


@dataclass(frozen=True, slots=True)
class AdvertisedHub:
    """What a feed said of a hub when it was last read."""

    feed: str
    url: str
    """Where the feed was polled."""
    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class Push:
    """A document that a hub sent."""

    id: str
    feed: str
    token: str
    content_type: str
    body: bytes
    received_at: datetime


def advertised(connection: Connection, feed: str | None = None) -> list[AdvertisedHub]:
    """The feeds (or the one) that name a hub."""
    chosen = select(feeds.c.id, feeds.c.url, feeds.c.hub, feeds.c.topic).where(feeds.c.hub.is_not(None))
    if feed is not None:
        chosen = chosen.where(feeds.c.id == feed)
    return [AdvertisedHub(*row) for row in connection.execute(chosen) if row.topic]


def subscriptions_of(connection: Connection, feed: str | None = None) -> list[Subscription]:
    """Every subscription, or those of a feed."""
    chosen = select(*(subscriptions.c[name] for name in Subscription.__slots__)).order_by(subscriptions.c.added_at)
    if feed is not None:
        chosen = chosen.where(subscriptions.c.feed == feed)
    return [Subscription(*row) for row in connection.execute(chosen)]


def by_token(connection: Connection, token: str) -> Subscription | None:
    """The subscription whose callback ends so."""
    columns = [subscriptions.c[name] for name in Subscription.__slots__]
    row = connection.execute(select(*columns).where(subscriptions.c.token == token)).first()
    return Subscription(*row) if row is not None else None


def keep(connection: Connection, subscription: Subscription) -> None:
    """A new subscription."""
    values = {name: getattr(subscription, name) for name in Subscription.__slots__}
    connection.execute(insert(subscriptions).values(**values))


def change(connection: Connection, token: str, **values: Any) -> None:
    """Set columns of a subscription."""
    connection.execute(update(subscriptions).where(subscriptions.c.token == token).values(**values))


def forget(connection: Connection, token: str) -> None:
    """A subscription is over."""
    connection.execute(delete(subscriptions).where(subscriptions.c.token == token))


def trusted(connection: Connection, now: datetime) -> frozenset[str]:
    """The feeds whose hubs send what they bring: the lease runs, something came, and nothing was missed since."""
    chosen = select(subscriptions.c.feed).where(
        subscriptions.c.state == "verified",
        subscriptions.c.expires_at > now,
        subscriptions.c.pushed_at.is_not(None),
        or_(subscriptions.c.missed_at.is_(None), subscriptions.c.missed_at < subscriptions.c.pushed_at),
    )
    return frozenset(connection.execute(chosen).scalars())


def missed(connection: Connection, feed: str, published: Sequence[datetime | None], now: datetime) -> None:
    """A poll found new articles of these dates: a hub that was subscribed to before they came has not sent them."""
    dates = [date for date in published if date is not None]
    before: ColumnElement[bool] = subscriptions.c.added_at < (max(dates) if len(dates) == len(published) else now)
    connection.execute(
        update(subscriptions)
        .where(and_(subscriptions.c.feed == feed, subscriptions.c.state == "verified", before))
        .values(missed_at=now)
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many subscriptions there are in each state."""
    rows = connection.execute(select(subscriptions.c.state, func.count()).group_by(subscriptions.c.state))
    return dict(rows.tuples().all())


def take_in(connection: Connection, push: Push) -> None:
    """Keep what a hub sent until a poller reads it; the same twice is kept once."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {name: getattr(push, name) for name in Push.__slots__}
    connection.execute(dialect.insert(pushes).values(**values).on_conflict_do_nothing(index_elements=["id"]))
    change(connection, push.token, pushed_at=push.received_at)


def unread(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """(id, feed) of the oldest documents that nobody has read yet."""
    chosen = select(pushes.c.id, pushes.c.feed).order_by(pushes.c.received_at, pushes.c.id).limit(limit)
    return [(push, feed) for push, feed in connection.execute(chosen).tuples()]


def push_of(connection: Connection, push: str) -> Push | None:
    """One of these documents; None where another poller was quicker."""
    row = connection.execute(select(*(pushes.c[name] for name in Push.__slots__)).where(pushes.c.id == push)).first()
    return Push(*row) if row is not None else None


def read(connection: Connection, push: str) -> None:
    """A document was read."""
    connection.execute(delete(pushes).where(pushes.c.id == push))


def unread_size(connection: Connection) -> tuple[int, int]:
    """How many documents wait, and their bytes."""
    row = connection.execute(select(func.count(), func.coalesce(func.sum(func.length(pushes.c.body)), 0))).one()
    return row[0], int(row[1])


def drop_unread(connection: Connection, before: datetime) -> int:
    """Drop documents that nobody has read since an instant, as their feeds are gone; how many."""
    return connection.execute(delete(pushes).where(pushes.c.received_at < before)).rowcount

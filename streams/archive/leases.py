"""Which poller has which share of the feeds: leases that run out, so that a dead poller's share passes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, update

from streams.archive.dialect import upsert
from streams.archive.feed_schema import poll_leases, pollers

SHARES = 64
"""Feeds are shared by their hosts, so that one poller alone sees to the manners of a host."""
LEASE = timedelta(seconds=40)
"""A poller that has not renewed its leases for this long has lost them."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """How the shares stand after a renewal."""

    own: frozenset[int]
    pollers: int
    """Alive, this one included."""


def renew(connection: Connection, owner: str, now: datetime, dead_owners: frozenset[str] = frozenset()) -> Renewal:
    """Say that `owner` is alive, keep what it has, and take or give back what makes the shares even.

    Leases that have run out are free, and those of `dead_owners`, of whom it is known.
    """
    _note_alive(connection, owner, now)
    if dead_owners:
        connection.execute(delete(pollers).where(pollers.c.owner.in_(dead_owners)))
        connection.execute(update(poll_leases).where(poll_leases.c.owner.in_(dead_owners)).values(until=now))
    connection.execute(delete(pollers).where(pollers.c.beat_at < now - LEASE))
    alive = connection.execute(select(func.count()).select_from(pollers)).scalar_one()
    kept = connection.execute(
        select(poll_leases.c.share)
        .where(poll_leases.c.owner == owner, poll_leases.c.until > now)
        .order_by(poll_leases.c.share)
    ).scalars()
    own = list(kept)
    fair = -(-SHARES // max(1, alive))
    given_back, own = own[fair:], own[:fair]
    _set(connection, given_back, owner, now)
    if len(own) < fair:
        free = (
            select(poll_leases.c.share)
            .where(poll_leases.c.until <= now)
            .order_by(poll_leases.c.share)
            .limit(fair - len(own))
            .with_for_update(skip_locked=True)
        )
        taken = [share for share in connection.execute(free).scalars() if share not in given_back]
        own += taken
    _set(connection, own, owner, now + LEASE)
    return Renewal(frozenset(own), alive)


def give_back(connection: Connection, owner: str, now: datetime) -> None:
    """A poller ends: what it has is free at once."""
    connection.execute(update(poll_leases).where(poll_leases.c.owner == owner).values(until=now))
    connection.execute(delete(pollers).where(pollers.c.owner == owner))


def owners(connection: Connection) -> frozenset[str]:
    """Every poller that has said it is alive and has not said that it ends."""
    return frozenset(connection.execute(select(pollers.c.owner)).scalars())


def _note_alive(connection: Connection, owner: str, now: datetime) -> None:
    upsert(connection, pollers, [{"owner": owner, "beat_at": now}], update=("beat_at",))
    have = connection.execute(select(func.count()).select_from(poll_leases)).scalar_one()
    if have < SHARES:
        upsert(connection, poll_leases, [{"share": share, "owner": "", "until": now} for share in range(SHARES)])


def _set(connection: Connection, shares: list[int], owner: str, until: datetime) -> None:
    if shares:
        connection.execute(update(poll_leases).where(poll_leases.c.share.in_(shares)).values(owner=owner, until=until))

"""Deliveries: what is due to which endpoint, leased so that two notifiers never send one at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from streams.archive.held import bundle_of
from streams.archive.schema import alert_revisions, deliveries
from streams.ids import delivery_id
from streams.records import Alert, decode_alert


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that is due; `attempts` counts those made before."""

    id: str
    endpoint: str
    attempts: int
    added_at: datetime
    alert: Alert
    others: tuple[Alert, ...] = ()
    """Alerts that are told in the same delivery."""
    why: str = "sent"
    """Why it is told now and so, by name: `sent`, or what others were held with it, such as `digested`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt at a delivery ended."""

    id: str
    state: str
    """`delivered`, `pending` (again at `again_at`) or `exhausted`."""
    at: datetime
    error: str | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """How a delivery begins: `pending`, `held` (until `due_at`, under the name `together`) or `suppressed`."""

    state: str
    reason: str
    detail: str
    cause: str
    """The id of the silence or alert that it is because of, or empty."""
    due_at: datetime
    together: str | None = None


def add_deliveries(
    connection: Connection,
    alert: Alert,
    endpoints: Iterable[str],
    now: datetime,
    begun: Mapping[str, Begun] | None = None,
) -> None:
    """Owe an alert, as it is told at its revision, to endpoints; `begun` are those that are not simply owed."""
    owed = Begun("pending", "sent", "", "", now)
    rows = []
    for endpoint in endpoints:
        one = (begun or {}).get(endpoint, owed)
        rows.append(
            {
                "id": delivery_id(alert.id, alert.revision, endpoint),
                "alert": alert.id,
                "alert_revision": alert.revision,
                "endpoint": endpoint,
                "state": one.state,
                "attempts": 0,
                "due_at": one.due_at,
                "added_at": now,
                "reason": one.reason,
                "detail": one.detail,
                "cause": one.cause,
                "together": one.together,
            }
        )
    if rows:
        connection.execute(insert(deliveries), rows)


def _due(endpoint: str, now: datetime) -> ColumnElement[bool]:
    """Due and in nobody's hand, and nothing before it of the same alert is still owed to the endpoint."""
    before, carrier = deliveries.alias("before"), deliveries.alias("carrier")
    told_with = exists().where(carrier.c.id == before.c.carrier, carrier.c.state == "pending")
    return and_(
        deliveries.c.state == "pending",
        deliveries.c.endpoint == endpoint,
        deliveries.c.due_at <= now,
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until < now),
        ~exists().where(
            before.c.alert == deliveries.c.alert,
            before.c.endpoint == deliveries.c.endpoint,
            before.c.alert_revision < deliveries.c.alert_revision,
            before.c.carrier.is_distinct_from(deliveries.c.id),
            or_(before.c.state == "pending", and_(before.c.state == "bundled", told_with)),
        ),
    )


def has_due(connection: Connection, endpoint: str, now: datetime) -> bool:
    """Whether anything is due to an endpoint."""
    return connection.execute(select(deliveries.c.id).where(_due(endpoint, now)).limit(1)).first() is not None


def lease(
    connection: Connection, endpoint: str, now: datetime, lasting: timedelta, limit: int, owner: str = ""
) -> list[DueDelivery]:
    """Take the oldest due deliveries of an endpoint; nobody else gets them until the lease has run out."""
    told = alert_revisions.c
    kept = deliveries.c
    columns = (kept.id, kept.endpoint, kept.attempts, kept.added_at, kept.reason, kept.carries, told.record)
    rows = connection.execute(
        select(*columns)
        .join(
            alert_revisions,
            and_(told.alert == deliveries.c.alert, told.revision == deliveries.c.alert_revision),
        )
        .where(_due(endpoint, now))
        .order_by(deliveries.c.added_at, deliveries.c.alert_revision)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    ).all()
    if rows:
        leased = deliveries.c.id.in_([row.id for row in rows])
        connection.execute(update(deliveries).where(leased).values(leased_until=now + lasting, leased_by=owner))
    carriers = [row.id for row in rows if row.carries]
    bundles = bundle_of(connection, carriers) if carriers else {}
    return [
        DueDelivery(
            row.id, row.endpoint, row.attempts, row.added_at, decode_alert(row.record),
            tuple(bundles.get(row.id, ())), row.reason,
        )
        for row in rows
    ]  # fmt: skip


def settle(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write down how attempts ended."""
    for one in outcomes:
        values: dict[str, object] = {"state": one.state, "error": one.error, "leased_until": None, "leased_by": None}
        if one.state == "delivered":
            values["delivered_at"] = one.at
        if one.again_at is not None:
            values["due_at"] = one.again_at
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == one.id, deliveries.c.state == "pending")
            .values(attempts=deliveries.c.attempts + 1, **values)
        )


def release(connection: Connection, owners: Collection[str]) -> int:
    """Nobody of these has anything in hand any more; how many deliveries they had."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "pending", deliveries.c.leased_by.in_(owners))
        .values(leased_until=None, leased_by=None)
    ).rowcount


def lease_owners(connection: Connection) -> set[str]:
    """Who has deliveries in hand."""
    leased = and_(deliveries.c.state == "pending", deliveries.c.leased_by.is_not(None))
    return set(connection.execute(select(deliveries.c.leased_by).where(leased).distinct()).scalars())


def hasten(connection: Connection, endpoint: str, now: datetime) -> int:
    """An endpoint works again: what waits for its next attempt is due now; how many."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "pending", deliveries.c.endpoint == endpoint, deliveries.c.due_at > now)
        .values(due_at=now)
    ).rowcount


def give_up(connection: Connection, endpoint: str, reason: str, before: datetime | None = None) -> int:
    """Exhaust what is owed to an endpoint and in nobody's hand (only what was added before a time); how many."""
    old = [] if before is None else [deliveries.c.added_at < before]
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state == "pending",
            deliveries.c.endpoint == endpoint,
            deliveries.c.leased_until.is_(None),
            *old,
        )
        .values(state="exhausted", error=reason)
    ).rowcount


def exhaust_unknown(connection: Connection, endpoints: Collection[str]) -> int:
    """Give up what is owed to endpoints that are no longer in the settings; how many."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "pending", deliveries.c.endpoint.not_in(endpoints))
        .values(state="exhausted", error="the endpoint is not in the settings any more")
    ).rowcount


def owed(connection: Connection) -> tuple[int, datetime | None]:
    """How many deliveries are pending, and since when the oldest."""
    pending = deliveries.c.state == "pending"
    row = connection.execute(select(func.count(), func.min(deliveries.c.added_at)).where(pending)).one()
    return row[0], row[1]

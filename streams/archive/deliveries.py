"""Deliveries: what is due to which endpoint, leased so that two notifiers never send one at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from streams.archive.schema import alerts, deliveries
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


def add_deliveries(connection: Connection, alert: Alert, endpoints: Iterable[str], now: datetime) -> None:
    """Owe an alert to endpoints."""
    rows = [
        {
            "id": delivery_id(alert.id, alert.revision, endpoint),
            "alert": alert.id,
            "alert_revision": alert.revision,
            "endpoint": endpoint,
            "state": "pending",
            "attempts": 0,
            "due_at": now,
            "added_at": now,
        }
        for endpoint in endpoints
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def _due(endpoint: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        deliveries.c.endpoint == endpoint,
        deliveries.c.state == "pending",
        deliveries.c.due_at <= now,
        or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until < now),
    )


def has_due(connection: Connection, endpoint: str, now: datetime) -> bool:
    """Whether anything is due to an endpoint."""
    return connection.execute(select(deliveries.c.id).where(_due(endpoint, now)).limit(1)).first() is not None


def lease(connection: Connection, endpoint: str, now: datetime, lasting: timedelta, limit: int) -> list[DueDelivery]:
    """Take the oldest due deliveries of an endpoint; nobody else gets them until the lease has run out."""
    columns = (deliveries.c.id, deliveries.c.endpoint, deliveries.c.attempts, deliveries.c.added_at, alerts.c.record)
    rows = connection.execute(
        select(*columns)
        .join(alerts, alerts.c.id == deliveries.c.alert)
        .where(_due(endpoint, now))
        .order_by(deliveries.c.added_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
    ).all()
    if rows:
        leased = deliveries.c.id.in_([row.id for row in rows])
        connection.execute(update(deliveries).where(leased).values(leased_until=now + lasting))
    return [DueDelivery(row.id, row.endpoint, row.attempts, row.added_at, decode_alert(row.record)) for row in rows]


def mark_delivered(connection: Connection, delivery: str, now: datetime) -> None:
    """The endpoint took it."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery)
        .values(state="delivered", attempts=deliveries.c.attempts + 1, delivered_at=now, leased_until=None, error=None)
    )


def mark_failed(connection: Connection, delivery: str, error: str, again_at: datetime | None) -> None:
    """The endpoint did not take it: due again at `again_at`, or exhausted where that is None."""
    values = {"state": "exhausted"} if again_at is None else {"due_at": again_at}
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery)
        .values(attempts=deliveries.c.attempts + 1, leased_until=None, error=error, **values)
    )


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

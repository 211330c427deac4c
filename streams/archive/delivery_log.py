"""What an operator asks of deliveries: which there are, and to try some again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select, update

from streams.archive.schema import alerts, deliveries


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """One delivery as it stands."""

    id: str
    alert: str
    alert_revision: int
    watch: str
    endpoint: str
    state: str
    attempts: int
    due_at: datetime
    error: str | None
    added_at: datetime
    delivered_at: datetime | None
    reason: str
    """Why it stands so, by name."""
    detail: str
    carrier: str | None
    """The delivery that tells it."""


def list_deliveries(
    connection: Connection,
    limit: int,
    *,
    state: str | None = None,
    endpoint: str | None = None,
    alert: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[LoggedDelivery]:
    """The newest deliveries, of one state, endpoint or alert where asked, from a position (time added, id) on."""
    columns = [alerts.c.watch if name == "watch" else deliveries.c[name] for name in LoggedDelivery.__slots__]
    chosen = select(*columns).join(alerts, alerts.c.id == deliveries.c.alert)
    if state is not None:
        chosen = chosen.where(deliveries.c.state == state)
    if endpoint is not None:
        chosen = chosen.where(deliveries.c.endpoint == endpoint)
    if alert is not None:
        chosen = chosen.where(deliveries.c.alert == alert)
    if after is not None:
        at, identity = after
        same = and_(deliveries.c.added_at == at, deliveries.c.id > identity)
        chosen = chosen.where(or_(deliveries.c.added_at < at, same))
    newest = chosen.order_by(deliveries.c.added_at.desc(), deliveries.c.id).limit(limit)
    return [LoggedDelivery(*row) for row in connection.execute(newest)]


def retry(connection: Connection, ids: Collection[str], now: datetime) -> set[str]:
    """Owe these again, whatever became of them; those that exist."""
    known = set(connection.execute(select(deliveries.c.id).where(deliveries.c.id.in_(ids))).scalars())
    _owe_again(connection, known, now)
    return known


def recover(connection: Connection, endpoint: str, since: datetime, now: datetime) -> int:
    """Owe an endpoint again what was given up since a time; how many."""
    lost = select(deliveries.c.id).where(
        deliveries.c.endpoint == endpoint, deliveries.c.state == "exhausted", deliveries.c.added_at >= since
    )
    ids = set(connection.execute(lost).scalars())
    _owe_again(connection, ids, now)
    return len(ids)


def _owe_again(connection: Connection, ids: set[str], now: datetime) -> None:
    if ids:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                state="pending", attempts=0, due_at=now, added_at=now, leased_until=None, leased_by=None,
                delivered_at=None,
            )
        )  # fmt: skip

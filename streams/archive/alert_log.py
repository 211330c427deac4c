"""What a person asks of alerts: which there are, and how each stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from streams.archive.alert_schema import handled_alerts
from streams.archive.schema import alert_revisions, alerts, deliveries
from streams.records import Alert, decode_alert


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One alert as it stands."""

    alert: Alert
    status: str
    """The alert's own, or `waiting` while too few tell it."""
    told_at: datetime | None
    """When its newest revision was told; none while it waits."""
    closes_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: datetime | None
    untold: int
    """Revisions that some endpoint was not told of."""


def list_alerts(
    connection: Connection,
    limit: int,
    *,
    statuses: Collection[str] = (),
    watch: str | None = None,
    alert: str | None = None,
    since: datetime | None = None,
) -> list[ListedAlert]:
    """The alerts opened last, the newest first."""
    told = alert_revisions.c
    untold = (
        select(func.count(deliveries.c.alert_revision.distinct()))
        .where(deliveries.c.alert == alerts.c.id, deliveries.c.state == "suppressed")
        .scalar_subquery()
    )
    chosen = (
        select(
            alerts.c.record, alerts.c.status, told.at, alerts.c.closes_at, handled_alerts.c.acknowledged_by,
            handled_alerts.c.snoozed_until, untold,
        )
        .outerjoin(alert_revisions, and_(told.alert == alerts.c.id, told.revision == alerts.c.revision))
        .outerjoin(handled_alerts, handled_alerts.c.alert == alerts.c.id)
    )  # fmt: skip
    if statuses:
        chosen = chosen.where(alerts.c.status.in_(statuses))
    if watch is not None:
        chosen = chosen.where(alerts.c.watch == watch)
    if alert is not None:
        chosen = chosen.where(alerts.c.id == alert)
    if since is not None:
        chosen = chosen.where(alerts.c.opened_at >= since)
    rows = connection.execute(chosen.order_by(alerts.c.opened_at.desc(), alerts.c.id).limit(limit))
    return [ListedAlert(decode_alert(row[0]), *row[1:]) for row in rows.tuples()]


def find(connection: Connection, beginning: str, most: int = 3) -> list[str]:
    """The ids of alerts that begin so, a few of them; a whole id finds itself alone."""
    if not beginning.isalnum():
        return []
    chosen = select(alerts.c.id).where(alerts.c.id >= beginning, alerts.c.id < beginning + "g")
    return list(connection.execute(chosen.order_by(alerts.c.id).limit(most)).scalars())

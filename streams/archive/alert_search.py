"""Alerts as somebody looks for them: the newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from streams.archive.newest import Position, beyond, that_are, within
from streams.archive.schema import alert_revisions, alerts
from streams.records import Alert, decode_alert

_NO_ALERTS = ("waiting", "notice")
"""Too few tell it yet; or it tells of deliveries, not of news."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What alerts must have; what is left out is not asked. Times are of the opening."""

    watch: str | None = None
    status: str | None = None
    story: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ToldRevision:
    """An alert as it was told once."""

    alert: Alert
    at: datetime
    reason: str
    """Why it was told, by name."""


def search(connection: Connection, wanted: Wanted, limit: int, after: Position | None = None) -> list[Alert]:
    """The alerts opened last that are so, from a position on; those that wait for sources are none yet."""
    own = alerts.c
    asked = [
        own.status.not_in(_NO_ALERTS),
        *that_are((own.watch, wanted.watch), (own.status, wanted.status), (own.story, wanted.story)),
        *within(own.opened_at, wanted.since, wanted.until),
        *beyond(own.opened_at, own.id, after),
    ]
    rows = connection.execute(
        select(own.record).where(*asked).order_by(own.opened_at.desc(), own.id.desc()).limit(limit)
    )
    return [decode_alert(record) for (record,) in rows]


def get(connection: Connection, alert: str) -> Alert | None:
    """An alert as it stands, or None; one that waits for sources is none yet."""
    chosen = select(alerts.c.record).where(alerts.c.id == alert, alerts.c.status.not_in(_NO_ALERTS))
    record = connection.execute(chosen).scalar()
    return decode_alert(record) if record is not None else None


def history(connection: Connection, alert: str) -> list[ToldRevision]:
    """Every revision of an alert as it was told, oldest first."""
    own = alert_revisions.c
    rows = connection.execute(select(own.record, own.at, own.reason).where(own.alert == alert).order_by(own.revision))
    return [ToldRevision(decode_alert(row.record), row.at, row.reason) for row in rows]

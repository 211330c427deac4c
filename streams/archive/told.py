"""How alerts have been told: each revision with its time, one alert or the newest of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from streams.archive.schema import alert_revisions, alerts
from streams.records import Alert, decode_alert


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as it was told at one of its revisions."""

    alert: Alert
    at: datetime


def revisions_of(connection: Connection, alert: str, before: int | None = None) -> list[Told]:
    """Every revision of an alert (or those before a revision), oldest first; empty where it is unknown."""
    rows = select(alert_revisions.c.record, alert_revisions.c.at).where(alert_revisions.c.alert == alert)
    if before is not None:
        rows = rows.where(alert_revisions.c.revision < before)
    found = connection.execute(rows.order_by(alert_revisions.c.revision))
    return [Told(decode_alert(record), at) for record, at in found]


@dataclass(frozen=True, slots=True)
class ToldSince:
    """A revision that was told, with how wide what fired was."""

    alert: Alert
    scope: str
    at: datetime
    why: str
    """Why it was told."""


def told_since(connection: Connection, since: datetime) -> Iterator[ToldSince]:
    """Every revision told since a time, oldest first."""
    told = alert_revisions.c
    rows = connection.execute(
        select(told.record, alerts.c.scope, told.at, told.reason)
        .join(alerts, alerts.c.id == told.alert)
        .where(told.at >= since)
        .order_by(told.at, told.alert, told.revision)
    )
    for record, scope, at, reason in rows:
        yield ToldSince(decode_alert(record), scope, at, reason)


def newest(connection: Connection, limit: int, watch: str | None = None) -> list[Told]:
    """The alerts opened last (of one watch), newest first, each as it stands and when it came to stand so."""
    told = alert_revisions.c
    rows = select(told.record, told.at).join(
        alerts, and_(alerts.c.id == told.alert, alerts.c.revision == told.revision, alerts.c.status != "notice")
    )
    if watch is not None:
        rows = rows.where(alerts.c.watch == watch)
    found = connection.execute(rows.order_by(alerts.c.opened_at.desc(), alerts.c.id).limit(limit))
    return [Told(decode_alert(record), at) for record, at in found]

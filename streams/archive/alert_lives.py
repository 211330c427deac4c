"""How alerts stand and stood: the newest of each, every revision as told, and what each article alone would tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from streams.archive.schema import alert_articles, alert_revisions, alerts, deliveries
from streams.records import Alert, decode_alert, encode_alert


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it stands in the archive."""

    status: str
    """The alert's own, or `waiting` while too few tell it."""
    alert: Alert


@dataclass(frozen=True, slots=True)
class ToldAlone:
    """An alert as one article alone would tell it."""

    article: str
    alert: Alert


def standing(connection: Connection, alert: str) -> KeptAlert | None:
    """An alert as it stands; where rows can be locked its row is, until the transaction ends."""
    row = connection.execute(
        select(alerts.c.status, alerts.c.record).where(alerts.c.id == alert).with_for_update()
    ).first()
    return KeptAlert(row.status, decode_alert(row.record)) if row is not None else None


def keep(connection: Connection, alert: Alert, status: str, closes_at: datetime | None) -> None:
    """Keep an alert as it stands from now on."""
    values = {
        "revision": alert.revision,
        "status": status,
        "watch": alert.watch,
        "story": alert.story,
        "opened_at": alert.opened,
        "record": encode_alert(alert).decode(),
        "closes_at": closes_at,
    }
    if connection.execute(update(alerts).where(alerts.c.id == alert.id).values(values)).rowcount == 0:
        connection.execute(insert(alerts).values(id=alert.id, **values))


def keep_revision(connection: Connection, alert: Alert, reason: str, at: datetime) -> None:
    """Keep a revision as it is told, and why."""
    record = encode_alert(alert).decode()
    connection.execute(
        insert(alert_revisions).values(alert=alert.id, revision=alert.revision, record=record, at=at, reason=reason)
    )


def alerts_of(connection: Connection, article: str) -> dict[str, str]:
    """The alerts whose story an article tells or told: watch by alert id."""
    chosen = select(alert_articles.c.alert, alert_articles.c.watch).where(alert_articles.c.article == article)
    return {row.alert: row.watch for row in connection.execute(chosen.order_by(alert_articles.c.alert))}


def told_alone(connection: Connection, alert: str) -> list[ToldAlone]:
    """What each article alone would tell, the first teller first; those kept before this was known are left out."""
    rows = connection.execute(
        select(alert_articles.c.article, alert_articles.c.record)
        .where(alert_articles.c.alert == alert, alert_articles.c.record.is_not(None))
        .order_by(alert_articles.c.told_at, alert_articles.c.article)
    )
    return [ToldAlone(row.article, decode_alert(row.record)) for row in rows]


def note_outcome(connection: Connection, alert: str, article: str, outcome: str, alone: Alert | None) -> None:
    """What became of an article for an alert, and what it alone would tell now; None where it tells it no more."""
    connection.execute(
        update(alert_articles)
        .where(alert_articles.c.alert == alert, alert_articles.c.article == article)
        .values(outcome=outcome, record=encode_alert(alone).decode() if alone is not None else None)
    )


def told_to(connection: Connection, alert: str) -> list[str]:
    """The endpoints to which any revision of an alert is or was owed."""
    chosen = select(deliveries.c.endpoint).where(deliveries.c.alert == alert).distinct()
    return sorted(connection.execute(chosen).scalars())


def quiet(connection: Connection, now: datetime, limit: int) -> list[KeptAlert]:
    """Alerts whose quiet time is over, those first that are so longest; nobody else gets them meanwhile."""
    rows = connection.execute(
        select(alerts.c.status, alerts.c.record)
        .where(alerts.c.closes_at <= now)
        .order_by(alerts.c.closes_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [KeptAlert(row.status, decode_alert(row.record)) for row in rows]

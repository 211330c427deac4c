"""Alerts at rest, and which articles tell the story of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select

from streams.archive.schema import alert_articles, alert_revisions, alerts
from streams.records import Alert, EnrichedArticle, decode_alert, encode_alert


@dataclass(frozen=True, slots=True)
class Telling:
    """An article that tells the story of an alert of a watch."""

    watch: str
    alert: str
    story: str
    article: str
    fingerprint: str


def tellings(connection: Connection, watches: Collection[str], enriched: EnrichedArticle) -> list[Telling]:
    """What these watches already know of this article or of one with the same words, oldest first."""
    rows = connection.execute(
        select(
            alert_articles.c.watch,
            alert_articles.c.alert,
            alerts.c.story,
            alert_articles.c.article,
            alert_articles.c.fingerprint,
        )
        .join(alerts, alerts.c.id == alert_articles.c.alert)
        .where(
            alert_articles.c.watch.in_(watches),
            or_(
                alert_articles.c.article == enriched.article.id,
                alert_articles.c.fingerprint == enriched.fingerprint,
            ),
        )
        .order_by(alert_articles.c.added_at)
    )
    return [Telling(*row) for row in rows]


def open_alert(connection: Connection, alert: Alert) -> None:
    """Keep a new alert, and how it is told first."""
    record = encode_alert(alert).decode()
    connection.execute(
        insert(alerts).values(
            id=alert.id,
            revision=alert.revision,
            status=alert.status,
            watch=alert.watch,
            story=alert.story,
            opened_at=alert.opened,
            record=record,
        )
    )
    connection.execute(
        insert(alert_revisions).values(alert=alert.id, revision=alert.revision, record=record, at=alert.opened)
    )


def join_alert(connection: Connection, watch: str, alert: str, enriched: EnrichedArticle, now: datetime) -> None:
    """Note that an article tells the story of an alert; noting it again changes nothing."""
    same = (alert_articles.c.alert == alert, alert_articles.c.article == enriched.article.id)
    if connection.execute(select(alert_articles.c.article).where(*same)).first() is None:
        connection.execute(
            insert(alert_articles).values(
                alert=alert,
                article=enriched.article.id,
                watch=watch,
                fingerprint=enriched.fingerprint,
                outlet=enriched.article.outlet,
                added_at=now,
            )
        )


def recent_alerts(connection: Connection, limit: int) -> list[Alert]:
    """The alerts opened last, newest first."""
    rows = connection.execute(select(alerts.c.record).order_by(alerts.c.opened_at.desc()).limit(limit))
    return [decode_alert(record) for (record,) in rows]

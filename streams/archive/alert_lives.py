"""How alerts stand and stood: the newest of each, every revision as told, and what each article alone would tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Update, and_, bindparam, insert, select, update

from streams.archive.schema import alert_articles, alert_revisions, alerts
from streams.records import Alert, decode_alert, encode_alert

OPEN = ("opened", "updated", "corrected")
"""The statuses of an alert that stands."""
_STANDING = (alerts.c.status, alerts.c.record, alerts.c.closes_at, alerts.c.pace, alerts.c.scope)
# Every article with a hit needs these, and making a statement costs more than running it.
_TO_CHANGE = select(*_STANDING).where(alerts.c.id == bindparam("one")).with_for_update()
_OPEN = insert(alerts)
_TELL = insert(alert_revisions)
_NOTE = (
    update(alert_articles)
    .where(alert_articles.c.alert == bindparam("of"), alert_articles.c.article == bindparam("by"))
    .values(outcome=bindparam("became"), record=bindparam("alone"))
)


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it stands in the archive."""

    status: str
    """The alert's own, or `waiting` while too few tell it."""
    alert: Alert
    closes_at: datetime | None
    pace: str | None
    """What its watch says of how it is told, as kept."""
    scope: str


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that stands open, and when it was told last."""

    alert: Alert
    scope: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class WatchSays:
    """What is kept of an alert's watch beside it."""

    pace: str | None
    scope: str


@dataclass(frozen=True, slots=True)
class ToldAlone:
    """An alert as one article alone would tell it."""

    article: str
    alert: Alert


def standing(connection: Connection, alert: str) -> KeptAlert | None:
    """An alert as it stands; where rows can be locked its row is, until the transaction ends."""
    row = connection.execute(_TO_CHANGE, {"one": alert}).first()
    return _kept(row) if row is not None else None


def as_it_stands(connection: Connection, alert: str) -> KeptAlert | None:
    """The same, only to be looked at."""
    row = connection.execute(select(*_STANDING).where(alerts.c.id == alert)).first()
    return _kept(row) if row is not None else None


def keep(
    connection: Connection, alert: Alert, status: str, closes_at: datetime | None, about: WatchSays | None = None
) -> None:
    """Keep an alert as it stands from now on; what its watch says of it stays where nothing is given."""
    values: dict[str, object] = {
        "revision": alert.revision,
        "status": status,
        "watch": alert.watch,
        "story": alert.story,
        "opened_at": alert.opened,
        "record": encode_alert(alert).decode(),
        "closes_at": closes_at,
    }
    if about is not None:
        values |= {"pace": about.pace, "scope": about.scope}
    given = {f"to_{name}": value for name, value in values.items()}
    if connection.execute(_keeping(tuple(values)), {"one": alert.id, **given}).rowcount == 0:
        connection.execute(_OPEN, {"id": alert.id, **values})


@cache
def _keeping(columns: tuple[str, ...]) -> Update:
    return (
        update(alerts)
        .where(alerts.c.id == bindparam("one"))
        .values({name: bindparam(f"to_{name}") for name in columns})
    )


def keep_revision(connection: Connection, alert: Alert, reason: str, at: datetime) -> None:
    """Keep a revision as it is told, and why."""
    record = encode_alert(alert).decode()
    row = {"alert": alert.id, "revision": alert.revision, "record": record, "at": at, "reason": reason}
    connection.execute(_TELL, row)


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
    record = encode_alert(alone).decode() if alone is not None else None
    connection.execute(_NOTE, {"of": alert, "by": article, "became": outcome, "alone": record})


def quiet(connection: Connection, now: datetime, limit: int) -> list[KeptAlert]:
    """Alerts whose quiet time is over, those first that are so longest; nobody else gets them meanwhile."""
    rows = connection.execute(
        select(*_STANDING)
        .where(alerts.c.closes_at <= now)
        .order_by(alerts.c.closes_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_kept(row) for row in rows]


def has_quiet(connection: Connection, now: datetime) -> bool:
    """Whether there are any."""
    return connection.execute(select(alerts.c.id).where(alerts.c.closes_at <= now).limit(1)).first() is not None


def open_alerts(
    connection: Connection, since: datetime, watches: Collection[str] = (), scopes: Collection[str] = ()
) -> list[OpenAlert]:
    """Alerts that stand open and were told since a time (of these watches, of these scopes), the newest first."""
    told = alert_revisions.c
    chosen = (
        select(alerts.c.record, alerts.c.scope, told.at)
        .join(alert_revisions, and_(told.alert == alerts.c.id, told.revision == alerts.c.revision))
        .where(alerts.c.status.in_(OPEN), alerts.c.closes_at.is_not(None), told.at > since)
    )
    if watches:
        chosen = chosen.where(alerts.c.watch.in_(watches))
    if scopes:
        chosen = chosen.where(alerts.c.scope.in_(scopes))
    rows = connection.execute(chosen.order_by(told.at.desc(), alerts.c.id))
    return [OpenAlert(decode_alert(row.record), row.scope, row.at) for row in rows]


def told_once(connection: Connection, watch: str) -> list[Alert]:
    """The alerts of a watch that stand as they were first told."""
    chosen = select(alerts.c.record).where(alerts.c.watch == watch, alerts.c.revision == 1)
    return [decode_alert(record) for record in connection.execute(chosen.order_by(alerts.c.id)).scalars()]


def _kept(row: Row[Any]) -> KeptAlert:
    return KeptAlert(row.status, decode_alert(row.record), row.closes_at, row.pace, row.scope)

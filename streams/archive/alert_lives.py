"""How alerts stand and stood: the newest of each, every revision as told, and what each article alone would tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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
# Every article with a hit needs these, and making a statement costs more than running it. Rows are locked in the order
# of their ids, so that two workers never wait for each other.
_TO_CHANGE = (
    select(*_STANDING)
    .where(alerts.c.id.in_(bindparam("these", expanding=True)))
    .order_by(alerts.c.id)
    .with_for_update()
)
_IF_FREE = select(*_STANDING).where(alerts.c.id == bindparam("one")).with_for_update(skip_locked=True)
_IN_ONE_QUERY = 500
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
class Keeping:
    """How an alert stands from now on."""

    alert: Alert
    status: str
    closes_at: datetime | None
    about: WatchSays | None = None
    """None where that stays as it is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an article for an alert."""

    alert: str
    article: str
    outcome: str
    alone: Alert | None
    """What the article alone would tell now; None where it tells it no more."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of an alert as it is told, and why."""

    alert: Alert
    reason: str


@dataclass(frozen=True, slots=True)
class ToldAlone:
    """An alert as one article alone would tell it."""

    article: str
    alert: Alert


def standings(connection: Connection, wanted: Collection[str]) -> dict[str, KeptAlert]:
    """Alerts as they stand, by id; where rows can be locked theirs are, until the transaction ends."""
    found: dict[str, KeptAlert] = {}
    for some in _portions(sorted(wanted)):
        rows = connection.execute(_TO_CHANGE, {"these": some})
        found |= {one.alert.id: one for one in map(_kept, rows)}
    return found


def standing(connection: Connection, alert: str) -> KeptAlert | None:
    """One of them, or None."""
    return standings(connection, [alert]).get(alert)


def standing_if_free(connection: Connection, alert: str) -> KeptAlert | None:
    """One of them; None where there is none, or another has it in hand just now."""
    row = connection.execute(_IF_FREE, {"one": alert}).first()
    return _kept(row) if row is not None else None


def as_it_stands(connection: Connection, alert: str) -> KeptAlert | None:
    """The same, only to be looked at."""
    row = connection.execute(select(*_STANDING).where(alerts.c.id == alert)).first()
    return _kept(row) if row is not None else None


def add(connection: Connection, given: Sequence[Keeping]) -> None:
    """Keep alerts of which nothing was kept before."""
    if given:
        rows = [{"id": one.alert.id, **_row(one), "pace": None, "scope": "", **_said(one)} for one in given]
        connection.execute(_OPEN, rows)


def change(connection: Connection, given: Iterable[Keeping]) -> None:
    """Keep alerts as they stand from now on; what a watch says of its own stays where nothing is given."""
    rows: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for one in given:
        values = _row(one) | _said(one)
        rows.setdefault(tuple(values), []).append(_asked(one.alert.id, values))
    for columns, some in rows.items():
        connection.execute(_keeping(columns), some)


def keep(
    connection: Connection, alert: Alert, status: str, closes_at: datetime | None, about: WatchSays | None = None
) -> None:
    """Keep an alert as it stands from now on, whether one of its id was kept before or not."""
    one = Keeping(alert, status, closes_at, about)
    values = _row(one) | _said(one)
    if connection.execute(_keeping(tuple(values)), _asked(alert.id, values)).rowcount == 0:
        add(connection, [one])


def _row(one: Keeping) -> dict[str, object]:
    alert = one.alert
    return {
        "revision": alert.revision,
        "status": one.status,
        "watch": alert.watch,
        "story": alert.story,
        "opened_at": alert.opened,
        "record": encode_alert(alert).decode(),
        "closes_at": one.closes_at,
    }


def _said(one: Keeping) -> dict[str, object]:
    return {} if one.about is None else {"pace": one.about.pace, "scope": one.about.scope}


def _asked(alert: str, values: dict[str, object]) -> dict[str, object]:
    return {"one": alert, **{f"to_{name}": value for name, value in values.items()}}


@cache
def _keeping(columns: tuple[str, ...]) -> Update:
    return (
        update(alerts)
        .where(alerts.c.id == bindparam("one"))
        .values({name: bindparam(f"to_{name}") for name in columns})
    )


def keep_revisions(connection: Connection, given: Sequence[Revision], at: datetime) -> None:
    """Keep revisions as they are told, and why."""
    rows = [
        {
            "alert": one.alert.id,
            "revision": one.alert.revision,
            "record": encode_alert(one.alert).decode(),
            "at": at,
            "reason": one.reason,
        }
        for one in given
    ]
    if rows:
        connection.execute(_TELL, rows)


def alerts_of(connection: Connection, article: str) -> dict[str, str]:
    """The alerts whose story an article tells or told: watch by alert id."""
    chosen = select(alert_articles.c.alert, alert_articles.c.watch).where(alert_articles.c.article == article)
    return {row.alert: row.watch for row in connection.execute(chosen.order_by(alert_articles.c.alert))}


def told_alone(connection: Connection, wanted: Collection[str]) -> dict[str, list[ToldAlone]]:
    """What each article alone would tell of these alerts, the first teller of each first.

    Those kept before this was known are left out.
    """
    found: dict[str, list[ToldAlone]] = {one: [] for one in wanted}
    for some in _portions(sorted(wanted)):
        rows = connection.execute(
            select(alert_articles.c.alert, alert_articles.c.article, alert_articles.c.record)
            .where(alert_articles.c.alert.in_(some), alert_articles.c.record.is_not(None))
            .order_by(alert_articles.c.told_at, alert_articles.c.article)
        )
        for row in rows:
            found[row.alert].append(ToldAlone(row.article, decode_alert(row.record)))
    return found


def note_outcomes(connection: Connection, given: Sequence[Outcome]) -> None:
    """What became of articles that tell the stories of alerts already."""
    rows = [
        {
            "of": one.alert,
            "by": one.article,
            "became": one.outcome,
            "alone": encode_alert(one.alone).decode() if one.alone is not None else None,
        }
        for one in given
    ]
    if rows:
        connection.execute(_NOTE, rows)


def quiet(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The alerts whose quiet time is over, those first that are so longest."""
    over = select(alerts.c.id).where(alerts.c.closes_at <= now)
    return list(connection.execute(over.order_by(alerts.c.closes_at, alerts.c.id).limit(limit)).scalars())


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


def _portions(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IN_ONE_QUERY] for start in range(0, len(ids), _IN_ONE_QUERY)]

"""Alerts at rest, and which articles tell the story of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import CompoundSelect, Connection, Select, and_, bindparam, insert, or_, select, union_all

from streams.archive.schema import alert_articles, alerts
from streams.records import Alert, decode_alert, encode_alert

STORY_HOURS = 72.0
"""A story takes new tellings for so long after its last one."""
MOST_TELLINGS = 200
"""The newest tellings of a watch that an article is compared with: a bound on what a hit costs."""
_WATCHES_A_QUERY = 40


class Telling(NamedTuple):
    """An article that tells the story of an alert of a watch."""

    watch: str
    alert: str
    story: str
    article: str
    fingerprint: str
    outlet: str
    origin: str
    """Who tells it: an agency or a publisher."""
    told_at: datetime
    sketch: bytes
    features: str
    """What it names and counts, as compact text."""
    reason: str
    """Why it is a telling of this story."""
    copy_of: str | None
    """The article whose words it repeats."""


def tellings(
    connection: Connection, watches: Collection[str], article: str, fingerprint: str, at: datetime
) -> list[Telling]:
    """What an article told at `at` is compared with, for several watches in one query, in no order.

    For each watch: the article itself, its words, and the newest `MOST_TELLINGS`; all but the article itself from two
    spans of a story's time before it to one after it.
    """
    reach = timedelta(hours=STORY_HOURS)
    asked = sorted(watches)
    found: dict[tuple[str, str, str], Telling] = {}
    for start in range(0, len(asked), _WATCHES_A_QUERY):
        some = asked[start : start + _WATCHES_A_QUERY]
        values = {"some": some, "article": article, "fingerprint": fingerprint, "since": at - 2 * reach}
        values |= {"until": at + reach} | {f"watch{number}": watch for number, watch in enumerate(some)}
        for one in map(Telling._make, connection.execute(_compared(len(some)), values).all()):
            found[one.watch, one.alert, one.article] = one
    return list(found.values())


@cache
def _compared(watches: int) -> CompoundSelect[tuple[object, ...]]:
    """The query of `tellings`; made once for each number of watches, since making it costs more than running it."""
    kept = alert_articles.c
    near = kept.told_at.between(
        bindparam("since", type_=kept.told_at.type), bindparam("until", type_=kept.told_at.type)
    )
    itself = or_(kept.article == bindparam("article"), and_(kept.fingerprint == bindparam("fingerprint"), near))
    parts = [_told().where(kept.watch.in_(bindparam("some", expanding=True)), itself)]
    for number in range(watches):
        newest = _told().where(kept.watch == bindparam(f"watch{number}"), near)
        newest = newest.order_by(kept.told_at.desc(), kept.article.desc()).limit(MOST_TELLINGS)
        parts.append(select(newest.subquery()))
    return union_all(*parts)


def tellings_of(connection: Connection, alert: str) -> list[Telling]:
    """Every telling of an alert's story, oldest first: who tells it, and who copied whom."""
    return [Telling(*row) for row in connection.execute(_all_of_one(), {"alert": alert}).all()]


@cache
def _all_of_one() -> Select[tuple[object, ...]]:
    kept = alert_articles.c
    return _told().where(kept.alert == bindparam("alert")).order_by(kept.told_at, kept.article)


def shingles(connection: Connection, chosen: Iterable[Telling]) -> dict[str, bytes]:
    """The hashed shingles of tellings, by article; those that have none are left out."""
    keys = {(one.alert, one.article) for one in chosen}
    rows = connection.execute(
        select(alert_articles.c.article, alert_articles.c.shingles).where(
            alert_articles.c.alert.in_({alert for alert, _ in keys}),
            alert_articles.c.article.in_({article for _, article in keys}),
        )
    )
    return {article: raw for article, raw in rows if raw}


def _told() -> Select[tuple[object, ...]]:
    kept = alert_articles.c
    return select(
        kept.watch, kept.alert, alerts.c.story, kept.article, kept.fingerprint, kept.outlet, kept.origin, kept.told_at,
        kept.sketch, kept.features, kept.reason, kept.copy_of,
    ).join(alerts, alerts.c.id == kept.alert)  # fmt: skip


def join_alert(
    connection: Connection,
    telling: Telling,
    shingled: bytes,
    now: datetime,
    outcome: str = "",
    alone: Alert | None = None,
) -> None:
    """Note that an article tells the story of an alert, and what became of it; noting it again changes nothing."""
    if connection.execute(_JOINED, {"alert": telling.alert, "article": telling.article}).first() is not None:
        return
    row = {name: getattr(telling, name) for name in Telling._fields if name != "story"}
    record = encode_alert(alone).decode() if alone is not None else None
    connection.execute(_JOIN, {**row, "shingles": shingled, "added_at": now, "outcome": outcome, "record": record})


_JOIN = insert(alert_articles)
_JOINED = select(alert_articles.c.article).where(
    alert_articles.c.alert == bindparam("alert"), alert_articles.c.article == bindparam("article")
)


def recent_alerts(connection: Connection, limit: int) -> list[Alert]:
    """The alerts opened last, newest first."""
    told = select(alerts.c.record).where(alerts.c.status.not_in(("waiting", "notice")))
    rows = connection.execute(told.order_by(alerts.c.opened_at.desc()).limit(limit))
    return [decode_alert(record) for (record,) in rows]

"""Alerts at rest, and which articles tell the story of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from streams.archive.schema import alert_articles, alerts
from streams.records import Alert, decode_alert, encode_alert

STORY_HOURS = 72.0
"""A story takes new tellings for so long after its last one."""
MOST_TELLINGS = 200
"""The newest tellings of a watch that an article is compared with: a bound on what a hit costs."""
_WATCHES_A_QUERY = 40
_IN_ONE_QUERY = 500
_BETWEEN = "\x1f"
"""Between the ids of articles in one text; none has it."""


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


class Teller(NamedTuple):
    """What counts of an article that tells the story of an alert, where outlets are counted."""

    alert: str
    article: str
    origin: str
    copy_of: str | None


@dataclass(frozen=True, slots=True)
class Joining:
    """An article that begins to tell the story of an alert, and what became of it."""

    telling: Telling
    shingles: bytes
    outcome: str = ""
    alone: Alert | None = None
    """The alert as the article alone would tell it."""


class Asked(NamedTuple):
    """An article, and the watches for which its story is looked for."""

    watches: Sequence[str]
    article: str
    fingerprint: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """The articles that one is compared with for a watch, in no order."""

    own: set[str]
    """Itself, and those of its words."""
    newest: set[str]
    """The newest `MOST_TELLINGS`."""


def compared(connection: Connection, asked: Sequence[Asked]) -> list[dict[str, Compared]]:
    """What each of these articles is compared with, by watch.

    All but the article itself from two spans of a story's time before it to one after it. One row a watch is read,
    since rows are what costs.
    """
    reach = timedelta(hours=STORY_HOURS)
    found = [{watch: Compared(set(), set()) for watch in one.watches} for one in asked]
    pairs = [(number, watch) for number, one in enumerate(asked) for watch in one.watches]
    for start in range(0, len(pairs), _WATCHES_A_QUERY):
        some = pairs[start : start + _WATCHES_A_QUERY]
        numbers = list(dict.fromkeys(number for number, _ in some))
        values: dict[str, object] = {}
        for place, number in enumerate(numbers):
            one = asked[number]
            values |= {f"article{place}": one.article, f"fingerprint{place}": one.fingerprint}
            values |= {f"since{place}": one.told_at - 2 * reach, f"until{place}": one.told_at + reach}
            values[f"some{place}"] = [watch for of, watch in some if of == number]
        values |= {f"watch{place}": watch for place, (_, watch) in enumerate(some)}
        shape = tuple(numbers.index(number) for number, _ in some)
        for is_own, place, watch, articles in connection.execute(_compared(shape), values):
            if is_own:
                found[numbers[place]][watch].own.add(articles)
            elif articles is not None:
                found[numbers[place]][watch].newest.update(articles.split(_BETWEEN))
    return found


@lru_cache(maxsize=200)
def _compared(shape: tuple[int, ...]) -> CompoundSelect[tuple[object, ...]]:
    """The query of `compared` for watches of so many articles, each with its article's place.

    Made once for each shape, since making it costs more than running it.
    """
    kept = alert_articles.c
    at = kept.told_at.type
    parts = []
    for place in dict.fromkeys(shape):
        near = kept.told_at.between(bindparam(f"since{place}", type_=at), bindparam(f"until{place}", type_=at))
        same = and_(kept.fingerprint == bindparam(f"fingerprint{place}"), near)
        among = kept.watch.in_(bindparam(f"some{place}", expanding=True))
        own = select(literal_column("1"), literal_column(str(place)), kept.watch, kept.article)
        parts.append(own.where(among, or_(kept.article == bindparam(f"article{place}"), same)))
    for number, place in enumerate(shape):
        watch = bindparam(f"watch{number}", type_=kept.watch.type)
        near = kept.told_at.between(bindparam(f"since{place}", type_=at), bindparam(f"until{place}", type_=at))
        newest = select(kept.article).where(kept.watch == watch, near)
        newest = newest.order_by(kept.told_at.desc(), kept.article.desc()).limit(MOST_TELLINGS)
        told = func.aggregate_strings(newest.subquery().c.article, _BETWEEN)
        parts.append(select(literal_column("0"), literal_column(str(place)), watch, told))
    return union_all(*parts)


def tellings(connection: Connection, wanted: Mapping[str, Collection[str]]) -> list[Telling]:
    """What articles told, for each watch its articles, in no order; those that told nothing are left out."""
    pairs = sorted((watch, article) for watch, articles in wanted.items() for article in articles)
    found: list[Telling] = []
    for start in range(0, len(pairs), _IN_ONE_QUERY):
        some = pairs[start : start + _IN_ONE_QUERY]
        values = {"watches": list({watch for watch, _ in some}), "articles": list({article for _, article in some})}
        asked = set(some)
        rows = map(Telling._make, connection.execute(_told_by(), values))
        found += [one for one in rows if (one.watch, one.article) in asked]
    return found


@cache
def _told_by() -> Select[tuple[object, ...]]:
    kept = alert_articles.c
    return _told().where(
        kept.watch.in_(bindparam("watches", expanding=True)), kept.article.in_(bindparam("articles", expanding=True))
    )


def tellings_of(connection: Connection, alert: str) -> list[Telling]:
    """Every telling of an alert's story, oldest first: who tells it, and who copied whom."""
    kept = alert_articles.c
    chosen = _told().where(kept.alert == alert).order_by(kept.told_at, kept.article)
    return [Telling(*row) for row in connection.execute(chosen).all()]


def tellers(connection: Connection, wanted: Collection[str]) -> dict[str, list[Teller]]:
    """Who tells the stories of these alerts."""
    found: dict[str, list[Teller]] = {one: [] for one in wanted}
    asked = sorted(wanted)
    for start in range(0, len(asked), _IN_ONE_QUERY):
        rows = connection.execute(_TELLERS, {"these": asked[start : start + _IN_ONE_QUERY]})
        for one in map(Teller._make, rows):
            found[one.alert].append(one)
    return found


def shingles(connection: Connection, chosen: Iterable[Telling]) -> dict[tuple[str, str], bytes]:
    """The hashed shingles of tellings, by alert and article; those that have none are left out."""
    asked = sorted({(one.alert, one.article) for one in chosen})
    found: dict[tuple[str, str], bytes] = {}
    for start in range(0, len(asked), _IN_ONE_QUERY):
        some = asked[start : start + _IN_ONE_QUERY]
        values = {"these": list({alert for alert, _ in some}), "articles": list({article for _, article in some})}
        found |= {(alert, article): raw for alert, article, raw in connection.execute(_SHINGLES, values) if raw}
    return found


def _told() -> Select[tuple[object, ...]]:
    kept = alert_articles.c
    return select(
        kept.watch, kept.alert, alerts.c.story, kept.article, kept.fingerprint, kept.outlet, kept.origin, kept.told_at,
        kept.sketch, kept.features, kept.reason, kept.copy_of,
    ).join(alerts, alerts.c.id == kept.alert)  # fmt: skip


def join_alerts(connection: Connection, given: Sequence[Joining], now: datetime) -> None:
    """Note that articles tell the stories of alerts, which they did not before; the alerts must be there."""
    rows = [
        {
            **{name: getattr(one.telling, name) for name in _KEPT_OF_TELLING},
            "shingles": one.shingles,
            "added_at": now,
            "outcome": one.outcome,
            "record": encode_alert(one.alone).decode() if one.alone is not None else None,
        }
        for one in given
    ]
    if rows:
        connection.execute(_JOIN, rows)


_KEPT_OF_TELLING = tuple(name for name in Telling._fields if name != "story")
_JOIN = insert(alert_articles)
_TELLERS = select(
    alert_articles.c.alert, alert_articles.c.article, alert_articles.c.origin, alert_articles.c.copy_of
).where(alert_articles.c.alert.in_(bindparam("these", expanding=True)))
_SHINGLES = select(alert_articles.c.alert, alert_articles.c.article, alert_articles.c.shingles).where(
    alert_articles.c.alert.in_(bindparam("these", expanding=True)),
    alert_articles.c.article.in_(bindparam("articles", expanding=True)),
)


def recent_alerts(connection: Connection, limit: int) -> list[Alert]:
    """The alerts opened last, newest first."""
    told = select(alerts.c.record).where(alerts.c.status.not_in(("waiting", "notice")))
    rows = connection.execute(told.order_by(alerts.c.opened_at.desc()).limit(limit))
    return [decode_alert(record) for (record,) in rows]

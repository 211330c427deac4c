"""Articles as they were read, in the order in which they were done: for watching them again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select

from streams.archive.articles import KEPT
from streams.archive.schema import articles, mentions, revisions
from streams.records import EnrichedArticle, Mention, decode_article

_PAGE = 500
_IDS = 5_000
_COLUMNS = [mentions.c[name] for name in Mention.__slots__]
_KEPT = [articles.c[name] for name in KEPT]
_WAYPOINTS = Mention.__slots__.index("waypoints")


def replay(
    connection: Connection,
    since: datetime,
    only: Collection[str] | None = None,
    seen: Callable[[int], object] | None = None,
) -> Iterator[EnrichedArticle]:
    """Done articles first seen at or after `since`, with their mentions and what was kept of their words, if it was.

    `only` leaves out all but these ids. An article with a newer revision that is not done yet comes as the revision
    that is. `seen` is told after each page how many articles were read in it.
    """
    for page in _chosen(connection, since, only) if only is not None else _pages(connection, since):
        found = mentions_of(connection, [row.id for row in page])
        for identity, language, _, record, *kept in page:
            words = [one or "" for one in kept]
            yield EnrichedArticle(decode_article(record), language or "und", tuple(found[identity]), *words)
        if seen is not None:
            seen(len(page))


def done_after(
    connection: Connection, after: tuple[datetime, str], since: datetime, limit: int
) -> list[tuple[datetime, EnrichedArticle]]:
    """What was done next after a position, of what was first seen at or after `since`: each with when it was done."""
    at, identity = after
    later = or_(articles.c.done_at > at, and_(articles.c.done_at == at, articles.c.id > identity))
    wanted = (articles.c.done_at >= at, articles.c.first_seen >= since, later)
    rows = connection.execute(_read(*wanted).limit(limit)).all()
    found = mentions_of(connection, [row.id for row in rows])
    return [
        (row.done_at, EnrichedArticle(decode_article(row.record), row.language or "und", tuple(found[row.id]), ""))
        for row in rows
    ]


def count(connection: Connection, since: datetime) -> int:
    """How many articles `replay` gives, near enough for a progress bar."""
    wanted = (articles.c.done_at >= since, articles.c.first_seen >= since)
    return connection.execute(select(func.count()).select_from(articles).where(*wanted)).scalar_one()


def _pages(connection: Connection, since: datetime) -> Iterator[Sequence[Any]]:
    after: tuple[datetime, str] | None = None
    while True:
        wanted: list[ColumnElement[bool]] = [
            # nothing is done before it is seen; so the index leads to where the page begins, and not through years
            articles.c.done_at >= (after[0] if after else since),
            articles.c.first_seen >= since,
        ]
        if after is not None:
            later = articles.c.done_at > after[0]
            wanted.append(or_(later, and_(articles.c.done_at == after[0], articles.c.id > after[1])))
        page = connection.execute(_read(*wanted).limit(_PAGE)).all()
        if not page:
            return
        yield page
        after = (page[-1].done_at, page[-1].id)


def _chosen(connection: Connection, since: datetime, only: Collection[str]) -> Iterator[Sequence[Any]]:
    """The articles of these ids, in the order in which they were done."""
    ids = sorted(only)
    order: list[tuple[datetime, str]] = []
    for start in range(0, len(ids), _IDS):
        some = articles.c.id.in_(ids[start : start + _IDS])
        wanted = (some, articles.c.done_at >= since, articles.c.first_seen >= since)
        order += [
            (row.done_at, row.id)
            for row in connection.execute(select(articles.c.done_at, articles.c.id).where(*wanted))
        ]
    order.sort()
    for start in range(0, len(order), _PAGE):
        page = [one for _, one in order[start : start + _PAGE]]
        yield connection.execute(_read(articles.c.id.in_(page))).all()


def _read(*wanted: ColumnElement[bool]) -> Select[Any]:
    done = and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.done_revision)
    is_newest = articles.c.done_revision == articles.c.revision
    record = case((is_newest, articles.c.record), else_=revisions.c.record)
    return (
        select(articles.c.id, articles.c.language, articles.c.done_at, record.label("record"), *_KEPT)
        .outerjoin(revisions, done)
        .where(*wanted, record.is_not(None))
        .order_by(articles.c.done_at, articles.c.id)
    )


def mentions_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Mention]]:
    """What is named in each of these articles, in the order of the text; one that names nothing has an empty list."""
    rows = connection.execute(
        select(mentions.c.article, *_COLUMNS)
        .where(mentions.c.article.in_(ids))
        .order_by(mentions.c.article, mentions.c.position)
    )
    found: dict[str, list[Mention]] = defaultdict(list)
    columns = list(zip(*rows.all(), strict=True))  # all at once: there are a dozen for each article
    if columns:
        named_in, *values = columns
        values[_WAYPOINTS] = tuple(() if one == "[]" else tuple(json.loads(one)) for one in values[_WAYPOINTS])
        for article, mention in zip(named_in, map(Mention, *values), strict=True):
            found[article].append(mention)
    return found

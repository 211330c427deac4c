"""Articles as they were read, in the order in which they were done: for watching them again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, or_, select

from streams.archive.schema import articles, mentions, revisions
from streams.records import EnrichedArticle, Mention, decode_article

_PAGE = 500
_COLUMNS = [name for name in Mention.__slots__ if name != "waypoints"]


def replay(connection: Connection, since: datetime) -> Iterator[EnrichedArticle]:
    """Done articles first seen at or after `since`, with their mentions; fingerprints are left empty.

    An article with a newer revision that is not done yet comes as the revision that is.
    """
    after: tuple[datetime, str] | None = None
    while page := _page(connection, since, after):
        found = _mentions(connection, [row.id for row in page])
        for row in page:
            yield EnrichedArticle(decode_article(row.record), row.language or "und", tuple(found[row.id]), "")
        after = (page[-1].done_at, page[-1].id)


def _page(connection: Connection, since: datetime, after: tuple[datetime, str] | None) -> Sequence[Any]:
    done = and_(revisions.c.article == articles.c.id, revisions.c.revision == articles.c.done_revision)
    is_newest = articles.c.done_revision == articles.c.revision
    record = case((is_newest, articles.c.record), else_=revisions.c.record)
    wanted: list[ColumnElement[bool]] = [
        # nothing is done before it is seen; so the index leads to where the page begins, and not through years
        articles.c.done_at >= (after[0] if after else since),
        articles.c.first_seen >= since,
        record.is_not(None),
    ]
    if after is not None:
        later = articles.c.done_at > after[0]
        wanted.append(or_(later, and_(articles.c.done_at == after[0], articles.c.id > after[1])))
    return connection.execute(
        select(articles.c.id, articles.c.language, articles.c.done_at, record.label("record"))
        .outerjoin(revisions, done)
        .where(*wanted)
        .order_by(articles.c.done_at, articles.c.id)
        .limit(_PAGE)
    ).all()


def _mentions(connection: Connection, ids: Sequence[str]) -> dict[str, list[Mention]]:
    rows = connection.execute(
        select(mentions.c.article, mentions.c.waypoints, *(mentions.c[name] for name in _COLUMNS))
        .where(mentions.c.article.in_(ids))
        .order_by(mentions.c.article, mentions.c.position)
    )
    found: dict[str, list[Mention]] = defaultdict(list)
    for article, waypoints, *values in rows:
        given: dict[str, Any] = dict(zip(_COLUMNS, values, strict=True))
        found[article].append(Mention(**given, waypoints=tuple(json.loads(waypoints))))
    return found

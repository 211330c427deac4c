"""Articles at rest: done or waiting, and what was found in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from streams.archive.dialect import hold
from streams.archive.feed_schema import feeds
from streams.archive.many_rows import insert_rows
from streams.archive.outbox import not_done
from streams.archive.schema import alerts, articles, dead, deliveries, mentions
from streams.ids import digest
from streams.records import Article, EnrichedArticle, encode_article

KEPT = ("fingerprint", "sketch", "origin", "features")
"""What an enriched article tells beside its mentions, kept with the revision that is done."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything there is."""

    articles: int
    done: int
    waiting: int
    dead: int
    alerts: int
    delivered: int
    feeds: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not done yet; `oldest` is when the oldest of it was first seen."""

    articles: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class RecentArticle:
    """A finished article as it is shown in a list."""

    id: str
    feed: str
    outlet: str
    title: str
    url: str | None
    first_seen: datetime
    done_at: datetime | None


def content_hash(article: Article) -> str:
    """Changes when the title or the text does."""
    return digest("content", article.title, article.text)


@dataclass(frozen=True, slots=True)
class ArticleBefore:
    """What is known of an article before it is recorded."""

    known: bool
    """Whether there is a row of it."""
    done: int
    """The newest revision that is done, 0 where none is."""
    failed: bool
    """Whether a copy of it may stand among the dead."""


def before(connection: Connection, article: str) -> ArticleBefore:
    """What is known of an article.

    It is the transaction's own from here on, so that two workers never record one at once.
    """
    row = connection.execute(_BEFORE, {"one": article}).first()
    if row is None and hold(connection, "article", [article]):
        # there was no row to lock, and another worker may have made it meanwhile
        row = connection.execute(_BEFORE, {"one": article}).first()
    return ArticleBefore(True, row.done_revision, row.failed) if row is not None else ArticleBefore(False, 0, True)


# Every article needs these, and making a statement costs more than running it.
_THIS = articles.c.id == bindparam("one")
_NEWER = articles.c.revision > bindparam("done")
_BEFORE = (
    select(articles.c.done_revision, exists().where(dead.c.article == articles.c.id).label("failed"))
    .where(_THIS)
    .with_for_update(of=articles)
)
_FRESH = (
    select(articles.c.id)
    .where(
        articles.c.id.in_(bindparam("some", expanding=True)),
        articles.c.done_revision == 0,
        ~exists().where(dead.c.article == articles.c.id),
    )
    .order_by(articles.c.id)
    .with_for_update(of=articles)
)
_DONE = (
    update(articles)
    .where(_THIS)
    .values(
        language=bindparam("found"),
        done_revision=bindparam("done"),
        done_at=bindparam("at"),
        dead_at=case((_NEWER, articles.c.dead_at)),  # a copy of it had failed
        waiting=and_(articles.c.waiting, _NEWER),
        **{name: bindparam(name) for name in KEPT},
    )
)
_NOT_DEAD = delete(dead).where(dead.c.article == bindparam("one"), dead.c.revision <= bindparam("done"))
_FORGET = delete(mentions).where(mentions.c.article == bindparam("one"))
_NEW = insert(articles)


def mark_done(
    connection: Connection, enriched: EnrichedArticle, now: datetime, known: ArticleBefore | None = None
) -> None:
    """Keep what was found in an article and stop waiting for this revision of it, which is dead no more.

    An article that came over Kafka without this archive's poller is kept as well. `known` is what `before` said of it
    in this transaction, where it was asked.
    """
    article = enriched.article
    known = known or before(connection, article.id)
    if known.known:
        connection.execute(_DONE, _done(enriched, now))
    else:
        connection.execute(
            _NEW,
            {
                "id": article.id,
                "feed": article.feed,
                "revision": article.revision,
                "outlet": article.outlet,
                "url": article.url,
                "title": article.title,
                "language": enriched.language,
                "published": article.published,
                "first_seen": article.first_seen,
                "content_hash": content_hash(article),
                "record": encode_article(article).decode(),
                "sends": 0,
                "done_revision": article.revision,
                "done_at": now,
                "waiting": False,
                **_kept(enriched),
            },
        )
    if known.failed:
        connection.execute(_NOT_DEAD, {"one": article.id, "done": article.revision})
    if known.done:
        connection.execute(_FORGET, {"one": article.id})
    insert_rows(connection, mentions, _found(enriched))


def fresh(connection: Connection, some: Sequence[str]) -> set[str]:
    """Those of these articles that are known, and of which no revision has been done or has failed.

    They are the transaction's own from here on, locked in the order of their ids: two never wait for each other.
    """
    return set(connection.execute(_FRESH, {"some": list(some)}).scalars())


def mark_fresh_done(connection: Connection, some: Sequence[EnrichedArticle], now: datetime) -> None:
    """As `mark_done`, for many that are `fresh` in this transaction."""
    if some:
        connection.execute(_DONE, [_done(one, now) for one in some])
        insert_rows(connection, mentions, [row for one in some for row in _found(one)])


def _done(enriched: EnrichedArticle, now: datetime) -> dict[str, object]:
    article = enriched.article
    values = {"one": article.id, "found": enriched.language, "done": article.revision, "at": now}
    return values | _kept(enriched)


def _kept(enriched: EnrichedArticle) -> dict[str, object]:
    return {name: getattr(enriched, name) or None for name in KEPT}


def _found(enriched: EnrichedArticle) -> list[dict[str, object]]:
    return [
        {
            "article": enriched.article.id,
            "position": position,
            "field": mention.field,
            "start": mention.start,
            "end": mention.end,
            "surface": mention.surface,
            "kind": mention.kind,
            "entity": mention.entity,
            "name": mention.name,
            "lat": mention.lat,
            "lon": mention.lon,
            "country": mention.country,
            "confidence": mention.confidence,
            "waypoints": json.dumps(mention.waypoints) if mention.waypoints else "[]",
            "reason": mention.reason,
            "modality": mention.modality,
        }
        for position, mention in enumerate(enriched.mentions)
    ]


def waiting(connection: Connection) -> Waiting:
    """How many articles are not done, and since when."""
    row = connection.execute(
        select(func.count(), func.min(articles.c.first_seen)).select_from(articles).where(not_done())
    ).one()
    return Waiting(*row)


def counts(connection: Connection) -> Counts:
    """How much of everything there is."""

    def count(table: Table, *conditions: ColumnElement[bool]) -> int:
        return connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()

    return Counts(
        articles=count(articles),
        done=count(articles, articles.c.done_revision >= articles.c.revision),
        waiting=count(articles, not_done()),
        dead=count(dead),
        alerts=count(alerts, alerts.c.status != "waiting"),
        delivered=count(deliveries, deliveries.c.state == "delivered"),
        feeds=count(feeds),
    )


def recent_articles(connection: Connection, limit: int) -> list[RecentArticle]:
    """The articles done last, newest first."""
    columns = [articles.c[name] for name in RecentArticle.__slots__]
    rows = connection.execute(
        select(*columns).where(articles.c.done_at.is_not(None)).order_by(articles.c.done_at.desc()).limit(limit)
    )
    return [RecentArticle(*row) for row in rows]


def mention_names(connection: Connection, article: str) -> list[tuple[str, str]]:
    """(kind, canonical name) of what an article names, in the order of the text, each once."""
    rows = connection.execute(
        select(mentions.c.kind, mentions.c.name)
        .where(mentions.c.article == article, mentions.c.entity.is_not(None))
        .order_by(mentions.c.position)
    )
    return list(dict.fromkeys((kind, name) for kind, name in rows))


def sent_before_and_waiting(connection: Connection, before: datetime) -> bool:
    """Whether something that Kafka acknowledged before that instant is still waiting."""
    chosen = select(articles.c.id).where(not_done(), articles.c.sent_at < before).limit(1)
    return connection.execute(chosen).first() is not None

"""Articles as somebody looks for them: the newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from streams.archive.article_words import Asked, holds
from streams.archive.newest import Position, beyond, that_are, within
from streams.archive.schema import alert_articles, articles, mentions, revisions
from streams.records import Article, decode_article


@dataclass(frozen=True, slots=True)
class Wanted:
    """What articles must have; what is left out is not asked. Times are of `first_seen`."""

    entity: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2: something is placed there."""
    box: tuple[float, float, float, float] | None = None
    """South, west, north, east in degrees; west > east crosses the date line."""
    since: datetime | None = None
    until: datetime | None = None
    feed: str | None = None
    outlet: str | None = None
    language: str | None = None
    words: Asked = ()
    """Beginnings of words, as `article_words.holds` takes them."""


@dataclass(frozen=True, slots=True)
class ListedArticle:
    """An article of a list."""

    article: Article
    language: str
    done_at: datetime | None
    dead_at: datetime | None


def search(connection: Connection, wanted: Wanted, limit: int, after: Position | None = None) -> list[ListedArticle]:
    """The articles seen last that are so, from a position on."""
    own = articles.c
    asked = [
        *that_are((own.feed, wanted.feed), (own.outlet, wanted.outlet), (own.language, wanted.language)),
        *within(own.first_seen, wanted.since, wanted.until),
        *beyond(own.first_seen, own.id, after),
    ]
    if wanted.words:
        asked.append(holds(connection, wanted.words))
    named = _named(wanted)
    if named:
        asked.append(select(mentions.c.article).where(mentions.c.article == own.id, *named).exists())
    rows = connection.execute(
        select(own.record, own.language, own.done_at, own.dead_at)
        .where(*asked)
        .order_by(own.first_seen.desc(), own.id.desc())
        .limit(limit)
    )
    return [ListedArticle(decode_article(row.record), row.language or "und", row.done_at, row.dead_at) for row in rows]


def _named(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What one mention must have."""
    own = mentions.c
    asked: list[ColumnElement[bool]] = []
    if wanted.entity is not None:
        asked.append(own.entity == wanted.entity)
    if wanted.country is not None:
        asked += [own.kind == "place", own.country == wanted.country]
    if wanted.box is not None:
        south, west, north, east = wanted.box
        asked.append(own.lat.between(south, north))
        asked.append(own.lon.between(west, east) if west <= east else or_(own.lon >= west, own.lon <= east))
    return asked


def get(connection: Connection, article: str) -> ListedArticle | None:
    """An article in its newest revision, or None."""
    own = articles.c
    row = connection.execute(
        select(own.record, own.language, own.done_at, own.dead_at).where(own.id == article)
    ).first()
    if row is None:
        return None
    return ListedArticle(decode_article(row.record), row.language or "und", row.done_at, row.dead_at)


def earlier_revisions(connection: Connection, article: str) -> list[tuple[Article, datetime]]:
    """What an article said before, oldest first, each with when it was replaced."""
    rows = connection.execute(
        select(revisions.c.record, revisions.c.replaced_at)
        .where(revisions.c.article == article)
        .order_by(revisions.c.revision)
    )
    return [(decode_article(record), at) for record, at in rows]


def alerts_told_by(connection: Connection, article: str) -> list[tuple[str, str, str]]:
    """(alert, watch, what became of it) for each alert whose story an article tells."""
    own = alert_articles.c
    rows = connection.execute(
        select(own.alert, own.watch, own.outcome).where(own.article == article).order_by(own.alert)
    )
    return [(row.alert, row.watch, row.outcome) for row in rows]

"""Searching articles by their words. Whoever searches, or has nothing else to do, reads into the index what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from streams.archive.dialect import upsert
from streams.archive.schema import articles
from streams.archive.word_schema import INDEX, article_words
from streams.records import decode_article

Asked = Sequence[Sequence[str]]
"""Of each of these one beginning must stand in the article; letters and digits alone."""
_UNREAD = articles.c.words_revision < articles.c.revision
_READ = (
    update(articles)
    .where(articles.c.id == bindparam("article"))
    .values(words_revision=bindparam("read"))
    .execution_options(synchronize_session=False)
)


def unread(connection: Connection, most: int) -> int:
    """How many articles are not in the index yet, counted up to `most`."""
    some = select(articles.c.id).where(_UNREAD).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def read_more(connection: Connection, terms: Callable[[str], Collection[str]], limit: int) -> int:
    """Take the words of up to `limit` articles into the index, the newest first, in this transaction; how many."""
    chosen = select(articles.c.id, articles.c.revision, articles.c.record).where(_UNREAD)
    chosen = chosen.order_by(articles.c.first_seen.desc()).limit(limit)
    rows = connection.execute(chosen.with_for_update(skip_locked=True)).all()
    kept, read = [], []
    for row in rows:
        article = decode_article(row.record)
        words = " ".join(terms(f"{article.title}\n{article.text}"))
        kept.append({"id": _number(row.id), "article": row.id, "words": words})
        read.append({"article": row.id, "read": row.revision})
    if rows:
        upsert(connection, article_words, kept, update=("words",))
        connection.execute(_READ, read)
    return len(rows)


def holds(connection: Connection, asked: Asked) -> ColumnElement[bool]:
    """Whether an article of a query has these words."""
    own = article_words.c
    if connection.dialect.name == "sqlite":
        meant = _joined(asked, '"{}"*', " OR ", " AND ")
        matching = text(f"{INDEX} MATCH :words").bindparams(words=meant)
        rows: Select[tuple[int]] = select(literal_column("rowid", Integer)).select_from(table(INDEX)).where(matching)
        return articles.c.id.in_(select(own.article).where(own.id.in_(rows)))
    meant = _joined(asked, "'{}':*", " | ", " & ")
    vector = func.array_to_tsvector(func.string_to_array(own.words, literal_column("' '")))
    return articles.c.id.in_(select(own.article).where(vector.op("@@")(cast(literal(meant), TSQUERY))))


def _joined(asked: Asked, beginning: str, either: str, both: str) -> str:
    return both.join(f"({either.join(beginning.format(word) for word in words)})" for words in asked)


def _number(article: str) -> int:
    """63 bits of an article's id."""
    return int.from_bytes(hashlib.blake2b(article.encode(), digest_size=8).digest(), "big") >> 1

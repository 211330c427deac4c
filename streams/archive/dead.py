"""What could not be processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, true, update

from streams.archive.dialect import upsert
from streams.archive.schema import articles, dead, outbox
from streams.records import DeadArticle


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A dead article as an operator sees it."""

    article: str
    revision: int
    step: str
    feed: str
    error: str
    at: datetime
    retries: int


def set_aside(connection: Connection, record: DeadArticle, feed: str = "") -> None:
    """Keep a dead article (again if need be) and stop waiting for it.

    A record without a revision (0) could not be read: it stands for whichever revision waits. What is done already,
    by another copy of the same record, stays done and is not kept here.
    """
    known = connection.execute(
        select(articles.c.feed, articles.c.done_revision).where(articles.c.id == record.article).with_for_update()
    ).first()
    if known and known.done_revision >= record.revision > 0:
        return
    row = {
        "article": record.article,
        "revision": record.revision,
        "step": record.step,
        "feed": known.feed if known else feed,
        "error": record.error,
        "raw": record.raw,
        "at": record.at,
        "retries": 0,
    }
    upsert(connection, dead, [row], update=("error", "raw", "at"))
    waits = [articles.c.id == record.article, articles.c.waiting == true()]
    if record.revision:
        waits.append(articles.c.revision == record.revision)
    connection.execute(update(articles).where(*waits).values(dead_at=record.at, waiting=False))


def list_dead(connection: Connection, limit: int) -> list[DeadRow]:
    """The newest dead articles."""
    columns = (dead.c.article, dead.c.revision, dead.c.step, dead.c.feed, dead.c.error, dead.c.at, dead.c.retries)
    rows = connection.execute(select(*columns).order_by(dead.c.at.desc()).limit(limit))
    return [DeadRow(*row) for row in rows]


def retry(connection: Connection, article_ids: Sequence[str], now: datetime) -> int:
    """Publish these dead articles again (all of them where none is named); how many were.

    Only what the archive holds as an article can be tried again; an entry that could not be read at all comes
    back by itself when its feed changes.
    """
    is_dead = articles.c.id.in_(select(dead.c.article))  # few are: far quicker than a look at every article
    chosen = select(articles.c.id, articles.c.revision).where(is_dead, articles.c.dead_at.is_not(None))
    if article_ids:
        chosen = chosen.where(articles.c.id.in_(article_ids))
    rows = connection.execute(chosen.order_by(articles.c.id)).all()
    for article, revision in rows:
        connection.execute(update(articles).where(articles.c.id == article).values(dead_at=None, waiting=True))
        connection.execute(delete(outbox).where(outbox.c.article == article))
        connection.execute(insert(outbox).values(article=article, revision=revision, added_at=now))
        connection.execute(update(dead).where(dead.c.article == article).values(retries=dead.c.retries + 1))
    return len(rows)


def count_dead(connection: Connection) -> int:
    """How many dead articles there are."""
    return connection.execute(select(func.count()).select_from(dead)).scalar_one()

"""The outbox: what Kafka has not acknowledged yet, and what it must be given again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from streams.archive.dialect import insert_absent
from streams.archive.schema import articles, outbox

_OVERTAKEN = timedelta(seconds=30)
_FIRST_WAIT = timedelta(seconds=60)
_STALL = timedelta(minutes=10)
_MOST_DOUBLINGS = 6
_MOST_AGAIN = 500
_LATEST_DONE = 200


@dataclass(frozen=True, slots=True)
class Unsent:
    """An article revision that waits to be published; `record` is its JSON."""

    article: str
    revision: int
    record: str


def unsent(connection: Connection, limit: int) -> list[Unsent]:
    """The oldest rows of the outbox."""
    rows = connection.execute(
        select(outbox.c.article, articles.c.revision, articles.c.record)
        .join(articles, articles.c.id == outbox.c.article)
        .order_by(outbox.c.added_at)
        .limit(limit)
    )
    return [Unsent(*row) for row in rows]


def mark_sent(connection: Connection, sent: Sequence[Unsent], broker_run: str, now: datetime) -> None:
    """Kafka acknowledged these: out of the outbox."""
    if not sent:
        return
    sent = sorted(sent, key=lambda one: one.article)  # in one order everywhere, so that nobody waits in a circle
    connection.execute(
        delete(outbox).where(
            outbox.c.article == bindparam("sent_article"),
            # an older revision's row is served by sending the newest
            outbox.c.revision <= bindparam("sent_revision"),
        ),
        [{"sent_article": one.article, "sent_revision": one.revision} for one in sent],
    )
    connection.execute(
        update(articles)
        .where(articles.c.id == bindparam("sent_article"))
        .values(sent_at=now, sends=articles.c.sends + 1, broker_run=broker_run),
        [{"sent_article": one.article} for one in sent],
    )


def waiting_and_oldest(connection: Connection) -> tuple[int, datetime | None]:
    """How many articles Kafka has not acknowledged, and since when the oldest."""
    row = connection.execute(select(func.count(), func.min(outbox.c.added_at))).one()
    return row[0], row[1]


def in_flight(connection: Connection, broker_run: str) -> int:
    """How many articles this run of the broker has acknowledged and the work has not finished."""
    return connection.execute(
        select(func.count()).select_from(articles).where(not_done(), articles.c.broker_run == broker_run)
    ).scalar_one()


def has_lost(connection: Connection, broker_run: str) -> bool:
    """Whether an earlier run of the broker took articles with it that are not in the outbox again."""
    chosen = select(articles.c.id).where(_lost(broker_run), _not_in_outbox()).limit(1)
    return connection.execute(chosen).first() is not None


def send_lost_again(connection: Connection, broker_run: str, now: datetime) -> int:
    """Put back what an earlier run of the broker acknowledged and the work never finished; how many."""
    return _put_back(connection, _lost(broker_run), now, limit=None)


def _lost(broker_run: str) -> ColumnElement[bool]:
    return and_(not_done(), articles.c.sent_at.is_not(None), articles.c.broker_run != broker_run)


def _not_in_outbox() -> ColumnElement[bool]:
    return ~exists().where(outbox.c.article == articles.c.id, outbox.c.revision == articles.c.revision)


def send_overdue_again(connection: Connection, now: datetime) -> int:
    """Put back articles that have not been done for too long; how many.

    Too long is told by order, not by age alone, so that a long backlog is not published twice: articles sent
    later are done already, or nothing at all has been done for ten minutes. Each further time waits twice as long.
    """
    latest = (  # by its index: all that was ever done is too much to look at
        select(articles.c.sent_at, articles.c.done_at)
        .where(articles.c.done_at.is_not(None))
        .order_by(articles.c.done_at.desc())
        .limit(_LATEST_DONE)
        .subquery()
    )
    newest_done_sent, last_done = connection.execute(
        select(func.max(latest.c.sent_at), func.max(latest.c.done_at))
    ).one()
    conditions = []
    for sends in range(1, _MOST_DOUBLINGS + 1):
        is_last = sends == _MOST_DOUBLINGS
        same = articles.c.sends >= sends if is_last else articles.c.sends == sends
        wait = _FIRST_WAIT * 2 ** (sends - 1)
        if newest_done_sent is not None:
            overtaken = articles.c.sent_at < min(now - wait, newest_done_sent - _OVERTAKEN)
            conditions.append(and_(same, overtaken))
        if last_done is None or last_done < now - _STALL:
            conditions.append(and_(same, articles.c.sent_at < now - _STALL * 2 ** (sends - 1)))
    if not conditions:
        return 0
    return _put_back(connection, and_(not_done(), or_(*conditions)), now, limit=_MOST_AGAIN)


def not_done() -> ColumnElement[bool]:
    """True for an article whose newest revision is neither done nor dead."""
    return articles.c.waiting == true()  # in the very words of the partial index


def _put_back(connection: Connection, condition: ColumnElement[bool], now: datetime, limit: int | None) -> int:
    chosen = (
        select(articles.c.id, articles.c.revision, literal(now, outbox.c.added_at.type))
        .where(condition, _not_in_outbox())
        .order_by(articles.c.sent_at)
    )
    if limit is not None:
        chosen = chosen.limit(limit)
    return insert_absent(connection, outbox, ["article", "revision", "added_at"], chosen)

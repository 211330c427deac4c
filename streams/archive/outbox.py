"""The outbox: what Kafka has not acknowledged yet, and what it must be given again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    true,
    update,
)

from streams.archive.dialect import insert_absent
from streams.archive.facts import BROKER_RECYCLING, BROKER_RUN
from streams.archive.schema import articles, facts, outbox
from streams.overdue import FIRST_WAIT, Done, Sent, overdue

_LATEST_DONE = 500
_LONGEST_WAITING = 500
"""So many are looked at for what is overdue, at a time."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """An article revision that waits to be published; `record` is its JSON."""

    article: str
    revision: int
    record: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand for who publishes."""

    articles: int
    """How many Kafka has not acknowledged."""
    broker_run: str | None
    """The embedded broker's, where there is one."""
    is_broker_recycling: bool


def standing(connection: Connection) -> Standing:
    """All that is looked at many times a second, in one statement."""
    row = connection.execute(_STANDING).one()
    return Standing(row.articles, row.run, row.recycling is not None)


def _fact(name: str) -> ScalarSelect[str]:
    return select(facts.c.value).where(facts.c.name == name).scalar_subquery()


_STANDING = select(
    select(func.count()).select_from(outbox).scalar_subquery().label("articles"),
    _fact(BROKER_RUN).label("run"),
    _fact(BROKER_RECYCLING).label("recycling"),
)


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
    return _put_back(connection, _lost(broker_run), now)


def _lost(broker_run: str) -> ColumnElement[bool]:
    return and_(not_done(), articles.c.sent_at.is_not(None), articles.c.broker_run != broker_run)


def _not_in_outbox() -> ColumnElement[bool]:
    return ~exists().where(outbox.c.article == articles.c.id, outbox.c.revision == articles.c.revision)


def send_overdue_again(connection: Connection, partition: Callable[[str], int], now: datetime) -> int:
    """Put back articles that have not been done for too long, as `streams.overdue` tells; how many.

    `partition` gives the partition of an article's id.
    """
    done = connection.execute(  # by its index: all that was ever done is too much to look at
        select(articles.c.id, articles.c.sent_at, articles.c.sends, articles.c.done_at)
        .where(articles.c.done_at.is_not(None))
        .order_by(articles.c.done_at.desc())
        .limit(_LATEST_DONE)
    ).all()
    waiting = connection.execute(
        select(articles.c.id, articles.c.sent_at, articles.c.sends)
        .where(not_done(), articles.c.sent_at < now - FIRST_WAIT, _not_in_outbox())
        .order_by(articles.c.sent_at)
        .limit(_LONGEST_WAITING)
    ).all()
    doings = [Done(Sent(one.id, one.sent_at, one.sends), one.done_at) for one in done if one.sent_at is not None]
    chosen = overdue([Sent(*one) for one in waiting], doings, partition, now)
    return _put_back(connection, articles.c.id.in_(chosen), now) if chosen else 0


def not_done() -> ColumnElement[bool]:
    """True for an article whose newest revision is neither done nor dead."""
    return articles.c.waiting == true()  # in the very words of the partial index


def _put_back(connection: Connection, condition: ColumnElement[bool], now: datetime) -> int:
    chosen = (
        select(articles.c.id, articles.c.revision, literal(now, outbox.c.added_at.type))
        .where(condition, not_done(), _not_in_outbox())
        .order_by(articles.c.sent_at)
    )
    return insert_absent(connection, outbox, ["article", "revision", "added_at"], chosen)

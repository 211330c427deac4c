"""Forgetting what is old, in steps so small that nobody who writes waits long for one.

What a feed's entries were seen under (`entries`) is never forgotten: a feed may list an entry for years, and it must
not be news again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, tuple_

from streams.archive import dialect, facts
from streams.archive.schema import (
    alert_articles,
    alerts,
    articles,
    dead,
    deliveries,
    mentions,
    outbox,
    revisions,
    roles,
)

STEP = 200
"""Rows of a table that one transaction takes."""
_OVER = "retention.bytes"
_ROOM = 0.05
"""How much of the bound is made free at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step took; `after` is where the next goes on, None when there is no more to look at."""

    taken: int
    after: tuple[datetime, str] | None = None


def prune_articles(connection: Connection, before: datetime | None, after: tuple[datetime, str] | None) -> Step:
    """Forget articles first seen before a time (of any age where None), oldest first, with what was found in them.

    One that waits stays, and one that tells an alert stays as long as the alert.
    """
    wanted = [] if before is None else [articles.c.first_seen < before]
    if after is not None:
        there = dialect.row_of(articles, after, ("first_seen", "id"))
        wanted.append(tuple_(articles.c.first_seen, articles.c.id) > tuple_(*there))
    rows = connection.execute(
        select(
            articles.c.id,
            articles.c.first_seen,
            or_(articles.c.waiting, exists().where(alert_articles.c.article == articles.c.id)).label("stays"),
        )
        .where(*wanted)
        .order_by(articles.c.first_seen, articles.c.id)
        .limit(STEP)
    ).all()
    ids = [row.id for row in rows if not row.stays]
    if ids:
        # the row is locked first and looked at again: a revision of it may just have come
        still = select(articles.c.id).where(articles.c.id.in_(ids), articles.c.waiting.is_(False))
        ids = list(connection.execute(still.order_by(articles.c.id).with_for_update()).scalars())
        for table in (mentions, revisions, dead, outbox):
            connection.execute(delete(table).where(table.c.article.in_(ids)))
        connection.execute(delete(articles).where(articles.c.id.in_(ids)))
    return Step(len(ids), (rows[-1].first_seen, rows[-1].id) if len(rows) == STEP else None)


def prune_alerts(connection: Connection, before: datetime, lasting: Sequence[str] = ()) -> Step:
    """Forget alerts that closed or were retracted, opened before a time, with their revisions, tellings, deliveries.

    Notices go alike, but of the watches that are `lasting` one that is of something stays until that is over. What is
    still owed to an endpoint stays.
    """
    owed = exists().where(deliveries.c.alert == alerts.c.id, deliveries.c.state == "pending")
    stands = and_(alerts.c.watch.in_(lasting), alerts.c.story != "", alerts.c.revision == 1)
    over = or_(alerts.c.status.in_(("closed", "retracted")), and_(alerts.c.status == "notice", ~stands))
    chosen = (
        select(alerts.c.id)
        .where(alerts.c.opened_at < before, over, ~owed)
        .order_by(alerts.c.opened_at)
        .limit(STEP)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(chosen).scalars())
    if ids:
        connection.execute(delete(alerts).where(alerts.c.id.in_(ids)))  # the rest goes with it, by its foreign keys
    return Step(len(ids))


def prune_revisions(connection: Connection, before: datetime) -> Step:
    """Forget what articles said before they were changed, where the change is older than a time and was taken up."""
    waits = exists().where(articles.c.id == revisions.c.article, articles.c.waiting)
    chosen = select(revisions.c.article, revisions.c.revision).where(revisions.c.replaced_at < before, ~waits)
    rows = connection.execute(chosen.limit(STEP)).all()
    for article, revision in rows:
        connection.execute(delete(revisions).where(revisions.c.article == article, revisions.c.revision == revision))
    return Step(len(rows))


def prune_dead(connection: Connection, before: datetime) -> Step:
    """Forget what could not be processed, with its bytes, where that is older than a time."""
    chosen = select(dead.c.article, dead.c.revision, dead.c.step).where(dead.c.at < before).limit(STEP)
    rows = connection.execute(chosen).all()
    for article, revision, step in rows:
        same = and_(dead.c.article == article, dead.c.revision == revision, dead.c.step == step)
        connection.execute(delete(dead).where(same))
    return Step(len(rows))


def prune_roles(connection: Connection, before: datetime) -> Step:
    """Forget instances of roles that have said nothing since a time."""
    return Step(connection.execute(delete(roles).where(roles.c.beat_at < before)).rowcount)


def articles_over(connection: Connection, most_bytes: int, now: datetime) -> int:
    """How many articles are too many for an archive of so many bytes.

    PostgreSQL's files do not shrink: what is deleted makes room in them. So after a first time it is asked for more
    only when the files have grown past what they had then, which means that the room is used up.
    """
    size = dialect.size(connection)
    mark = int(facts.told(connection, _OVER) or 0)
    if size.bytes <= most_bytes:
        if mark:
            facts.take_back(connection, _OVER)
        return 0
    if not size.shrinks and mark > 0 and size.bytes <= mark:
        return 0
    count = connection.execute(select(func.count()).select_from(articles)).scalar_one()
    share = _ROOM if mark and not size.shrinks else 1 - most_bytes * (1 - _ROOM) / size.bytes
    if not size.shrinks:
        facts.tell(connection, _OVER, str(size.bytes), now)
    return int(count * share) + 1 if count else 0

"""Which articles Kafka took and nobody has finished for so long that they must have been lost, and are published again.

Kafka keeps a partition's order, so that an article is lost when one sent well after it to the same partition is done.
Age alone tells nothing: a backlog of hours is no loss, and publishing it again would make it twice as long. Where
nothing overtakes an article, as on a quiet day, only the oldest of a partition is sent again, which costs next to
nothing if it was only late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=60)
"""No article is overdue sooner; each further time waits twice as long."""
_OVERTAKEN = timedelta(seconds=30)
"""Articles of one batch may be done in any order: one must have been sent so much later to count."""
_STALL = timedelta(minutes=10)
"""The oldest of a partition is overdue after this, also where nothing is done at all."""
_MOST_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Sent:
    """An article that Kafka has acknowledged: when that was last, and how often."""

    article: str
    sent_at: datetime
    sends: int


@dataclass(frozen=True, slots=True)
class Done:
    """One that is finished, and since when."""

    sent: Sent
    at: datetime


def overdue(waiting: Sequence[Sent], done: Sequence[Done], partition: Callable[[str], int], now: datetime) -> list[str]:
    """Of the articles that wait, those sent first at the head, the ids of those to be published again.

    `done` are the latest that were finished. One sent more than once overtakes nobody, since its first copy may
    have been the one that was done.
    """
    newest: dict[int, datetime] = {}
    for one in done:
        if one.sent.sends == 1:
            where = partition(one.sent.article)
            newest[where] = max(one.sent.sent_at, newest.get(where, one.sent.sent_at))
    newest_of_all = max(newest.values(), default=None)
    last = max((one.at for one in done), default=None)
    stalled = last is None or last < now - _STALL
    chosen: list[str] = []
    heads: set[int] = set()
    for article in waiting:
        where = partition(article.article)
        is_head = where not in heads
        heads.add(where)
        longer = 2 ** (min(max(1, article.sends), _MOST_DOUBLINGS) - 1)
        if article.sent_at >= now - FIRST_WAIT * longer:
            continue
        overtaking = newest_of_all if is_head else newest.get(where)
        overtaken = overtaking is not None and article.sent_at < overtaking - _OVERTAKEN
        waited_out = is_head and stalled and article.sent_at < now - _STALL * longer
        if overtaken or waited_out:
            chosen.append(article.article)
    return chosen

"""Forgetting what the settings say is old: small steps, between them a rest for those who write."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from agents.notify.notices import LASTING
from newswatch.settings import RetentionSettings
from streams.archive import duty, pruning
from streams.archive.engine import Archive
from streams.archive.pruning import Step
from streams.clock import Clock

log = logging.getLogger(__name__)

DUTY = "retention"
_DUTY_LASTS = timedelta(minutes=10)
_REST_SECONDS = 0.05
_GIGABYTE = 1_000_000_000


def prune(
    archive: Archive,
    kept: RetentionSettings,
    clock: Clock,
    *,
    owner: str,
    rest_seconds: float = _REST_SECONDS,
    stopping: Callable[[], bool] = lambda: False,
    seen: Callable[[str, int], object] = lambda _what, _more: None,
) -> dict[str, int] | None:
    """Forget what is too old, then the oldest articles until the archive has its size; how many of what.

    None where another process has this duty. `seen` is told of each step. Raises ArchiveUnavailable.
    """
    taken: Counter[str] = Counter()
    now = clock()
    with archive.begin() as connection:
        if not duty.take(connection, DUTY, owner, now, _DUTY_LASTS):
            return None

    def steps(what: str, step: Callable[[Connection], Step], most: int | None = None) -> bool:
        """Take steps until there is no more to take; False when this process is to stop or the duty is another's."""
        while not stopping():
            with archive.begin() as connection:
                if not duty.take(connection, DUTY, owner, clock(), _DUTY_LASTS):
                    return False
                one = step(connection)
            taken[what] += one.taken
            seen(what, one.taken)
            if (most is not None and taken[what] >= most) or (one.after is None and one.taken < pruning.STEP):
                return True
            time.sleep(rest_seconds)
        return False

    def aged(days: int) -> datetime:
        return now - timedelta(days=days)

    todo: list[tuple[str, int, Callable[[Connection, datetime], Step]]] = [
        ("roles", kept.roles_days, pruning.prune_roles),
        ("revisions", kept.revisions_days, pruning.prune_revisions),
        ("dead", kept.dead_days, pruning.prune_dead),
        ("alerts", kept.alerts_days, partial(pruning.prune_alerts, lasting=LASTING)),
    ]
    for what, days, one in todo:
        if days and not steps(what, lambda c, one=one, days=days: one(c, aged(days))):  # type: ignore[misc]
            return dict(taken)
    if kept.articles_days and not steps("articles", _walk(aged(kept.articles_days))):
        return dict(taken)
    while kept.gigabytes:  # pages are not emptied evenly: again, until the archive has its size
        with archive.begin() as connection:
            over = pruning.articles_over(connection, int(kept.gigabytes * _GIGABYTE), now)
        before = taken["articles"]
        if not over or not steps("articles", _walk(None), most=before + over) or taken["articles"] == before:
            break
    with archive.begin() as connection:
        duty.lay_down(connection, DUTY, owner)
    return dict(taken)


def _walk(before: datetime | None) -> Callable[[Connection], Step]:
    """Steps through the articles from the oldest on, past those that stay."""
    after: tuple[datetime, str] | None = None

    def step(connection: Connection) -> Step:
        nonlocal after
        one = pruning.prune_articles(connection, before, after)
        after = one.after
        return one

    return step

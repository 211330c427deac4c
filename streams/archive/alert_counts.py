"""How many alerts watches have had, and how many of them people call right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from streams.archive import alert_labels
from streams.archive.schema import alerts

_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class AlertCount:
    """Of one watch."""

    alerts: int = 0
    last: datetime | None = None
    """When the last one was opened."""
    right: int = 0
    wrong: int = 0


def by_watch(connection: Connection, watches: Sequence[str]) -> dict[str, AlertCount]:
    """The count of each watch asked for; those that wait for sources are no alerts yet."""
    found: dict[str, tuple[int, datetime]] = {}
    own = alerts.c
    for start in range(0, len(watches), _A_QUERY):
        some = watches[start : start + _A_QUERY]
        rows = connection.execute(
            select(own.watch, func.count(), func.max(own.opened_at))
            .where(own.watch.in_(some), own.status.not_in(("waiting", "notice")))
            .group_by(own.watch)
        )
        found.update({row[0]: (row[1], row[2]) for row in rows})
    labelled = alert_labels.tally(connection)
    counts = {}
    for watch in watches:
        count, last = found.get(watch, (0, None))
        said = labelled.get(watch)
        counts[watch] = AlertCount(count, last, said.right if said else 0, said.wrong if said else 0)
    return counts

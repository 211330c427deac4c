"""Alerts as a stream: every revision told, in one order that readers can go on in.

Writers commit in no order, so that no number they took could be trusted to come after all smaller ones. The number
is given by whoever reads first, to revisions that are there to be seen, one reader at a time: what has a number has
every smaller one before it, for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select, update

from streams.archive.dialect import hold
from streams.archive.schema import alert_revisions, alerts

_TOLD = alert_revisions.c
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Numbered:
    """One revision of an alert, as it was told; `record` is the alert, JSON."""

    sequence: int
    record: str
    at: datetime
    reason: str
    watch: str


def unseen(connection: Connection) -> bool:
    """Whether a revision has no number yet."""
    return connection.execute(select(_TOLD.alert).where(_TOLD.sequence.is_(None)).limit(1)).first() is not None


def number(connection: Connection) -> int:
    """Number revisions that have none, those told first first; how many. Once more where it is 1000."""
    hold(connection, "told", ["sequence"])
    last = connection.execute(select(func.max(_TOLD.sequence))).scalar() or 0
    chosen = select(_TOLD.alert, _TOLD.revision).where(_TOLD.sequence.is_(None))
    rows = connection.execute(chosen.order_by(_TOLD.at, _TOLD.alert, _TOLD.revision).limit(_AT_ONCE)).all()
    if rows:
        this = and_(_TOLD.alert == bindparam("of_alert"), _TOLD.revision == bindparam("of_revision"))
        connection.execute(
            update(alert_revisions).where(this).values(sequence=bindparam("given")),
            [
                {"of_alert": row.alert, "of_revision": row.revision, "given": last + place}
                for place, row in enumerate(rows, 1)
            ],
        )
    return len(rows)


def last(connection: Connection) -> int:
    """The largest number there is, 0 before the first."""
    return connection.execute(select(func.max(_TOLD.sequence))).scalar() or 0


def after(connection: Connection, sequence: int, limit: int) -> list[Numbered]:
    """What was told after a number, in order; notices of deliveries are left out."""
    rows = connection.execute(
        select(_TOLD.sequence, _TOLD.record, _TOLD.at, _TOLD.reason, alerts.c.watch)
        .join(alerts, alerts.c.id == _TOLD.alert)
        .where(_TOLD.sequence > sequence, alerts.c.status != "notice")
        .order_by(_TOLD.sequence)
        .limit(limit)
    )
    return [Numbered(*row) for row in rows.tuples()]

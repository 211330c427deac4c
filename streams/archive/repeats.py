"""When open alerts are told again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from streams.archive.alert_schema import repeats
from streams.archive.dialect import upsert

_KEPT = repeats.c


@dataclass(frozen=True, slots=True)
class Repeat:
    """An alert that is told to an endpoint again at `due_at`, and every so often."""

    alert: str
    endpoint: str
    every: timedelta
    due_at: datetime
    outcome: str
    """What became of the last turn, by name."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When an alert is told to an endpoint again, and how often from then on."""

    alert: str
    endpoint: str
    every: timedelta
    due_at: datetime


def set_repeats(connection: Connection, turns: Sequence[Turn]) -> None:
    """Tell alerts again at times, which take the place of earlier ones."""
    rows = [
        {"alert": one.alert, "endpoint": one.endpoint, "every_seconds": one.every.total_seconds(), "due_at": one.due_at}
        for one in turns
    ]
    upsert(connection, repeats, rows, update=["every_seconds", "due_at"])


def turn_done(connection: Connection, repeat: Repeat, due_at: datetime, outcome: str) -> None:
    """What became of a turn, and when the next is."""
    same = (_KEPT.alert == repeat.alert, _KEPT.endpoint == repeat.endpoint)
    connection.execute(update(repeats).where(*same).values(due_at=due_at, outcome=outcome))


def end_repeats(connection: Connection, these: Collection[str]) -> None:
    """These alerts are not told again."""
    connection.execute(delete(repeats).where(_KEPT.alert.in_(these)))


def alerts_due(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The alerts that are to be told again, those first that have waited longest."""
    due = select(_KEPT.alert).where(_KEPT.due_at <= now).order_by(_KEPT.due_at, _KEPT.alert).limit(limit)
    return list(dict.fromkeys(connection.execute(due).scalars()))


def repeats_of(connection: Connection, alert: str) -> list[Repeat]:
    """When an alert is told again to each endpoint."""
    columns = (_KEPT.alert, _KEPT.endpoint, _KEPT.every_seconds, _KEPT.due_at, _KEPT.outcome)
    rows = connection.execute(select(*columns).where(_KEPT.alert == alert).order_by(_KEPT.endpoint))
    return [
        Repeat(row.alert, row.endpoint, timedelta(seconds=row.every_seconds), row.due_at, row.outcome) for row in rows
    ]

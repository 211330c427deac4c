"""When what waits for an endpoint is told. The deliveries that wait are in `held.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from streams.archive.alert_schema import holds
from streams.archive.dialect import upsert

_KEPT = holds.c


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits under one name."""

    endpoint: str
    together: str
    due_at: datetime


def join_hold(connection: Connection, endpoint: str, together: str, due_at: datetime) -> datetime:
    """Wait with what waits under a name, or begin to; when it is told.

    Until the transaction ends nobody else tells it, where rows can be locked.
    """
    one = _one(endpoint, together)
    found: datetime | None = connection.execute(select(_KEPT.due_at).where(*one).with_for_update()).scalar()
    while found is None:  # until it is there and ours: it may be told and gone between the two
        upsert(connection, holds, [{"endpoint": endpoint, "together": together, "due_at": due_at}])
        found = connection.execute(select(_KEPT.due_at).where(*one).with_for_update()).scalar()
    return found


def due_holds(connection: Connection, now: datetime, limit: int) -> list[Hold]:
    """What is to be told now, that first which has waited longest; nobody else gets it meanwhile."""
    due = select(_KEPT.endpoint, _KEPT.together, _KEPT.due_at).where(_KEPT.due_at <= now)
    ordered = due.order_by(_KEPT.due_at, _KEPT.endpoint, _KEPT.together).limit(limit)
    return [Hold(*row) for row in connection.execute(ordered.with_for_update(skip_locked=True)).tuples()]


def has_due(connection: Connection, now: datetime) -> bool:
    """Whether anything is to be told now."""
    return connection.execute(select(_KEPT.endpoint).where(_KEPT.due_at <= now).limit(1)).first() is not None


def put_off(connection: Connection, hold: Hold, due_at: datetime) -> None:
    """Tell it at another time."""
    connection.execute(update(holds).where(*_one(hold.endpoint, hold.together)).values(due_at=due_at))


def put_all_off(connection: Connection, together: str, due_at: datetime) -> None:
    """Tell what waits under a name at another time, whatever the endpoint."""
    connection.execute(update(holds).where(_KEPT.together == together).values(due_at=due_at))


def end_hold(connection: Connection, hold: Hold) -> None:
    """It is told."""
    connection.execute(delete(holds).where(*_one(hold.endpoint, hold.together)))


def _one(endpoint: str, together: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (_KEPT.endpoint == endpoint, _KEPT.together == together)

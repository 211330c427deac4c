"""When what waits for an endpoint is told. The deliveries that wait are in `held.py`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, select, update

from streams.archive.alert_schema import holds
from streams.archive.dialect import hold, upsert

_KEPT = holds.c


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits under one name."""

    endpoint: str
    together: str
    due_at: datetime


def join_holds(
    connection: Connection, joined: Collection[Hold], touched: Collection[tuple[str, str]] = ()
) -> dict[tuple[str, str], datetime]:
    """Wait with what waits under names, or begin to; when each is told, by endpoint and name.

    Until the transaction ends nobody else tells them, nor (where they are still there) those `touched`, where rows
    can be locked. All of a transaction are asked for in one, in one order everywhere.
    """
    due = {(one.endpoint, one.together): one.due_at for one in sorted(joined, key=lambda one: one.due_at, reverse=True)}
    wanted = sorted({*due, *touched})
    hold(connection, "hold", (f"{endpoint}\0{together}" for endpoint, together in wanted))
    found = _locked(connection, wanted)
    while missing := [
        one for one in due if one not in found
    ]:  # until all are there and ours: one may be told meanwhile
        rows = [{"endpoint": one[0], "together": one[1], "due_at": due[one]} for one in missing]
        upsert(connection, holds, rows)
        found |= _locked(connection, missing)
    return found


def _locked(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    if not wanted:
        return {}
    values = {"endpoints": list({one for one, _ in wanted}), "names": list({one for _, one in wanted})}
    asked = set(wanted)
    rows = [Hold(*row) for row in connection.execute(_LOCK, values).tuples()]
    return {(one.endpoint, one.together): one.due_at for one in rows if (one.endpoint, one.together) in asked}


_LOCK = (
    select(_KEPT.endpoint, _KEPT.together, _KEPT.due_at)
    .where(
        _KEPT.endpoint.in_(bindparam("endpoints", expanding=True)),
        _KEPT.together.in_(bindparam("names", expanding=True)),
    )
    .order_by(_KEPT.endpoint, _KEPT.together)
    .with_for_update()
)


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

"""How many alerts each limit's period has had."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from streams.archive.alert_schema import tallies
from streams.archive.dialect import hold, upsert

Period = tuple[str, datetime]
"""What is counted, and when the period ends."""
_KEPT = tallies.c
_IN_ONE_QUERY = 500


def had(connection: Connection, wanted: Collection[Period]) -> dict[Period, int]:
    """How many each period has had; nobody else counts for the same limits till we are done.

    All limits of a transaction are asked for in one, before what waits is touched (`holds.join_holds`), so that two
    who write never wait for each other.
    """
    asked = sorted(set(wanted))
    hold(connection, "limit", {key for key, _ in asked})
    found = dict.fromkeys(asked, 0)
    for start in range(0, len(asked), _IN_ONE_QUERY):
        some = asked[start : start + _IN_ONE_QUERY]
        values = {"keys": [key for key, _ in some], "ends": list({ends_at for _, ends_at in some})}
        for key, ends_at, many in connection.execute(_HAD, values):
            if (key, ends_at) in found:
                found[key, ends_at] = many
    return found


_HAD = select(_KEPT.key, _KEPT.ends_at, _KEPT.had).where(
    _KEPT.key.in_(bindparam("keys", expanding=True)),
    _KEPT.ends_at.in_(bindparam("ends", expanding=True, type_=_KEPT.ends_at.type)),
)


def count(connection: Connection, counted: Mapping[Period, int]) -> None:
    """So many each period has had by now; `had` must have been asked before in the same transaction."""
    rows = [{"key": key, "ends_at": ends_at, "had": many} for (key, ends_at), many in counted.items()]
    upsert(connection, tallies, rows, update=["had"])


def has_old(connection: Connection, before: datetime) -> bool:
    """Whether a period ended before a time."""
    return connection.execute(select(_KEPT.key).where(_KEPT.ends_at < before).limit(1)).first() is not None


def forget(connection: Connection, before: datetime) -> None:
    """Periods that ended before a time count nothing any more."""
    connection.execute(delete(tallies).where(_KEPT.ends_at < before))

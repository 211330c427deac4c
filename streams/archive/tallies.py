"""How many alerts each limit's period has had."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, delete, select, update

from streams.archive.alert_schema import tallies
from streams.archive.dialect import upsert

_KEPT = tallies.c


def had(connection: Connection, key: str, ends_at: datetime) -> int:
    """How many the period that ends then has had; where rows can be locked nobody else counts till we are done."""
    upsert(connection, tallies, [{"key": key, "ends_at": ends_at, "had": 0}])
    return connection.execute(_at(key, ends_at).with_for_update()).scalar_one()


def count(connection: Connection, key: str, ends_at: datetime) -> None:
    """One more; `had` must have been asked before in the same transaction."""
    same = (_KEPT.key == key, _KEPT.ends_at == ends_at)
    connection.execute(update(tallies).where(*same).values(had=_KEPT.had + 1))


def has_old(connection: Connection, before: datetime) -> bool:
    """Whether a period ended before a time."""
    return connection.execute(select(_KEPT.key).where(_KEPT.ends_at < before).limit(1)).first() is not None


def forget(connection: Connection, before: datetime) -> None:
    """Periods that ended before a time count nothing any more."""
    connection.execute(delete(tallies).where(_KEPT.ends_at < before))


def _at(key: str, ends_at: datetime) -> Select[tuple[int]]:
    return select(_KEPT.had).where(_KEPT.key == key, _KEPT.ends_at == ends_at)

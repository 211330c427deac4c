"""Silences: what is not to be told for a while."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from streams.archive.alert_schema import silences

_KEPT = silences.c


@dataclass(frozen=True, slots=True)
class KeptSilence:
    """One silence; it is over when `ends_at` is past, whether by its time or because somebody ended it."""

    id: str
    matchers: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str
    created_at: datetime


def add(connection: Connection, silence: KeptSilence) -> None:
    """Keep a new silence."""
    values = {name: getattr(silence, name) for name in KeptSilence.__slots__}
    connection.execute(insert(silences).values(**{**values, "matchers": json.dumps(silence.matchers)}))


def in_force(connection: Connection, now: datetime) -> list[KeptSilence]:
    """Those in force at an instant, the oldest first."""
    return [_silence(row) for row in connection.execute(_in_force(), {"now": now})]


@cache
def _in_force() -> Select[tuple[object, ...]]:
    """Asked for with every alert; made once, since making it costs more than running it."""
    now = bindparam("now", type_=_KEPT.ends_at.type)
    return _chosen().where(_KEPT.ends_at > now, _KEPT.starts_at <= now).order_by(_KEPT.created_at, _KEPT.id)


def list_silences(connection: Connection, now: datetime | None, limit: int) -> list[KeptSilence]:
    """The newest silences: those that are not over at an instant, or (None) all."""
    chosen = _chosen() if now is None else _chosen().where(_KEPT.ends_at > now)
    newest = chosen.order_by(_KEPT.created_at.desc(), _KEPT.id).limit(limit)
    return [_silence(row) for row in connection.execute(newest)]


def get(connection: Connection, silence: str) -> KeptSilence | None:
    """One silence."""
    row = connection.execute(_chosen().where(_KEPT.id == silence)).first()
    return None if row is None else _silence(row)


def end(connection: Connection, silence: str, at: datetime) -> bool:
    """End a silence early; whether it was not over yet. One that has not begun never will."""
    ended = update(silences).where(_KEPT.id == silence, _KEPT.ends_at > at)
    return connection.execute(ended.values(ends_at=at)).rowcount > 0


def _chosen() -> Select[tuple[object, ...]]:
    return select(*[_KEPT[name] for name in KeptSilence.__slots__])


def _silence(row: Any) -> KeptSilence:
    return KeptSilence(row[0], tuple(json.loads(row[1])), *row[2:])

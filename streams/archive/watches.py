"""Watches that owners keep in the archive. Every change has a number, so that workers can ask what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, func, select

from streams.archive.schema import watch_sequence, watches

_PAGE = 1000
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watch at rest; `definition` is the watch as it was written, JSON."""

    id: str
    owner: str
    definition: str
    enabled: bool
    revision: int
    """1 when first added; one more for every change."""
    created_at: datetime
    changed_at: datetime
    resolved: str | None
    """The watch with its names resolved when it was written, JSON."""


@dataclass(frozen=True, slots=True)
class News:
    """What changed after a number: watches that are in force now, and the ids of those that are not any more."""

    sequence: int
    changed: tuple[WatchRow, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """How many watches there are; `owners` have at least one each."""

    watches: int
    enabled: int
    owners: int
    sequence: int


_COLUMNS = [watches.c[name] for name in WatchRow.__slots__]


def last_sequence(connection: Connection) -> int:
    """The number of the last change; 0 before the first."""
    return int(connection.execute(select(watch_sequence.c.last).where(watch_sequence.c.id == 1)).scalar_one())


def list_watches(
    connection: Connection, owner: str | None = None, *, after: str | None = None, limit: int | None = None
) -> Iterator[WatchRow]:
    """Every watch (of an owner), enabled or not, in the order of the ids, from after an id on, at most `limit`."""
    wanted: list[ColumnElement[bool]] = [watches.c.removed.is_(False)]
    if owner is not None:
        wanted.append(watches.c.owner == owner)
    if after is not None:
        wanted.append(watches.c.id > after)
    rows = connection.execute(select(*_COLUMNS).where(*wanted).order_by(watches.c.id).limit(limit))
    return (WatchRow(*row) for row in rows)


def in_force(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Every watch that is on: its id, itself resolved (empty where it is not) and as it was written.

    In the order of the ids; read in pieces, since there may be a million.
    """
    columns = (watches.c.id, func.coalesce(watches.c.resolved, ""), watches.c.definition)
    wanted = select(*columns).where(watches.c.removed.is_(False), watches.c.enabled).order_by(watches.c.id)
    for page in connection.execution_options(yield_per=_PAGE).execute(wanted).tuples().partitions():
        yield from page  # a page at a time: half the cost of asking for each row


def get_watch(connection: Connection, watch: str) -> WatchRow | None:
    """A watch by its id, or None."""
    row = connection.execute(select(*_COLUMNS).where(watches.c.id == watch, watches.c.removed.is_(False))).first()
    return None if row is None else WatchRow(*row)


def owners_of(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """The owners of those of the ids that are taken."""
    found: dict[str, str] = {}
    for page in pages(ids):
        taken = select(watches.c.id, watches.c.owner).where(watches.c.id.in_(page), watches.c.removed.is_(False))
        found.update((row.id, row.owner) for row in connection.execute(taken))
    return found


def news_since(connection: Connection, sequence: int) -> News:
    """What changed after the change of this number; from 0 on, every watch in force."""
    now = last_sequence(connection)
    rows = connection.execute(
        select(*_COLUMNS, watches.c.removed).where(watches.c.sequence > sequence).order_by(watches.c.id)
    ).all()
    in_force = tuple(WatchRow(*row[:-1]) for row in rows if row.enabled and not row.removed)
    gone = tuple(row.id for row in rows if row.removed or not row.enabled)
    return News(now, in_force, gone)


def kept(connection: Connection) -> Kept:
    """How many watches and owners there are."""
    row = connection.execute(
        select(
            func.count(),
            func.count().filter(watches.c.enabled),
            func.count(watches.c.owner.distinct()),
        ).where(watches.c.removed.is_(False))
    ).one()
    return Kept(row[0], row[1], row[2], last_sequence(connection))


def pages(items: Sequence[_One]) -> Iterator[list[_One]]:
    """The items in pieces that one statement can take."""
    for start in range(0, len(items), _PAGE):
        yield list(items[start : start + _PAGE])

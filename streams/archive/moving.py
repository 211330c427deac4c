"""Moving an archive into another database: page by page in the order of the keys, and on from there after a stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Table, func, select, tuple_

from streams.archive import dialect, facts
from streams.archive.engine import Archive
from streams.archive.metadata import metadata
from streams.archive.schema import articles, watch_sequence
from streams.archive.schema import facts as facts_table
from streams.errors import ArchiveUnusable

_PAGE = 1_000
MARK = "moving.from"
"""Stands in the target while a move is under way."""
_THERE_ALREADY = (facts_table, watch_sequence)
"""Tables of which a new archive has rows of its own: they say nothing of how far the move is."""


def move(
    source: Archive,
    target: Archive,
    now: datetime,
    seen: Callable[[str, int, int], object] = lambda _table, _done, _all: None,
) -> dict[str, int]:
    """Copy every table of `source` into `target`, which is empty or holds the beginning of the same move.

    Nobody may write to the source meanwhile. `seen` is told a table, its rows there and all of them. Returns the rows
    of each table, counted in both. Raises ArchiveUnusable where the target holds something else, or the counts differ
    at the end; and ArchiveUnavailable: the same again goes on where it stopped.
    """
    with target.begin() as connection:
        began = facts.told(connection, MARK)
        if began is None and connection.execute(select(articles.c.id).limit(1)).first() is not None:
            raise ArchiveUnusable(f"{target.shown}: there is an archive in it already: name an empty database")
        if began is not None and began != source.shown:
            raise ArchiveUnusable(f"{target.shown}: it holds the beginning of a move from {began}: finish that one")
        facts.tell(connection, MARK, source.shown, now)
    counts = {}
    for table in metadata.sorted_tables:
        counts[table.name] = _move_table(source, target, table, seen)
    wrong = []
    with target.begin() as connection:
        facts.take_back(connection, MARK)
        for table in metadata.sorted_tables:
            dialect.count_on(connection, table)
            there = _count(connection, table)
            if there != counts[table.name]:
                wrong.append(f"{table.name} has {there} rows instead of {counts[table.name]}")
        if wrong:
            raise ArchiveUnusable(f"{target.shown}: {'; '.join(wrong)}: did newswatch run meanwhile? Move again")
    return counts


def refuse_half_moved(archive: Archive) -> None:
    """Raise ArchiveUnusable where an archive holds only the beginning of a move; and ArchiveUnavailable."""
    with archive.read() as connection:
        began = facts.told(connection, MARK)
    if began is not None:
        raise ArchiveUnusable(
            f"{archive.shown}: it holds the beginning of a move from {began}, not all of it: name that one under "
            "`archive:` and give the same `newswatch archive move` again"
        )


def _move_table(source: Archive, target: Archive, table: Table, seen: Callable[[str, int, int], object]) -> int:
    key = list(table.primary_key)
    rest = [column.name for column in table.columns if not column.primary_key]
    with target.read() as connection:
        done = _count(connection, table)
        last = connection.execute(select(*key).order_by(*(column.desc() for column in key)).limit(1)).first()
    with source.read() as connection:
        total = _count(connection, table)
        after = None if table in _THERE_ALREADY or last is None else tuple(last)
        done = 0 if after is None else done
        while True:
            page = select(table).order_by(*key).limit(_PAGE)
            if after is not None:
                page = page.where(tuple_(*key) > tuple_(*dialect.row_of(table, after)))
            rows = [dict(row) for row in connection.execute(page).mappings()]
            if not rows:
                return total
            after = tuple(rows[-1][column.name] for column in key)
            with target.begin() as there:
                dialect.upsert(there, table, rows, update=rest)
            done += len(rows)
            seen(table.name, done, total)


def _count(connection: Connection, table: Table) -> int:
    counted = select(func.count()).select_from(table)
    if table is facts_table:
        counted = counted.where(table.c.name != MARK)
    return connection.execute(counted).scalar_one()

"""What SQLite and PostgreSQL do differently; every other file of the archive is the same for both.

| | SQLite | PostgreSQL |
|---|---|---|
| writers | one at a time, by `BEGIN IMMEDIATE` | many; rows and names (`hold`) are locked until the commit |
| readers | see one moment, by WAL | see one moment, by `REPEATABLE READ` |
| text | ordered by code point | by some language: made `COLLATE "C"` after each migration |
| NUL in text | kept | refused: written as U+FFFD |
| times | kept without a zone, in UTC (`types.py`) | `timestamptz`, asked for in UTC |
| `SKIP LOCKED`, `FOR UPDATE` | left out by SQLAlchemy: there is one writer | as written |
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from psycopg.adapt import Buffer
from psycopg.types.string import StrDumper
from sqlalchemy import (
    URL,
    BindParameter,
    Connection,
    Engine,
    Select,
    Table,
    TextClause,
    bindparam,
    create_engine,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.sql.schema import ScalarElementColumnDefault

READING = "newswatch_read"
"""The execution option of connections that only read."""
_GLANCING = "newswatch_glance"
_BUSY_SECONDS = 30
_STANDING_CONNECTIONS = 4
_MORE_CONNECTIONS = 12
"""For bursts, such as many requests to the page; a server's usual 100 serve half a dozen roles."""
_CONNECT_SECONDS = 10
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": f"{_BUSY_SECONDS}s",
    # a worker whose machine vanished must not hold its locks until TCP gives up, two hours later
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_user_timeout": "20s",
}
_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '20s'"
"""A writer that stands still in its transaction (its process was stopped) loses it, and its locks with it."""
_HERE = "SELECT 1"
_PASSING = {"25006", "25P03"}
"""SQLSTATEs that pass though their class says otherwise: a standby not yet promoted, a transaction idle too long."""


def address(url: str) -> URL:
    """An archive's address as SQLAlchemy has it; `postgresql://` and `postgres://` mean psycopg 3."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url)
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def make_engine(url: URL) -> Engine:
    """The engine for an address; nothing is connected yet. A directory for an SQLite file is made."""
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    engine = create_engine(
        url,
        pool_size=_STANDING_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        pool_timeout=_BUSY_SECONDS,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "options": session, "application_name": "newswatch"},
    )
    event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine for connections that only read, all of it from one moment."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{READING: True})
    return engine.execution_options(
        **{READING: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )


def for_glancing(engine: Engine) -> Engine:
    """The same engine for connections that only read, each statement by itself; on SQLite as for reading."""
    if engine.dialect.name == "sqlite":
        return for_reading(engine)
    return engine.execution_options(**{_GLANCING: True, "isolation_level": "AUTOCOMMIT"})


def will_pass(error: SQLAlchemyError) -> bool:
    """Whether the same call may succeed later: locked, deadlocked, serialization, restart, full disk, no connection."""
    if isinstance(error, OperationalError | InterfaceError | NoConnectionFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], update: Iterable[str] = ()) -> None:
    """Insert rows; where one is there already, update these columns of it (none: leave it as it is).

    In the order of the keys, so that two who write the same rows never wait for each other.
    """
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    left_out = {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault) and column.name not in rows[0]
    }
    whole = [{**left_out, **row} for row in sorted(rows, key=lambda row: tuple(row[name] for name in key))]
    connection.execute(_upserting(table, tuple(whole[0]), tuple(update)), whole)


@cache
def _upserting(table: Table, columns: tuple[str, ...], update: tuple[str, ...]) -> TextClause:
    """The statement of `upsert`, written out, which both understand.

    SQLAlchemy makes its own anew for each execution, ON CONFLICT being no part of what it keeps: three times the cost
    of running it.
    """
    names, values = ", ".join(map(_quoted, columns)), ", ".join(f":{name}" for name in columns)
    key = ", ".join(_quoted(column.name) for column in table.primary_key)
    changes = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in update)
    otherwise = f"UPDATE SET {changes}" if changes else "NOTHING"
    into = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({values})"  # noqa: S608 - of our own tables
    statement = text(f"{into} ON CONFLICT ({key}) DO {otherwise}")
    return statement.bindparams(*(bindparam(name, type_=table.c[name].type) for name in columns))


def _quoted(name: str) -> str:
    return f'"{name}"'


def insert_absent(connection: Connection, table: Table, columns: Sequence[str], chosen: Select[Any]) -> int:
    """Insert what a query gives and is not there yet; how many rows. The query must have a WHERE (SQLite's grammar)."""
    statement = _insert(connection, table).from_select(list(columns), chosen)
    key = [column.name for column in table.primary_key]
    statement = statement.on_conflict_do_nothing(index_elements=key).execution_options(preserve_rowcount=True)
    return connection.execute(statement).rowcount


def hold(connection: Connection, kind: str, names: Iterable[str]) -> bool:
    """Have names for oneself until the transaction ends; who asks for one of them waits. Whether it may have waited.

    They are taken in one order, so that two never wait for each other. SQLite's one writer has them all.
    """
    if connection.dialect.name == "sqlite":
        return False
    numbers = sorted({_number(kind, name) for name in names})
    if numbers:
        connection.execute(_HOLD, {"numbers": numbers})
    return bool(numbers)


# one trip for all; an array keeps its order
_HOLD = text("SELECT pg_advisory_xact_lock(number) FROM unnest(CAST(:numbers AS bigint[])) AS number")


def take_time(connection: Connection) -> None:
    """This transaction may stand still for long, such as while a backup is made beside it."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


@dataclass(frozen=True, slots=True)
class Size:
    """How large an archive is; `shrinks` says whether deleting shows at once (PostgreSQL's files keep the room)."""

    bytes: int
    shrinks: bool


def size(connection: Connection) -> Size:
    """What the archive takes on its disk."""
    if connection.dialect.name == "sqlite":
        pages, free, each = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return Size((pages - free) * each, shrinks=True)
    taken = connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
    return Size(int(taken), shrinks=False)


def row_of(table: Table, values: Sequence[Any], columns: Sequence[str] | None = None) -> list[BindParameter[Any]]:
    """Values as a row to compare columns with (its key, where none are named), each with its column's type."""
    names = columns or [column.name for column in table.primary_key]
    return [literal(value, table.c[name].type) for name, value in zip(names, values, strict=True)]


def count_on(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number new rows after those that were written with their numbers; SQLite does so by itself."""
    column = table.autoincrement_column
    if connection.dialect.name == "sqlite" or column is None:
        return
    last = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
    connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, column.name), last, False)))


def order_by_code_point(connection: Connection) -> None:
    """Have PostgreSQL order text by code point, as SQLite does: the same lists on both, and no index that a new
    version of the machine's language rules makes wrong."""
    if connection.dialect.name == "sqlite":
        return
    found = text(
        "SELECT a.attrelid::regclass::text, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation"
        " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace"
        " AND a.attnum > 0 AND NOT a.attisdropped AND l.collname <> 'C' ORDER BY 1, a.attnum"
    )
    changes: dict[str, list[str]] = {}
    for table, column, kind in connection.execute(found):
        changes.setdefault(table, []).append(f'ALTER COLUMN {column} TYPE {kind} COLLATE "C"')
    for table, parts in changes.items():
        connection.exec_driver_sql(f"ALTER TABLE {table} {', '.join(parts)}")


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _number(kind: str, name: str) -> int:
    """A signed 64-bit number for a name."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\0{name}".encode(), digest_size=8).digest(), "big", signed=True)


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    _switch_to_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: Any) -> None:
    # The first to open a new file switches it; the others find it locked for a moment, and SQLite's own busy
    # timeout does not cover this one statement.
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class _WithoutNul(StrDumper):
    """Text as PostgreSQL takes it."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def _configure_postgresql(connection: Any, _record: Any) -> None:
    connection.adapters.register_dumper(str, _WithoutNul)


def _begin_postgresql(connection: Connection) -> None:
    """Begin with a statement at once: it tells whether a server that was restarted has closed what we kept."""
    options = connection.get_execution_options()
    if not options.get(_GLANCING, False):
        connection.exec_driver_sql(_HERE if options.get(READING, False) else _IDLE)

"""Opening the archive: the engine, its transactions and its migrations."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from streams.errors import ArchiveUnavailable, ArchiveUnusable

_MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_SECONDS = 30


class Archive:
    """The archive at an SQLAlchemy address; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = _create_engine(url, self.is_sqlite)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an exception.

        On SQLite the transaction takes the write lock at once, so that it never fails half-way for a reader that
        turned writer. Raises ArchiveUnavailable when the database is locked for too long or gone.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except OperationalError as error:
            raise ArchiveUnavailable(f"archive: {error.orig}") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading only; raises ArchiveUnavailable."""
        try:
            with self._engine.connect().execution_options(newswatch_read=True) as connection:
                yield connection
        except OperationalError as error:
            raise ArchiveUnavailable(f"archive: {error.orig}") from error

    def migrate(self) -> None:
        """Bring the tables to the newest shape; several processes may do so at once.

        Raises ArchiveUnavailable, and ArchiveUnusable where what is there is no archive of ours.
        """
        try:
            self._migrate()
        except CommandError as error:
            raise ArchiveUnusable(f"{self.url}: {error}; it may be a newer newswatch's: use that one") from error
        except DatabaseError as error:
            if isinstance(error, OperationalError):
                raise
            raise ArchiveUnusable(f"{self.url}: {error.orig}; move it away, or name another archive") from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self.begin() as connection:
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_archive(url: str) -> Archive:
    """The archive at `url`, migrated to the newest shape."""
    archive = Archive(url)
    archive.migrate()
    return archive


def _create_engine(url: str, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
    reading = connection.get_execution_options().get("newswatch_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

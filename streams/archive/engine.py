"""Opening the archive: its transactions, and the errors that pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from streams.archive import dialect
from streams.archive.migrating import migrate
from streams.errors import ArchiveUnavailable

_Seen = TypeVar("_Seen")


class Archive:
    """The archive at an SQLAlchemy address; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        """As it was given, its password in it: not to be shown."""
        self._url = dialect.address(url)
        self.shown = self._url.render_as_string(hide_password=True)
        """The address as it may be shown: without its password."""
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._engine = dialect.make_engine(self._url)
        self._reading = dialect.for_reading(self._engine)
        self._glancing = dialect.for_glancing(self._engine)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction that commits at the end, or rolls back on an exception.

        On SQLite the transaction takes the write lock at once, so that it never fails half-way for a reader that
        turned writer. Raises ArchiveUnavailable when the database is locked for too long, gone, or had to end the
        transaction for another's sake: the same again may succeed.
        """
        with _told_plainly():
            connection, transaction = _begun(self._engine)
            with connection, transaction:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading only, which sees one moment; raises ArchiveUnavailable."""
        with _told_plainly():
            connection, _ = _begun(self._reading)
            with connection:
                yield connection

    def glance(self, look: Callable[[Connection], _Seen]) -> _Seen:
        """What `look` reads, each of its statements at its own moment: for what is looked at all the time.

        Beginning and ending a transaction costs more than one statement. `look` may be called twice. Raises
        ArchiveUnavailable.
        """
        with _told_plainly():
            try:
                with self._glancing.connect() as connection:
                    return look(connection)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            with self._glancing.connect() as connection:
                return look(connection)

    def migrate(self, backups: Path | None = None) -> None:
        """Bring the tables to the newest shape, after a backup of what is there; several processes may do so at once.

        `backups` is the directory for PostgreSQL's; SQLite's lies beside its file. Raises ArchiveUnavailable, and
        ArchiveUnusable where what is there is no archive of ours or cannot be backed up.
        """
        with _told_plainly():
            migrate(self._engine, self._reading, backups)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_archive(url: str, backups: Path | None = None) -> Archive:
    """The archive at `url`, migrated to the newest shape (see `Archive.migrate`)."""
    archive = Archive(url)
    archive.migrate(backups)
    return archive


def _begun(engine: Engine) -> tuple[Connection, Transaction]:
    """A connection in a transaction. One that a restarted server has closed meanwhile is replaced by a new one."""
    for is_last in (False, True):
        connection = engine.connect()
        try:
            return connection, connection.begin()
        except BaseException as error:
            connection.close()
            if is_last or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise
    raise AssertionError("the last attempt returns or raises")


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if dialect.will_pass(error):
            plain = error.orig if isinstance(error, DBAPIError) else error
            raise ArchiveUnavailable(f"archive: {' '.join(str(plain).split())}") from error
        raise

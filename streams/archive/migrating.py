"""Migrations: forward only, one process at a time, after a backup of what is there."""

from __future__ import annotations

import logging
from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from streams.archive import dialect
from streams.archive.copies import copy_postgresql, copy_sqlite, pg_dump
from streams.errors import ArchiveUnusable

log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(engine: Engine, reading: Engine, backups: Path | None) -> None:
    """Bring an archive to the newest shape. Raises ArchiveUnusable, and SQLAlchemy's errors that pass.

    An archive that has it already is only looked at, without a lock.
    """
    shown = engine.url.render_as_string(hide_password=True)
    try:
        with reading.connect() as connection:
            if _revision(connection, shown) == newest_revision():
                return
        with engine.begin() as connection:
            dialect.hold(connection, "archive", ["migration"])  # on SQLite the transaction itself is the lock
            before = _revision(connection, shown)
            if before == newest_revision():
                return  # another process was quicker
            if before is not None:
                dialect.take_time(connection)
                _back_up(engine, before, backups, shown)
                log.warning("the archive is brought from shape %s to %s", before, newest_revision())
            config = _config()
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")
            dialect.order_by_code_point(connection)
    except DatabaseError as error:
        if dialect.will_pass(error):
            raise
        raise ArchiveUnusable(f"{shown}: {error.orig}; move it away, or name another archive") from error


def newest_revision() -> str:
    """The shape that this newswatch works with."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def _revision(connection: Connection, shown: str) -> str | None:
    """The shape an archive has; None where it is empty."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise ArchiveUnusable(f"{shown}: it has the shape {found}; it may be a newer newswatch's: use that one")
    return found


def _back_up(engine: Engine, before: str, backups: Path | None, shown: str) -> None:
    if engine.dialect.name == "sqlite":
        database = engine.url.database
        if database and database != ":memory:":
            target = Path(database).with_name(f"{Path(database).name}.before-{newest_revision()}")
            copy_sqlite(Path(database), target)
            log.warning("the archive of shape %s was copied to %s first", before, target)
        return
    if backups is None:
        raise ArchiveUnusable(
            f"{shown}: it has the shape {before}, an older newswatch's: start newswatch on it, or run "
            "`newswatch archive backup`; both bring it to the newest shape, after a backup"
        )
    if pg_dump() is None:
        log.warning(
            "NO BACKUP is made of %s before it is brought to the newest shape: there is no pg_dump on the PATH", shown
        )
        return
    target = backups / f"{engine.url.database}.before-{newest_revision()}.dump"
    copy_postgresql(engine.url, target)
    log.warning("the archive of shape %s was dumped to %s first", before, target)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config

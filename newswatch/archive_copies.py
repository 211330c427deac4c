"""Backups of the archive and their return, whichever database it is in."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from newswatch.settings import Settings
from newswatch.status import live_roles
from streams.archive import copies
from streams.archive.dialect import address
from streams.archive.engine import Archive, open_archive
from streams.errors import ArchiveUnusable, ChangeRefused

Seen = Callable[[int, int | None], object]


def back_up(settings: Settings, file: Path | None, now: datetime, seen: Seen = lambda _done, _all: None) -> Path:
    """Copy the archive, brought to the newest shape, into one file; its path. Raises ArchiveUnusable."""
    archive = open_archive(settings.archive_url(), settings.backups_dir())
    url = address(settings.archive_url())
    kind = "sqlite" if archive.is_sqlite else "dump"
    target = file or settings.backups_dir() / f"archive-{now:%Y%m%d-%H%M%S-%f}.{kind}"
    if target.exists():
        raise ArchiveUnusable(f"{target} is there already: name another file, or remove it")
    if archive.is_sqlite:
        copies.copy_sqlite(Path(url.database or ""), target, seen)
    else:
        copies.copy_postgresql(url, target)
    archive.close()
    return target


def restore_copy(settings: Settings, file: Path, now: datetime) -> Path | None:
    """Put a copy in the archive's place; where what was there was copied to, if there was anything.

    Raises ArchiveUnusable where the file is no copy of ours, ChangeRefused where newswatch runs on the archive.
    """
    url = address(settings.archive_url())
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        _check_sqlite(file)
    elif not file.is_file() or file.open("rb").read(5) != b"PGDMP":
        raise ArchiveUnusable(f"{file} is no dump of a PostgreSQL archive: name one that `archive backup` made")
    kept = None
    if not is_sqlite or Path(url.database or "").exists():
        archive = open_archive(settings.archive_url(), settings.backups_dir())
        check_nothing_runs(archive, now)
        archive.close()
        suffix = "sqlite" if is_sqlite else "dump"
        kept = back_up(settings, settings.backups_dir() / f"before-restore-{now:%Y%m%d-%H%M%S-%f}.{suffix}", now)
    if is_sqlite:
        _replace_sqlite(file, Path(url.database or ""))
    else:
        program = shutil.which("pg_restore")
        if program is None:
            raise ArchiveUnusable("there is no pg_restore on the PATH: install PostgreSQL's client programs")
        arguments = ["--clean", "--if-exists", "--single-transaction", "--no-owner", str(file)]
        copies.run_client(program, url, arguments, f"{file} could not be restored, nothing was changed")
    open_archive(settings.archive_url(), settings.backups_dir()).close()  # an older copy is brought forward
    return kept


def check_nothing_runs(archive: Archive, now: datetime) -> None:
    """Raise ChangeRefused where a role lives that uses the archive."""
    living = live_roles(archive, now)
    if living:
        told = ", ".join(f"{row.role} ({row.instance})" for row in living)
        raise ChangeRefused(f"newswatch runs on this archive: {told}: stop it first")


def _check_sqlite(file: Path) -> None:
    told = "name one that `archive backup` made"
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            (sound,) = copy.execute("PRAGMA quick_check").fetchone()
            found = copy.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        raise ArchiveUnusable(f"{file} is no copy of an archive ({error}): {told}") from error
    if sound != "ok" or not found:
        raise ArchiveUnusable(f"{file} is damaged ({sound}): {told}")


def _replace_sqlite(file: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.restored")
    copies.copy_sqlite(file, fresh)
    for beside in ("-wal", "-shm"):  # they belong to the file that goes
        target.with_name(target.name + beside).unlink(missing_ok=True)
    fresh.replace(target)

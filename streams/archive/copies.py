"""Copies of a whole archive: SQLite's by its backup API, also while it is written; PostgreSQL's by pg_dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from streams.errors import ArchiveUnusable

_PAGES = 2_000
"""Pages a step, 8 MB: a progress bar moves, and nobody who writes waits for long."""


def copy_sqlite(source: Path, target: Path, seen: Callable[[int, int], object] = lambda _done, _all: None) -> None:
    """Copy an archive's file, as it is at one moment; `seen` is told the pages copied and all of them.

    The target is there whole or not at all. Raises ArchiveUnusable.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as there:
            there.execute("BEGIN")  # without it each step of a file that is written meanwhile would begin anew
            there.execute("SELECT count(*) FROM sqlite_master").fetchone()
            with closing(sqlite3.connect(unfinished)) as here:
                there.backup(here, pages=_PAGES, progress=lambda _, left, all_: seen(all_ - left, all_))
        _keep(unfinished, target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise ArchiveUnusable(
            f"{source} could not be copied to {target}: {error}; check the path, its rights and the space on the disk"
        ) from error


def copy_postgresql(url: URL, target: Path) -> None:
    """Dump a database into a file of pg_dump's own format, there whole or not at all. Raises ArchiveUnusable."""
    program = pg_dump()
    if program is None:
        raise ArchiveUnusable("there is no pg_dump on the PATH: install PostgreSQL's client programs")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        run_client(program, url, ["--format=custom", f"--file={unfinished}"], f"{target} could not be written")
        _keep(unfinished, target)
    except OSError as error:
        raise ArchiveUnusable(f"{target} could not be written: {error}: check its rights and the disk") from error
    finally:
        unfinished.unlink(missing_ok=True)


def pg_dump() -> str | None:
    """The program, or None."""
    return shutil.which("pg_dump")


def run_client(program: str, url: URL, arguments: list[str], failed: str) -> None:
    """Run one of PostgreSQL's client programs on a database; its password goes through the environment, not seen.

    Raises ArchiveUnusable, `failed` and the program's own last line.
    """
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [program, f"--dbname={plain}", "--no-password", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = [line for line in done.stderr.splitlines() if line.strip()]
        raise ArchiveUnusable(f"{failed}: {told[0] if told else f'exit code {done.returncode}'}")


def _keep(unfinished: Path, target: Path) -> None:
    """On the disk before it has its name, so that a name always means a whole copy."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)

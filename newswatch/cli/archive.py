"""`newswatch archive backup|restore|prune|move`: the archive as a whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from newswatch.archive_copies import back_up, check_nothing_runs, restore_copy
from newswatch.cli.names_progress import bars
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.data_lock import hold_data_dir
from newswatch.retention import prune as forget
from newswatch.settings import Settings
from streams.archive.engine import open_archive
from streams.archive.moving import move as move_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused, ConfigInvalid
from streams.owner import new_owner

archive = typer.Typer(help="The archive as a whole: copy it, restore it, prune it, move it.", no_args_is_help=True)


@archive.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Where to; left out: below data_dir/backups.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the archive into one file, also while newswatch runs; prints the file's path."""
    settings = load_settings(config)
    with bars() as shown:
        bar = shown.reading("copying the archive", None)
        print(back_up(settings, file, utc_now(), bar.at))


@archive.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `newswatch archive backup` made.")],
    config: Config = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether what is there may be replaced.")] = False,
) -> None:
    """Put a copy in the archive's place, while nothing runs on it. What was there is copied first."""
    settings = load_settings(config)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Replace what is in the archive now?", err=True)):
        raise ChangeRefused("nothing was changed: say --yes to replace what is in the archive")
    with hold_data_dir(settings.data_dir):
        kept = restore_copy(settings, file, utc_now())
    print(f"restored {file}" + (f"; what was there is in {kept}" if kept else ""))


@archive.command()
def prune(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Forget now what `retention` in the settings says is old. Exit code 1 where another process is at it."""
    settings = load_settings(config)
    opened = open_archive(settings.archive_url(), settings.backups_dir())
    with bars() as shown:
        bar = shown.reading("forgetting what is old", None)
        taken = forget(opened, settings.retention, utc_now, owner=new_owner(), seen=lambda _what, more: bar(more))
    if taken is None:
        print("another process is at it already", file=sys.stderr)
        raise typer.Exit(1)
    if as_json:
        print(json.dumps(taken))
    else:
        told = ", ".join(f"{count} {what}" for what, count in taken.items() if count)
        print(f"forgotten: {told}" if told else "nothing is old enough")


@archive.command()
def move(
    target: Annotated[str, typer.Argument(help="postgresql://user@host/database, an empty one.")],
    config: Config = DEFAULT_CONFIG,
    password: Annotated[
        str | None, typer.Option("--password", metavar="env:NAME|file:PATH", help="Of the target.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object of the rows a table.")] = False,
) -> None:
    """Copy the archive into an empty database and count it there; after a stop, the same again goes on.

    Nothing may run on the archive meanwhile. It stays as it is; afterwards name the new one under `archive:`.
    """
    settings = load_settings(config)
    given = {"archive": target, "archive_password": password}
    try:
        to = Settings.model_validate({key: value for key, value in given.items() if value}).archive_url()
    except ValueError:
        raise ConfigInvalid(["the target is no address of an archive: write postgresql://user@host/database"]) from None
    with hold_data_dir(settings.data_dir):
        source = open_archive(settings.archive_url(), settings.backups_dir())
        check_nothing_runs(source, utc_now())
        there = open_archive(to, settings.backups_dir())
        with bars() as shown:
            moving: dict[str, object] = {}

            def seen(table: str, done: int, total: int) -> None:
                bar = moving.setdefault(table, shown.reading(f"moving {table}", total))
                bar.at(done, total)  # type: ignore[attr-defined]

            counts = move_archive(source, there, utc_now(), seen)
    if as_json:
        print(json.dumps(counts))
    else:
        print(f"moved {sum(counts.values())} rows of {len(counts)} tables to {there.shown}, all counted in both")
        print("name it under `archive:` in the settings file before newswatch starts again")

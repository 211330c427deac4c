"""`newswatch watches list|show|export`: what is watched."""

from __future__ import annotations

from typing import Annotated

import typer

from newswatch.cli.backtest import json_line
from newswatch.cli.options import DEFAULT_CONFIG, AnyOwner, Config
from newswatch.config_file import load_settings
from newswatch.kept_watches import item_of, row_of
from newswatch.watch_text import watches_yaml
from streams.archive.engine import open_archive
from streams.archive.watches import list_watches


def list_all(
    owner: AnyOwner = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """List watches: those of the settings file (origin `file`) and those of the archive, each with its owner."""
    settings = load_settings(config)
    rows: list[dict[str, object]] = []
    if owner in {None, "file"}:
        rows += [
            {"id": one.id, "origin": "file", "owner": None, "enabled": True, "revision": None, "name": one.name}
            for one in settings.watches
        ]
    with open_archive(settings.archive_url()).read() as connection:
        for row in list_watches(connection, owner):
            item = item_of(row)
            rows.append(
                {
                    "id": row.id,
                    "origin": "archive",
                    "owner": row.owner,
                    "enabled": row.enabled,
                    "revision": row.revision,
                    "changed": row.changed_at.isoformat(timespec="seconds"),
                    "name": item.get("name", ""),
                }
            )
    for line in rows:
        if as_json:
            print(json_line(line))
        else:
            state = "on " if line["enabled"] else "off"
            revision = f"rev {line['revision']}" if line["revision"] else ""
            print(f"{line['id']:<32}  {state}  {line['owner'] or 'file':<16}  {revision:<8}  {line['name']}".rstrip())
    if not rows and not as_json:
        print("no watches")


def show(
    watch: Annotated[str, typer.Argument(metavar="ID", help="The watch's id.")], config: Config = DEFAULT_CONFIG
) -> None:
    """Print a watch as YAML, with its owner and its revision."""
    row = row_of(load_settings(config), watch)
    print(
        f"# revision {row.revision}, added {row.created_at:%Y-%m-%d %H:%M}Z, changed {row.changed_at:%Y-%m-%d %H:%M}Z"
    )
    print("".join(watches_yaml([item_of(row)])), end="")


def export(owner: AnyOwner = None, config: Config = DEFAULT_CONFIG) -> None:
    """Write the archive's watches as YAML that `import` takes back unchanged."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        for part in watches_yaml(item_of(row) for row in list_watches(connection, owner)):
            print(part, end="")

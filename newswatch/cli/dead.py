"""`newswatch dead list|retry`: what could not be processed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams.archive import dead as dead_articles
from streams.archive.engine import open_archive
from streams.clock import utc_now

dead = typer.Typer(help="What could not be processed: look at it, try it again.", no_args_is_help=True)


@dead.command("list")
def list_dead(
    config: Config = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List dead articles with the step, the error and the feed."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        rows = dead_articles.list_dead(connection, limit)
    for row in rows:
        if as_json:
            print(json.dumps(asdict(row), ensure_ascii=False, default=str))
        else:
            print(f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.step:<7}  {row.feed}  {row.article}  {row.error}")
    if not rows and not as_json:
        print("no dead articles")


@dead.command()
def retry(
    articles: Annotated[list[str] | None, typer.Argument(help="Ids of articles; all where none is given.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Publish dead articles again."""
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        count = dead_articles.retry(connection, articles or [], utc_now())
    print(f"{count} articles are published again")

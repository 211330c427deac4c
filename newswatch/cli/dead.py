"""`newswatch dead list|retry`: what could not be processed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from newswatch.cli.backtest import json_line
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
            print(json_line({**asdict(row), "at": row.at.isoformat()}))
        else:
            print(
                f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.step:<7}  {row.feed}  {row.article}  {' '.join(row.error.split())}"
            )
    if not rows and not as_json:
        print("no dead articles")


@dead.command()
def retry(
    articles: Annotated[list[str] | None, typer.Argument(help="Ids of articles; all where none is given.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Publish dead articles again. Exit code 1 if an id is of no dead article that the archive holds."""
    asked = list(dict.fromkeys(articles or []))
    unknown = []
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        if asked:
            counts = {article: dead_articles.retry(connection, [article], utc_now()) for article in asked}
            unknown = [article for article, count in counts.items() if not count]
            count = sum(counts.values())
        else:
            count = dead_articles.retry(connection, [], utc_now())
    print("1 article is published again" if count == 1 else f"{count} articles are published again")
    for article in unknown:
        print(f"{article}: no dead article to publish again has this id; see `newswatch dead list`", file=sys.stderr)
    raise typer.Exit(1 if unknown else 0)

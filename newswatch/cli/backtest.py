"""`newswatch backtest`: what watches would have fired on, by the code that runs live."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from newswatch.config_file import load_settings
from streams.clock import utc_now

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def backtest(
    watches: Annotated[Path, typer.Option(metavar="FILE", help="A settings file, or one with only watches.")],
    file: Annotated[str, typer.Argument(help="Articles, one JSON object a line; `-` reads standard input.")] = "-",
    archive: Annotated[bool, typer.Option("--archive", help="Take the articles from the archive instead.")] = False,
    since: Annotated[
        str, typer.Option(help="How far back in the archive: 12h, 30d, 8w, or a date such as 2026-03-01.")
    ] = "30d",
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", metavar="FILE", help="Whose archive; the file with the watches where not given."
        ),
    ] = None,
) -> None:
    """Print one JSON line a hit: watch, article, alert and evidence. Exit code 1 if a line of the input was wrong."""
    # late, so that `--help` and mistakes in the arguments answer at once
    from agents.match.backtest import backtest as replayed  # noqa: PLC0415
    from newswatch.enriched_input import EnrichedInput, counted  # noqa: PLC0415
    from newswatch.watch_file import load_watches  # noqa: PLC0415

    if archive and file != "-":
        raise typer.BadParameter("give either a file of articles or --archive, not both")
    if not archive and file != "-" and not Path(file).is_file():
        raise typer.BadParameter(f"{file} is not a file; name a file, or `-` for standard input")
    first = parse_since(since, utc_now())
    source = EnrichedInput()
    given = load_watches(watches)
    if archive:
        articles = source.archived(load_settings(config) if config else given.settings, first)
    else:
        articles = source.lines(file, given.knowledge, given.settings)
    with suppress(BrokenPipeError):
        for found in replayed(counted(articles), given.watches):
            row = {
                "watch": found.hit.watch,
                "article": found.hit.article,
                "alert": found.alert,
                "evidence": [asdict(evidence) for evidence in found.hit.evidence],
            }
            print(json_line(row), flush=True)
    raise typer.Exit(1 if source.wrong else 0)


def parse_since(since: str, now: datetime) -> datetime:
    """The instant that `30d` or a date means, in UTC. Raises typer.BadParameter."""
    if span := re.fullmatch(r"(\d{1,6})\s*([mhdw])", since):
        with suppress(OverflowError):
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        instant = datetime.fromisoformat(since)
    except ValueError as error:
        raise typer.BadParameter(f"{since!r} is no time span or date; write 12h, 30d, 8w or 2026-03-01") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def json_line(row: Mapping[str, object]) -> str:
    """One line of JSON, in plain characters unless some of them cannot be written as UTF-8."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return line

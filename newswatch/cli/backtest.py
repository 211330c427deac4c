"""`newswatch backtest`: what watches would have fired on, by the code that runs live."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newswatch.cli.options import DEFAULT_CONFIG
from newswatch.config_file import load_settings
from streams.archive.engine import open_archive
from streams.clock import utc_now

if TYPE_CHECKING:
    from agents.match.backtest import Replayed

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def backtest(
    watches: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A settings file, or one with only watches; all in force where not given."),
    ] = None,
    file: Annotated[str, typer.Argument(help="Articles, one JSON object a line; `-` reads standard input.")] = "-",
    watch: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this watch; repeat for more.")] = None,
    archive: Annotated[bool, typer.Option("--archive", help="Take the articles from the archive instead.")] = False,
    since: Annotated[
        str, typer.Option(help="How far back in the archive: 12h, 30d, 8w, or a date such as 2026-03-01.")
    ] = "30d",
    summary: Annotated[
        bool, typer.Option("--summary", help="One line a watch: hits, alerts, hits a day and the noisiest alias.")
    ] = False,
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
    from newswatch.archive_input import archived  # noqa: PLC0415
    from newswatch.enriched_input import EnrichedInput, counted  # noqa: PLC0415
    from newswatch.watch_file import load_watches, load_watches_in_force  # noqa: PLC0415

    if archive and file != "-":
        raise typer.BadParameter("give either a file of articles or --archive, not both")
    if not archive and file != "-" and not Path(file).is_file():
        raise typer.BadParameter(f"{file} is not a file; name a file, or `-` for standard input")
    if watches is None and not archive:
        raise typer.BadParameter("give --watches FILE, or --archive for the watches in force")
    now = utc_now()
    first = parse_since(since, now)
    source = EnrichedInput()
    given = load_watches(watches, watch) if watches else load_watches_in_force(config or DEFAULT_CONFIG, watch)
    unknown = [one for one in watch or [] if given.watches.get(one) is None]
    if unknown:
        raise typer.BadParameter(f"there is no watch {unknown[0]!r}")
    if archive:
        settings = load_settings(config) if config else given.settings
        articles = archived(open_archive(settings.archive_url()), first, given.watches)
    else:
        articles = counted(source.lines(file, given.knowledge, given.settings))
    with suppress(BrokenPipeError):
        hits = replayed(articles, given.watches)
        if summary:
            _summarize(hits, [one.id for one in given.watches], first if archive else None, now)
        else:
            for found in hits:
                print(json_line(_row(found)), flush=True)
    raise typer.Exit(1 if source.wrong else 0)


def _row(found: Replayed) -> dict[str, object]:
    return {
        "watch": found.hit.watch,
        "article": found.hit.article,
        "alert": found.alert,
        "evidence": [
            {"field": one.field, "start": one.start, "end": one.end, "surface": one.surface, "why": one.why}
            for one in found.hit.evidence
        ],
    }


def _summarize(hits: Iterable[Replayed], watches: Iterable[str], since: datetime | None, until: datetime) -> None:
    """One line a watch, the noisiest first. Without an archive the days are those of the articles themselves."""
    from agents.match.summary import Summary  # noqa: PLC0415

    summary = Summary()
    seen: list[datetime] = []
    for found in hits:
        summary.add(found.enriched, found.hit, found.alert)
        seen.append(found.enriched.article.first_seen)
    start, end = (since, until) if since else (min(seen, default=until), max(seen, default=until))
    lines = [summary.of(one, start, end) for one in watches]
    for line in sorted(lines, key=lambda one: (-one.hits, one.watch)):
        print(json_line(asdict(line)))


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

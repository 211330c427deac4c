"""`newswatch feeds list|probe`: how every feed is, and what a look at an address finds."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from newswatch.cli.backtest import json_line
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.probe_words import told_of_probe
from newswatch.settings import Settings
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import FetchFailed
from streams.feeds.health import State, feed_health
from streams.feeds.link import as_typed
from streams.feeds.probe import probe_address

_COLOURS = {"well": "green", "new": "dim", "paused": "dim", "quiet": "yellow", "failing": "red"}
_LATE_SECONDS = 60.0


def list_all(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    only: Annotated[State | None, typer.Option(help="Only those that are so.")] = None,
) -> None:
    """List every feed with how it is: last success, last new item, its next poll and why then."""
    settings = load_settings(config)
    rows = feed_health(open_archive(settings.archive_url()), settings.feeds, utc_now())
    rows = [row for row in rows if only in (None, row.state)]
    if as_json:
        for row in rows:
            print(json_line({name: _plain(value) for name, value in asdict(row).items()}))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("id", no_wrap=True)  # to be copied
    for heading in ("name", "state", "last success", "last new", "next poll", "because of", "what is wrong"):
        table.add_column(heading, overflow="fold")
    now = utc_now()
    for row in rows:
        table.add_row(
            row.id, escape(row.name or row.url), f"[{_COLOURS[row.state]}]{row.state}[/]", ago(row.read_at, now),
            ago(row.new_at, now), ahead(row.next_poll_at, now), row.pace or "", escape(row.problem or ""),
        )  # fmt: skip
    Console(soft_wrap=False).print(table)
    print(f"{len(rows)} feeds")


def probe(
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a feed or a site.")],
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Fetch an address once and say what is there and how it would be polled. Exit code 1 where there is no feed."""
    settings = load_settings(config) if config != DEFAULT_CONFIG or config.exists() else Settings()
    try:
        found = asyncio.run(probe_address(as_typed(url), settings.poll))
    except FetchFailed as error:
        print(json_line({"url": url, "outcome": error.outcome, "error": str(error)}) if as_json else f"{url}: {error}")
        raise typer.Exit(1) from error
    if as_json:
        row = {name: _plain(value) for name, value in asdict(found).items() if name not in ("entries", "advertised")}
        advertised = [asdict(one) for one in found.advertised]
        print(json_line({**row, "entries": len(found.entries), "advertised": advertised}))
    else:
        print("\n".join(told_of_probe(found, settings)))
    raise typer.Exit(0 if found.is_feed else 1)


def ago(at: datetime | None, now: datetime) -> str:
    """A past time in words of a few letters."""
    return "" if at is None else f"{_span((now - at).total_seconds())} ago"


def ahead(at: datetime | None, now: datetime) -> str:
    """A time to come in words of a few letters, and for how long it is over where it should not be."""
    if at is None:
        return ""
    late = (now - at).total_seconds()
    return f"in {_span(-late)}" if late < 0 else "now" if late < _LATE_SECONDS else f"due for {_span(late)}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value

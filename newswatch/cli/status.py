"""`newswatch status`: each role up or not, how far behind, and its last error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.kept_watches import in_words
from newswatch.status import RoleStatus, Status, read_status
from streams.archive.alert_labels import Tally
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.feeds.health import State
from streams.feeds.summary import FeedSummary

_WORST = 10
"""Watches whose alerts are called wrong the most."""


def status(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Say for each role: up, behind by how many, oldest waiting, last error. Exit code 1 if one is down."""
    settings = load_settings(config)
    found = read_status(open_archive(settings.archive_url()), utc_now())
    in_file = len(settings.watches)
    if as_json:
        row = {"healthy": found.healthy, **asdict(found), "watches_in_file": in_file}
        print(json.dumps(row, ensure_ascii=False, default=str))
    else:
        _show(found, in_file)
    raise typer.Exit(0 if found.healthy else 1)


def _show(found: Status, in_file: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("role", "state", "behind", "oldest waiting", "listens on", "last error"):
        table.add_column(heading, overflow="fold")
    for line in found.roles:
        colour = {"up": "green", "never started": "dim"}.get(line.state, "red")
        table.add_row(
            line.role, f"[{colour}]{line.state}[/]", _behind(line), _age(line), line.address, line.last_error or ""
        )
    console = Console(soft_wrap=False)
    console.print(table)
    told = in_words(found.kept)
    console.print(f"\n{in_file} watches in the settings file" + (f", {told}" if told else ""))
    for told_of_feeds in _feeds(found.feeds) if found.feeds else ():
        console.print(told_of_feeds, soft_wrap=True)
    for told_of_labels in _labels(found.labels):
        console.print(told_of_labels)
    if found.dead:
        console.print(f"\n{found.dead} dead articles: see `newswatch dead list`")


def _feeds(feeds: FeedSummary) -> Iterator[str]:
    counted = ", ".join(f"{feeds.states[state]} {state}" for state in get_args(State) if feeds.states.get(state))
    many = sum(feeds.states.values())
    yield f"{many} feed{'s' if many != 1 else ''}" + (f": {counted}" if counted else "")
    if feeds.outage:
        yield f"[red]{feeds.outage}[/]"
    if feeds.quiet:
        yield f"[yellow]quiet against their own rhythm:[/] {escape(', '.join(feeds.quiet))}"
    for problem in feeds.failing:
        yield f"[red]not to be read:[/] {escape(problem)}"
    if feeds.subscriptions:
        yield "at hubs: " + ", ".join(f"{count} {state}" for state, count in sorted(feeds.subscriptions.items()))
    if feeds.pages_waiting:
        yield f"{feeds.pages_waiting} pages of articles to be fetched"


def _labels(labels: Mapping[str, Tally]) -> Iterator[str]:
    worst = sorted(labels.items(), key=lambda one: (one[1].precision, one[0]))
    for watch, tally in worst[:_WORST]:
        count = tally.right + tally.wrong
        yield f"alerts of {escape(watch)} called right: {tally.right} of {count} ({tally.precision:.0%})"
    if len(worst) > _WORST:
        yield f"and {len(worst) - _WORST} watches with labels more, all of them better"


def _behind(line: RoleStatus) -> str:
    return "" if line.behind is None else f"{line.behind} {line.unit}"


def _age(line: RoleStatus) -> str:
    return "" if line.oldest_waiting_seconds is None else f"{line.oldest_waiting_seconds:.0f} s"

"""`newswatch silences add|list|expire|preview`: what is not to be told for a while."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from agents.alert import actions
from agents.tell.matchers import NoMatcher, parse_matcher
from agents.tell.preview import preview as would_quiet
from newswatch.cli.alert_options import DEFAULT_ACTOR, Actor, AsJson, Comment, minute, parse_until
from newswatch.cli.backtest import json_line, parse_since
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams.archive import silences as kept
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused

silences = typer.Typer(help="Silences: alerts that are not to be told for a while.", no_args_is_help=True)
Matchers = Annotated[
    list[str],
    typer.Argument(metavar="MATCHER...", help="country=SY, severity!=critical, watch=~'road-.*', ...: all must hold."),
]


@silences.command()
def add(
    matchers: Matchers,
    until: Annotated[str, typer.Option("--for", metavar="WHEN", help="How long (30m, 4h, 2d), or until a date.")],
    start: Annotated[str | None, typer.Option(metavar="WHEN", help="From a date on; from now on if left out.")] = None,
    by: Actor = DEFAULT_ACTOR,
    comment: Comment = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Tell nothing of alerts that meet every matcher, for a while, but corrections of what was told."""
    now = utc_now()
    begins = now if start is None else parse_until(start, now)
    ends = parse_until(until, max(begins, now))
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        silence = actions.add_silence(connection, matchers, begins, ends, by, comment, now)
    print(f"silence {silence.id} until {minute(silence.ends_at)}: {' '.join(silence.matchers)}")


@silences.command("list")
def list_all(
    config: Config = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, newest first.")] = 50,
    over: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List silences with who made them, until when and why."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).read() as connection:
        rows = kept.list_silences(connection, None if over else now, limit)
    for row in rows:
        if as_json:
            times = {name: getattr(row, name).isoformat() for name in ("starts_at", "ends_at", "created_at")}
            print(json_line({**asdict(row), **times}))
            continue
        state = "over" if row.ends_at <= now else "to come" if row.starts_at > now else "in force"
        print(
            f"{row.id}  {state:<8}  {minute(row.starts_at)} to {minute(row.ends_at)}  {row.author}  "
            f"{' '.join(row.matchers)}  {row.comment}".rstrip()
        )
    if not rows and not as_json:
        print("no silences")


@silences.command()
def expire(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of silences.")],
    by: Actor = DEFAULT_ACTOR,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End silences now. What they kept from being told stays untold, and is listed by `newswatch deliveries list`."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        for one in dict.fromkeys(ids):
            actions.expire_silence(connection, one, by, now)
            print(f"silence {one} is over")


@silences.command()
def preview(
    matchers: Matchers,
    since: Annotated[str, typer.Option(metavar="WHEN", help="How far back: 12h, 7d, or a date.")] = "7d",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what a silence would have quieted over the last days, had it been in force."""
    try:
        read = [parse_matcher(one) for one in matchers]
    except NoMatcher as error:
        raise ChangeRefused(str(error)) from error
    revisions, alerts, quieted, all_the_same = 0, set(), 0, 0
    with open_archive(load_settings(config).archive_url()).read() as connection:
        for one in would_quiet(connection, read, parse_since(since, utc_now())):
            revisions += 1
            if one is None:
                continue
            alert = one.alert
            alerts.add(alert.id)
            quieted += not one.told_anyway
            all_the_same += one.told_anyway
            if as_json:
                row = {"alert": alert.id, "revision": alert.revision, "watch": alert.watch, "why": one.why}
                print(
                    json_line({**row, "at": one.at.isoformat(), "told_anyway": one.told_anyway, "title": alert.title})
                )
            else:
                anyway = "  (told all the same)" if one.told_anyway else ""
                print(f"{minute(one.at)}  {alert.watch}  {alert.id}  {one.why}  {alert.title}{anyway}")
    if not as_json:
        print(f"{quieted} of {revisions} revisions, of {len(alerts)} alerts; {all_the_same} told all the same")

"""`newswatch deliveries list|retry|recover`: which alerts reached which endpoints."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

import typer

from newswatch.cli.backtest import json_line, parse_since
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams.archive import delivery_log
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused

deliveries = typer.Typer(help="Which alerts reached which endpoints, and to try some again.", no_args_is_help=True)
State = Literal["pending", "delivered", "exhausted", "held", "bundled", "suppressed"]


@deliveries.command("list")
def list_deliveries(
    config: Config = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, newest first.")] = 50,
    state: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    endpoint: Annotated[str | None, typer.Option(metavar="ID", help="Only those to this endpoint.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List deliveries with how they stand, how often they were tried and what the endpoint said."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        rows = delivery_log.list_deliveries(connection, limit, state=state, endpoint=endpoint)
    for row in rows:
        if as_json:
            print(json_line({name: _plain(value) for name, value in asdict(row).items()}))
        else:
            why = row.error or ": ".join(part for part in (row.reason, row.detail) if part and part != "sent")
            said = f"  {' '.join(why.split())}" if why else ""
            print(
                f"{row.added_at:%Y-%m-%d %H:%M:%S}Z  {row.state:<9}  {row.endpoint}  {row.watch}  {row.id}  "
                f"{row.attempts} attempts{said}"
            )
    if not rows and not as_json:
        print("no deliveries")


@deliveries.command()
def retry(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of deliveries.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Deliver these again, whatever became of them; receivers know a repeat by its id. Exit code 1 on unknown ids."""
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        known = delivery_log.retry(connection, ids, utc_now())
    print(f"{len(known)} deliveries are due again")
    unknown = [one for one in dict.fromkeys(ids) if one not in known]
    if unknown:
        raise ChangeRefused(f"no delivery has the id {', '.join(unknown)}: see `newswatch deliveries list`")


@deliveries.command()
def recover(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="The endpoint's id.")],
    since: Annotated[str, typer.Option(metavar="WHEN", help="How far back: 6h, 2d, or a date.")] = "1d",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Deliver again what was given up for an endpoint, once it works again."""
    settings = load_settings(config)
    if endpoint not in {one.id for one in settings.endpoints}:
        known = ", ".join(one.id for one in settings.endpoints) or "none"
        raise ChangeRefused(f'no endpoint has the id "{endpoint}": the settings have {known}')
    now = utc_now()
    with open_archive(settings.archive_url()).begin() as connection:
        count = delivery_log.recover(connection, endpoint, parse_since(since, now), now)
    print(f"{count} deliveries to {endpoint} are due again")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value

"""`newswatch tokens add|list|revoke`: who may ask the API from elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from newswatch.cli.backtest import json_line
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.kept_watches import OPERATOR, OWNER
from newswatch.web.access import SCOPES
from streams.archive import audit
from streams.archive import tokens as kept
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused

tokens = typer.Typer(help="Who may ask the API from elsewhere.", no_args_is_help=True)
_WHO = "command line"


@tokens.command()
def add(
    scope: Annotated[list[str], typer.Option(help=f"What it may: {', '.join(SCOPES)}; repeat for more.")],
    owner: Annotated[str, typer.Option(metavar="NAME", help="Whose watches it may change.")] = OPERATOR,
    days: Annotated[
        float | None, typer.Option(min=0.01, max=36_500, help="Good for so long; for ever without.")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is for, in your words.")] = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make a token. It is printed this once; only its hash is kept."""
    wrong = [one for one in scope if one not in SCOPES]
    if wrong:
        known = "".join(f"\n  {name:<11} {what}" for name, what in SCOPES.items())
        raise ChangeRefused(f"there is no scope {wrong[0]!r}: the scopes are{known}")
    if not OWNER.fullmatch(owner):
        raise typer.BadParameter(f"{owner!r} is no owner: write small letters, digits and _ . @ -")
    now = utc_now()
    until = now + timedelta(days=days) if days is not None else None
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        token, secret = kept.issue(connection, owner, set(scope), note, now, until)
        audit.note(connection, _WHO, "token.add", token.id, now, {"owner": owner, "scopes": sorted(set(scope))})
    print(secret)


@tokens.command("list")
def list_all(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List tokens, without their secrets, which nobody has."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).read() as connection:
        rows = kept.list_tokens(connection)
    for row in rows:
        if as_json:
            told = {**asdict(row), "scopes": sorted(row.scopes), "good": row.is_good(now)}
            print(
                json_line({name: one.isoformat() if isinstance(one, datetime) else one for name, one in told.items()})
            )
        else:
            state = "good" if row.is_good(now) else "revoked" if row.revoked_at else "expired"
            used = f"used {row.used_at:%Y-%m-%d %H}h" if row.used_at else "never used"
            print(
                f"{row.id}  {state:<8} {row.owner:<16} {','.join(sorted(row.scopes)):<24} {used}  {row.note}".rstrip()
            )
    if not rows and not as_json:
        print("no tokens")


@tokens.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as `newswatch tokens list` shows it.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Take a token back: it is refused from now on."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        if not kept.revoke(connection, token, now):
            raise ChangeRefused(f'no good token has the id "{token}": see `newswatch tokens list`')
        audit.note(connection, _WHO, "token.revoke", token, now)
    print(f"{token}: revoked")

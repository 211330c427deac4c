"""What commands on alerts and silences share: the alert's id, who acts, and times to come."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from newswatch.cli.backtest import parse_since
from newswatch.kept_watches import OPERATOR
from streams.archive import alert_log
from streams.errors import ChangeRefused

AlertId = Annotated[str, typer.Argument(metavar="ALERT", help="The alert's id, or the beginning of it.")]
Actor = Annotated[str, typer.Option("--by", metavar="NAME", help="Who you are.", envvar="NEWSWATCH_OWNER")]
Comment = Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever asks later.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DEFAULT_ACTOR = OPERATOR


def the_alert(connection: Connection, beginning: str) -> str:
    """The id of the one alert whose id begins so; raises ChangeRefused where there is none, or several."""
    found = alert_log.find(connection, beginning.strip().lower())
    if len(found) == 1 or beginning in found:
        return beginning if beginning in found else found[0]
    if not found:
        raise ChangeRefused(f"no alert has the id {beginning}: see `newswatch alerts list`")
    raise ChangeRefused(f"several alerts have ids that begin with {beginning}: write more of it")


def parse_until(text: str, now: datetime) -> datetime:
    """The instant that `2h` from now, or a date, means. Raises typer.BadParameter."""
    instant = parse_since(text, now)
    return now + (now - instant) if re.fullmatch(r"\d+\s*[mhdw]", text) else instant


def minute(instant: datetime | None) -> str:
    """An instant as people read it, in UTC."""
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}Z"

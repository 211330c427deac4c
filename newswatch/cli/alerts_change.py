"""`newswatch alerts ack|snooze|unsnooze|label`: a person sees to alerts."""

from __future__ import annotations

from typing import Annotated

import typer

from agents.alert import actions
from newswatch.cli.alert_options import DEFAULT_ACTOR, Actor, AlertId, Comment, minute, parse_until, the_alert
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams.archive.alert_labels import Verdict
from streams.archive.engine import open_archive
from streams.clock import utc_now


def ack(
    alerts: Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids of alerts, or beginnings of them.")],
    by: Actor = DEFAULT_ACTOR,
    comment: Comment = "",
    take_back: Annotated[bool, typer.Option("--take-back", help="Nobody sees to them any more.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Say that you see to alerts: they are not told again, nor what is added to them. All or none are changed."""
    now = utc_now()
    act = actions.take_back if take_back else actions.acknowledge
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        for alert in sorted({the_alert(connection, one) for one in alerts}):
            act(connection, alert, by, comment, now)
            print(f"{alert} is {'no longer ' if take_back else ''}acknowledged")


def snooze(
    alert: AlertId,
    until: Annotated[str, typer.Option("--for", metavar="WHEN", help="How long (30m, 4h, 2d), or until a date.")],
    by: Actor = DEFAULT_ACTOR,
    comment: Comment = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Hear of an alert later: what comes of it is told then, or else that it is still open."""
    now = utc_now()
    end = parse_until(until, now)
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        known = the_alert(connection, alert)
        actions.snooze(connection, known, end, by, comment, now)
    print(f"{known} is snoozed until {minute(end)}")


def unsnooze(alert: AlertId, by: Actor = DEFAULT_ACTOR, comment: Comment = "", config: Config = DEFAULT_CONFIG) -> None:
    """End a snooze: what waited for its end is told now."""
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        known = the_alert(connection, alert)
        actions.unsnooze(connection, known, by, comment, utc_now())
    print(f"{known} is no longer snoozed")


def label(
    verdict: Annotated[Verdict, typer.Argument(help="What you say of them.")],
    alerts: Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids of alerts, or beginnings of them.")],
    by: Actor = DEFAULT_ACTOR,
    comment: Comment = "",
    take_back: Annotated[bool, typer.Option("--take-back", help="Say nothing of them any more.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Say that alerts are right or wrong: it tells how well their watches do. All or none are labelled."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).begin() as connection:
        for alert in sorted({the_alert(connection, one) for one in alerts}):
            if take_back:
                actions.take_back_label(connection, alert, by, now)
            else:
                actions.label(connection, alert, verdict, by, comment, now)
            print(f"{alert} is {'no longer ' if take_back else ''}labelled {verdict} by {by}")

"""`newswatch alerts ...`: which alerts there are, why each was told or not, who tells it, and to see to one."""

from __future__ import annotations

import typer

from newswatch.cli.alerts_change import ack, label, snooze, unsnooze
from newswatch.cli.alerts_show import list_all, show, sources, why

alerts = typer.Typer(help="Alerts: list, look into, acknowledge, snooze, label.", no_args_is_help=True)
alerts.command("list")(list_all)
alerts.command("show")(show)
alerts.command("why")(why)
alerts.command("sources")(sources)
alerts.command("ack")(ack)
alerts.command("snooze")(snooze)
alerts.command("unsnooze")(unsnooze)
alerts.command("label")(label)

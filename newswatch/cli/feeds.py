"""`newswatch feeds ...`: feeds that the archive keeps, changed while everything runs, and how each feed is."""

from __future__ import annotations

import typer

from newswatch.cli.feeds_change import add, export, import_file, pause, remove, resume
from newswatch.cli.feeds_show import list_all, probe

feeds = typer.Typer(help="The feeds: add, probe, pause; a poller has a change within seconds.", no_args_is_help=True)
feeds.command("add")(add)
feeds.command("list")(list_all)
feeds.command("probe")(probe)
feeds.command("import")(import_file)
feeds.command("export")(export)
feeds.command("pause")(pause)
feeds.command("resume")(resume)
feeds.command("remove")(remove)

"""`newswatch watches ...`: watches that the archive keeps, changed while everything runs."""

from __future__ import annotations

import typer

from newswatch.cli.watches_change import add, disable, edit, enable, import_file, remove
from newswatch.cli.watches_check import check
from newswatch.cli.watches_show import export, list_all, show

watches = typer.Typer(
    help="Watches that the archive keeps: every worker has a change within a second.", no_args_is_help=True
)
watches.command("add")(add)
watches.command("edit")(edit)
watches.command("remove")(remove)
watches.command("list")(list_all)
watches.command("show")(show)
watches.command("import")(import_file)
watches.command("export")(export)
watches.command("enable")(enable)
watches.command("disable")(disable)
watches.command("check")(check)

"""`newswatch`: every command, in the order a newcomer meets them."""

from __future__ import annotations

import sys

import typer

from newswatch.cli import roles
from newswatch.cli.backtest import backtest
from newswatch.cli.check_config import check_config
from newswatch.cli.dead import dead
from newswatch.cli.demo import demo
from newswatch.cli.enrich import enrich
from newswatch.cli.explain import explain
from newswatch.cli.run import run
from newswatch.cli.status import status
from newswatch.installation import check_installation
from streams.errors import NewswatchError

app = typer.Typer(
    name="newswatch",
    help="A lookout over the news: alerts when a watched route, town or actor appears.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for _command in (demo, run, check_config, status, enrich, backtest, explain):
    app.command()(_command)
for _role in (roles.poll, roles.work, roles.notify, roles.web, roles.broker):
    app.command(rich_help_panel="Roles, each a process of its own")(_role)
app.add_typer(dead, name="dead")


def main() -> None:
    """The console script; one line on standard error and exit code 1 for every error we raise on purpose."""
    try:
        check_installation()
        app()
    except NewswatchError as error:
        print(error, file=sys.stderr)
        sys.exit(1)

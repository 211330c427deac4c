"""`newswatch`: every command, in the order a newcomer meets them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from importlib.metadata import version
from typing import Annotated

import typer

from newswatch.installation import check_installation
from streams.errors import NewswatchError

_ROLES = "Roles, each a process of its own"
COMMANDS: dict[str, tuple[str, str, str | None]] = {
    "demo": ("newswatch.cli.demo", "demo", None),
    "run": ("newswatch.cli.run", "run", None),
    "check-config": ("newswatch.cli.check_config", "check_config", None),
    "feeds": ("newswatch.cli.feeds", "feeds", None),
    "status": ("newswatch.cli.status", "status", None),
    "enrich": ("newswatch.cli.enrich", "enrich", None),
    "backtest": ("newswatch.cli.backtest", "backtest", None),
    "explain": ("newswatch.cli.explain", "explain", None),
    "watches": ("newswatch.cli.watches", "watches", None),
    "alerts": ("newswatch.cli.alerts", "alerts", None),
    "silences": ("newswatch.cli.silences", "silences", None),
    "deliveries": ("newswatch.cli.deliveries", "deliveries", None),
    "tokens": ("newswatch.cli.tokens", "tokens", None),
    "topics": ("newswatch.cli.topics", "topics", None),
    "archive": ("newswatch.cli.archive", "archive", None),
    "dead": ("newswatch.cli.dead", "dead", None),
    "gazetteer": ("newswatch.cli.gazetteer", "gazetteer", None),
    "packs": ("newswatch.cli.packs", "packs", None),
    "models": ("newswatch.cli.models", "models", None),
    "poll": ("newswatch.cli.roles", "poll", _ROLES),
    "work": ("newswatch.cli.roles", "work", _ROLES),
    "notify": ("newswatch.cli.notify", "notify", _ROLES),
    "web": ("newswatch.cli.roles", "web", _ROLES),
    "broker": ("newswatch.cli.roles", "broker", _ROLES),
}
"""Each command's module, its name there, and the panel it is shown in."""


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with these commands; only their modules are imported, since some are heavy."""
    app = typer.Typer(
        name="newswatch",
        help="A lookout over the news: alerts when a watched route, town or actor appears.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def _newswatch(
        _version: Annotated[
            bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
        ] = False,
    ) -> None:
        """A lookout over the news: alerts when a watched route, town or actor appears."""

    for name in names:
        module, attribute, panel = COMMANDS[name]
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=panel)
        else:
            app.command(name, rich_help_panel=panel)(command)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        print(f"newswatch {version('newswatch')}")
        raise typer.Exit


def main() -> None:
    """The console script; one line on standard error and exit code 1 for every error of ours or of the machine's."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        check_installation()
        command_line([asked] if asked in COMMANDS else COMMANDS)()
    except NewswatchError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except (OSError, ImportError) as error:
        print(f"newswatch: {_of_the_machine(error)}", file=sys.stderr)
        sys.exit(1)


def _of_the_machine(error: OSError | ImportError) -> str:
    """What the machine refused: a full disk, a directory without rights, a part that is not installed."""
    if isinstance(error, ImportError):
        return f"{error}: install newswatch with all it needs"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}: check the path, its rights and the space on the disk"

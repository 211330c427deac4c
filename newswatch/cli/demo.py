"""`newswatch demo`: sample newsrooms on loopback, the whole flow live in the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from newswatch.cli.names_progress import prepare_names


def demo(
    until_alert: Annotated[
        bool, typer.Option("--until-alert", help="End at the first delivered alert on a route.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print alerts as JSON, one a line, and nothing else on standard output.")
    ] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1.0, help="With --until-alert: give up after so many seconds.")
    ] = 300.0,
) -> None:
    """Show the whole flow on bundled sample feeds; Ctrl-C ends it and leaves nothing behind."""
    # A web server and a screen: only this command needs them.
    from newswatch.demo.run import DemoOptions, run_demo  # noqa: PLC0415

    prepare_names()
    options = DemoOptions(until_alert=until_alert, as_json=as_json, timeout_seconds=timeout)
    raise typer.Exit(asyncio.run(run_demo(options, sys.stdout, sys.stderr)))

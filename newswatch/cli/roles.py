"""`newswatch broker|poll|work|web`: one role, in this process, until SIGTERM."""

from __future__ import annotations

import importlib
from pathlib import Path

import typer

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.roles.runner import run_role


def broker(config: Config = DEFAULT_CONFIG) -> None:
    """Run the embedded broker (one machine only)."""
    _run("broker", config)


def poll(config: Config = DEFAULT_CONFIG) -> None:
    """Run the poller: feeds into the archive, articles onto Kafka."""
    _run("poll", config)


def work(config: Config = DEFAULT_CONFIG) -> None:
    """Run the Faust agents: enrich articles, raise alerts."""
    _run("work", config)


def web(config: Config = DEFAULT_CONFIG) -> None:
    """Run the web server: health, metrics, recent alerts."""
    _run("web", config)


def _run(role: str, config: Path) -> None:
    # A role's parts are heavy (Faust, spaCy); only the role that is asked for is imported.

    main = importlib.import_module(f"newswatch.roles.{role}").main
    raise typer.Exit(run_role(role, config, main, serves_itself=role == "web"))

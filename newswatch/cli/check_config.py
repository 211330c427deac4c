"""`newswatch check-config`: every mistake in a settings file, with its line and column."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from agents.match.compile import compile_watches
from agents.names.knowledge import load_knowledge
from newswatch.cli.options import DEFAULT_CONFIG
from newswatch.config_file import ConfigBroken, read_config
from newswatch.settings import Settings
from streams.errors import ConfigInvalid


def check_config(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The settings file.")] = DEFAULT_CONFIG,
) -> None:
    """Report every mistake as file:line:column: what, and what to do. Exit code 1 if there is one."""
    try:
        mistakes = _check(file)
    except ConfigBroken as error:
        mistakes = _with_names(error)
    except ConfigInvalid as error:
        mistakes = error.mistakes
    for mistake in mistakes:
        print(mistake)
    raise typer.Exit(1 if mistakes else 0)


def _check(file: Path) -> list[str]:
    config = read_config(file)
    settings = config.settings
    knowledge = load_knowledge(settings.enrich.packs, settings.cache_dir())
    _, problems = compile_watches(settings.watches, knowledge)
    for note in config.name_notes(problems):
        print(note, file=sys.stderr)
    mistakes = config.name_mistakes(problems)
    if not mistakes:
        counts = (
            _count(len(settings.feeds), "feed"),
            _count(len(settings.watches), "watch", "watches"),
            _count(len(settings.endpoints), "endpoint"),
        )
        print(f"{file}: fine ({', '.join(counts)})")
    return mistakes


def _with_names(broken: ConfigBroken) -> list[str]:
    """All mistakes at once: names that mean nothing are told beside those of the writing."""
    if broken.enrich is None or not broken.watches:
        return broken.mistakes
    try:
        knowledge = load_knowledge(broken.enrich.packs, Settings().cache_dir())
    except ConfigInvalid as error:
        return broken.mistakes + error.mistakes
    _, problems = compile_watches(broken.watches, knowledge)
    return broken.with_names(problems)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"

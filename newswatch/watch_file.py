"""The watches of a file, compiled; what there is to say about their names goes to standard error."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.match.compile import CompiledWatches, compile_watches
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.config_file import ConfigFile, read_watches
from newswatch.kept_watches import existing_archive, watch_of
from newswatch.settings import Settings
from newswatch.watch_intake import read_wholly
from streams.archive.watches import list_watches
from streams.errors import ConfigInvalid
from streams.memory import loading


@dataclass(frozen=True, slots=True)
class WatchFile:
    """Watches ready to match, and the settings of their file (all defaults where it has only watches)."""

    settings: Settings
    watches: CompiledWatches
    knowledge: NamesKnowledge


def load_watches(path: Path, only: Collection[str] | None = None) -> WatchFile:
    """Read and compile the watches of a file (those called `only`). Raises ConfigInvalid with every mistake."""
    return _compiled(read_wholly(path, read_watches), (), only)


def load_watches_in_force(path: Path, only: Collection[str] | None = None) -> WatchFile:
    """Those of a settings file and those of its archive that are on. Raises ConfigInvalid with every mistake."""
    config = read_wholly(path)
    archive = existing_archive(config.settings)
    kept: list[Watch] = []
    if archive is not None:
        with archive.read() as connection:
            kept = [watch_of(row) for row in list_watches(connection) if row.enabled]
        archive.close()
    return _compiled(config, kept, only)


def _compiled(config: ConfigFile, kept: Sequence[Watch], only: Collection[str] | None) -> WatchFile:
    settings = config.settings
    with loading():
        knowledge = load_knowledge(settings.enrich.packs, settings.cache_dir())
        compiled, problems = compile_watches([*settings.watches, *kept], knowledge)
    of_file = [problem for problem in problems if problem.position < len(settings.watches)]
    for note in config.name_notes(of_file):
        print(note, file=sys.stderr)
    if mistakes := config.name_mistakes(of_file):
        raise ConfigInvalid(mistakes)
    if only:
        chosen = [watch for watch in (*settings.watches, *kept) if watch.id in only]
        compiled, _ = compile_watches(chosen, knowledge)
    return WatchFile(settings, compiled, knowledge)

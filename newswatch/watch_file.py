"""The watches of a file, compiled; what there is to say about their names goes to standard error."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from agents.match.compile import CompiledWatches, compile_watches
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.config_file import read_watches
from newswatch.settings import Settings
from streams.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class WatchFile:
    """Watches ready to match, and the settings of their file (all defaults where it has only watches)."""

    settings: Settings
    watches: CompiledWatches
    knowledge: NamesKnowledge


def load_watches(path: Path) -> WatchFile:
    """Read and compile the watches of a file. Raises ConfigInvalid with every mistake, names included."""
    config = read_watches(path)
    settings = config.settings
    knowledge = load_knowledge(settings.enrich.packs, settings.cache_dir())
    compiled, problems = compile_watches(settings.watches, knowledge)
    for note in config.name_notes(problems):
        print(note, file=sys.stderr)
    if mistakes := config.name_mistakes(problems):
        raise ConfigInvalid(mistakes)
    return WatchFile(settings, compiled, knowledge)

"""Watches that somebody hands over: read, checked with their names, and every mistake told at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.match.compile import WatchResolver
from agents.match.resolve import NameProblem
from agents.match.resolved import ResolvedWatch
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.config_file import ConfigBroken, ConfigFile, read_config, read_watches
from newswatch.kept_watches import Keeping
from newswatch.plain_words import describe, keys_at, trace
from newswatch.settings import EnrichSettings, Settings
from newswatch.yaml_source import Unreadable, decode
from streams.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class Intake:
    """Watches without a mistake, each with what its file says beside it."""

    watches: tuple[Watch, ...]
    keeping: tuple[Keeping, ...]
    resolved: tuple[ResolvedWatch, ...]
    """The same with their names resolved."""


def known_names(enrich: EnrichSettings) -> NamesKnowledge:
    """What the names of watches may mean, with the user's own packs."""
    return load_knowledge(enrich.packs, Settings().cache_dir())


def take_in(file: str, settings: Settings) -> Intake:
    """The watches of a file or of standard input (`-`), for an archive with these settings.

    What may be meant otherwise is told on standard error. Raises ConfigInvalid with every mistake, those of names and
    of endpoints among them.
    """
    config = read_given(file, settings)
    resolved, problems = _resolved(config.settings.watches, known_names(settings.enrich))
    for note in config.name_notes(problems):
        print(note, file=sys.stderr)
    mistakes = [*config.lines(_unknown_endpoints(config, settings)), *config.name_mistakes(problems)]
    if mistakes:
        raise ConfigInvalid(mistakes)
    return Intake(config.settings.watches, config.keeping, resolved)


def _resolved(
    watches: Sequence[Watch], knowledge: NamesKnowledge
) -> tuple[tuple[ResolvedWatch, ...], list[NameProblem]]:
    resolver = WatchResolver(knowledge)
    found = [resolver.resolve(watch, position) for position, watch in enumerate(watches)]
    return tuple(one for one in found if one is not None), resolver.problems


def read_given(file: str, settings: Settings) -> ConfigFile:
    """The watches of a file or of standard input. Raises ConfigInvalid with every mistake, names among them."""
    path = Path(file)
    try:
        text = decode(sys.stdin.buffer.read()) if file == "-" else None
        return read_watches(path, text)
    except Unreadable as error:
        one = error.mistake
        raise ConfigInvalid([f"{path}:{one.line}:{one.column}: {one.message}"]) from error
    except ConfigBroken as error:
        raise ConfigInvalid(every_mistake(error, settings.enrich)) from error


def read_wholly(path: Path, read: Callable[[Path], ConfigFile] = read_config) -> ConfigFile:
    """A file as `read` reads it. Raises ConfigInvalid with every mistake of its writing and of its watches' names."""
    try:
        return read(path)
    except ConfigBroken as error:
        raise ConfigInvalid(every_mistake(error, error.enrich)) from error


def every_mistake(broken: ConfigBroken, enrich: EnrichSettings | None) -> list[str]:
    """All mistakes at once: names that mean nothing are told beside those of the writing."""
    if enrich is None or not broken.watches:
        return broken.mistakes
    try:
        knowledge = known_names(enrich)
    except ConfigInvalid as error:
        return broken.mistakes + error.mistakes
    _, problems = _resolved(broken.watches, knowledge)
    return broken.with_names(problems)


def _unknown_endpoints(config: ConfigFile, settings: Settings) -> Iterator[tuple[tuple[str | int, ...], str]]:
    known = [endpoint.id for endpoint in settings.endpoints]
    for position, watch in enumerate(config.settings.watches):
        for index, name in enumerate(watch.notify):
            if name not in known:
                yield ("watches", position, "notify", index), unknown_endpoint(name, known)


def unknown_endpoint(name: str, known: Sequence[str]) -> str:
    """What to say of an endpoint that the settings have not."""
    listed = f"the endpoints are {', '.join(known)}" if known else "there are no endpoints"
    return f'no endpoint of the settings has the id "{name}", {listed}: name one of them, or add it there'


def from_options(fields: Mapping[str, Any], conditions: Sequence[Mapping[str, Any]], settings: Settings) -> Intake:
    """One watch from options: `fields` as in a watch, `conditions` any of which fires it.

    Raises ConfigInvalid; a mistake begins with the option it stands in.
    """
    data = {**fields, "any": list(conditions)}
    try:
        watch = Watch.model_validate(data)
    except ValidationError as error:
        raise ConfigInvalid(list(_explained(error, data))) from error
    resolved, problems = _resolved([watch], known_names(settings.enrich))
    for problem in problems:
        if problem.level == "note":
            print(_of_option(problem, data), file=sys.stderr)
    mistakes = [_of_option(problem, data) for problem in problems if problem.level == "error"]
    known = [endpoint.id for endpoint in settings.endpoints]
    mistakes += [f"--notify: {unknown_endpoint(name, known)}" for name in watch.notify if name not in known]
    if mistakes:
        raise ConfigInvalid(mistakes)
    return Intake((watch,), (Keeping(),), resolved)


def _explained(error: ValidationError, data: Mapping[str, Any]) -> Iterator[str]:
    for one in error.errors(include_url=False):
        path, meant = trace(one["loc"], data)
        if meant:
            yield f"{_option(path, data)}: {describe(one, path, keys_at(Watch, one['loc'][:-1]))}"


def _of_option(problem: NameProblem, data: Mapping[str, Any]) -> str:
    return f"{_option(problem.path, data)}: {problem.message}"


def _option(path: tuple[str | int, ...], data: Mapping[str, Any]) -> str:
    """The option that a place of the watch came from, with what was written there."""
    if len(path) >= 2 and path[0] == "any" and isinstance(path[1], int):
        condition = data["any"][path[1]]
        kind, value = next(iter(condition.items()))
        shown = ", ".join(value) if isinstance(value, list) else value
        return f"--{kind} {shown if not isinstance(shown, dict) else shown.get('country', '')}".rstrip()
    return f"--{str(path[0]).replace('_', '-')}" if path else "options"

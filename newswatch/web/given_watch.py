"""A watch that a request brings: checked, with what its names mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agents.match.resolved import GROUPS, ResolvedWatch
from agents.match.watch import Watch
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge
from newswatch.kept_watches import definition_of
from newswatch.plain_words import describe, keys_at, trace
from newswatch.web.house import House
from newswatch.web.problem import Problem
from newswatch.yaml_source import KeyPath


@dataclass(frozen=True, slots=True)
class Taken:
    """A watch without mistakes."""

    watch: Watch
    definition: str
    """As it was written, JSON."""
    resolved: str
    """With its names resolved, JSON."""
    means: list[dict[str, Any]]
    """The entities that its names mean, each with the condition it stands in."""
    notes: list[dict[str, str]]
    """What a name may mean otherwise, and how to say so."""


def take(definition: Mapping[str, Any], house: House) -> Taken:
    """The watch of a definition. Raises Problem with every mistake in it."""
    from agents.match.compile import WatchResolver  # noqa: PLC0415 - heavy, and only where a watch is brought

    try:
        watch = Watch.model_validate(definition)
    except ValidationError as error:
        raise _problem([*explained(error, definition)]) from error
    knowledge = house.knowledge()
    resolver = WatchResolver(knowledge)
    resolved = resolver.resolve(watch, 0)
    mistakes = unknown_endpoints(watch, house)
    mistakes += [{"at": at_path(one.path), "message": one.message} for one in resolver.problems if one.level == "error"]
    if mistakes or resolved is None:
        raise _problem(mistakes)
    notes = [{"at": at_path(one.path), "message": one.message} for one in resolver.problems if one.level == "note"]
    return Taken(watch, definition_of(watch), resolved.to_json(), _means(resolved, knowledge), notes)


def shown(entity: Entity) -> dict[str, Any]:
    """An entity as answers carry it."""
    return {
        "id": entity.id, "kind": entity.kind, "name": entity.name, "names": list(entity.names), "lat": entity.lat,
        "lon": entity.lon, "country": entity.country, "feature": entity.feature, "population": entity.population,
        "waypoints": list(entity.waypoints), "source": entity.source,
    }  # fmt: skip


def unknown_endpoints(watch: Watch, house: House) -> list[dict[str, str]]:
    """What is wrong with the endpoints of a watch."""
    known = [endpoint.id for endpoint in house.settings.endpoints]
    told = f"there are {', '.join(known)}" if known else "there are none"
    return [
        {"at": "notify", "message": f'no endpoint has the id "{one}": {told}'}
        for one in watch.notify
        if one not in known
    ]


def _means(resolved: ResolvedWatch, knowledge: NamesKnowledge) -> list[dict[str, Any]]:
    own = {entity.id: entity for entity in resolved.entities}
    found: list[dict[str, Any]] = []
    for group in GROUPS:
        for index, condition in enumerate(getattr(resolved, group)):
            for ids in condition.ids:
                entity = own.get(ids[0]) or knowledge.entity(ids[0])
                if entity is not None:
                    found.append({"at": f"{group}[{index}].{condition.kind}", "entity": shown(entity)})
    return found


def explained(error: ValidationError, definition: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every mistake of a definition: where, and what to do."""
    found = []
    for one in error.errors(include_url=False):
        path, meant = trace(one["loc"], definition)
        if meant:
            found.append({"at": at_path(path), "message": describe(one, path, keys_at(Watch, one["loc"][:-1]))})
    return found or [{"at": "body", "message": str(error)}]


def at_path(path: KeyPath) -> str:
    """A path as clauses are written, such as `any[0].route[1]`."""
    told = ""
    for step in path:
        told += f"[{step}]" if isinstance(step, int) else f".{step}" if told else str(step)
    return told or "body"


def _problem(mistakes: list[dict[str, str]]) -> Problem:
    first = f"{mistakes[0]['at']}: {mistakes[0]['message']}" if mistakes else "the watch means nothing"
    return Problem("invalid", first, errors=mistakes)

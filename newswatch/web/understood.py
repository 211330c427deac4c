"""A watch as far as it is written: what each name means and may mean, what is wrong, and what it looks like on a map.

Other than `given_watch.take`, nothing is refused: somebody is still writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from rapidfuzz.distance import Levenshtein

from agents.match.compile import WatchResolver
from agents.match.resolve import Resolver
from agents.match.resolved import GROUPS, ResolvedCondition
from agents.match.watch import ActorCondition, Condition, RouteCondition, TownCondition, Watch
from agents.names.entity import Entity
from agents.names.key import name_key
from agents.names.knowledge import NamesKnowledge
from newswatch.web.geometry import features_of
from newswatch.web.given_watch import at_path, explained, unknown_endpoints
from newswatch.web.house import House
from streams.records import Kind

MOST_CANDIDATES = 12
_LONG = 6
"""Shorter names that differ in a letter are two names, or one in two languages."""
_Written = tuple[tuple[str | int, ...], str, Kind, str | None]
"""Where a name stands in its condition, the name, what it names, and the country it is narrowed to."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a watch."""

    at: str
    """Such as `any[0].route[1]`."""
    written: str
    meant: Entity | None
    """What it is taken to mean; None where it means nothing."""
    others: tuple[Entity, ...]
    """What else it may mean, likeliest first."""
    corrections: tuple[str, ...]
    """How the name is spelled, where it is known in another spelling only; else the nearest known names."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What is understood of a watch."""

    watch: Watch | None
    """None where its shape is wrong."""
    mistakes: tuple[dict[str, str], ...]
    """Each with `at` and `message`."""
    notes: tuple[dict[str, str], ...]
    names: tuple[Named, ...]
    features: tuple[dict[str, Any], ...]
    """What is watched, as GeoJSON."""


def understand(definition: Mapping[str, Any], house: House) -> Understood:
    """What a definition means as far as it goes."""
    try:
        watch = Watch.model_validate(definition)
    except ValidationError as error:
        return Understood(None, tuple(explained(error, definition)), (), (), ())
    knowledge = house.knowledge()
    whole, resolver = WatchResolver(knowledge), Resolver(knowledge)
    whole.resolve(watch)
    told: dict[str, list[dict[str, str]]] = {"error": unknown_endpoints(watch, house), "note": []}
    for one in whole.problems:
        told[one.level].append({"at": at_path(one.path), "message": one.message})
    names: list[Named] = []
    features: list[dict[str, Any]] = []
    for group in GROUPS:
        for index, condition in enumerate(getattr(watch, group)):
            # each for itself, so that a mistake in one hides no other
            alone = whole.resolve(Watch(id=watch.id, any=(condition,)))
            meant = {} if alone is None else _meant(condition, alone.any[0], knowledge)
            for step, written, kind, country in _written(condition):
                names.append(_named((group, index, *step), written, kind, country, meant.get(step), resolver))
            if alone is not None and group != "none":
                features += features_of(alone, knowledge, watch.name or watch.id)
    return Understood(watch, tuple(told["error"]), tuple(told["note"]), tuple(names), tuple(features))


def _written(condition: Condition) -> Iterator[_Written]:
    match condition:
        case TownCondition():
            yield ("town",), condition.town, "place", condition.country
        case RouteCondition() if isinstance(condition.route, str):
            yield ("route",), condition.route, "route", None
        case RouteCondition():
            for index, name in enumerate(condition.route):
                yield ("route", index), name, "place", None
        case ActorCondition():
            yield ("actor",), condition.actor, "actor", None
        case _:
            return


def _meant(
    condition: Condition, resolved: ResolvedCondition, knowledge: NamesKnowledge
) -> dict[tuple[str | int, ...], Entity]:
    ids = [(resolved.road,)] if resolved.road else resolved.ids
    entities = [knowledge.entity(one[0]) for one in ids]
    steps = [step for step, *_ in _written(condition)]
    return {step: entity for step, entity in zip(steps, entities, strict=True) if entity is not None}


def _named(
    path: tuple[str | int, ...],
    written: str,
    kind: Kind,
    country: str | None,
    meant: Entity | None,
    resolver: Resolver,
) -> Named:
    candidates = resolver.candidates(written, kind, country)
    if kind == "route" and not candidates and (places := resolver.candidates(written, "place")):
        kind, candidates = "place", places  # the first place of a road whose others are not written yet
    best = meant or (candidates[0] if candidates else None)
    others = tuple(one for one in candidates[:MOST_CANDIDATES] if best is None or one.id != best.id)
    if best is None:
        corrections = tuple(resolver.knowledge.nearest_names(written, kind))
    elif _is_spelled(written, best) and not _is_slip(written, best):
        corrections = ()
    else:
        corrections = (best.name,)
    return Named(at_path(path), written, best, others, corrections)


def _is_slip(written: str, entity: Entity) -> bool:
    """Whether a spelling is one letter away from the name: somebody may know it so, and more likely mistyped it."""
    one, other = name_key(written), name_key(entity.name)
    return min(len(one), len(other)) >= _LONG and Levenshtein.distance(one, other, score_cutoff=1) == 1


def _is_spelled(written: str, entity: Entity) -> bool:
    """Whether a name stands so in what is known, but for case, accents and articles; or is an id."""
    bare = written.rpartition(",")[0] if written[-4:-2] == ", " else written
    keys = {name_key(written), name_key(bare)}
    return ":" in written or any(name_key(name) in keys for name in entity.names)

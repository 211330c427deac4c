"""What the names in a watch mean: entities, chosen with the rest of the watch as context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from agents.match.corridor import distance_km
from agents.match.ground import is_point
from agents.match.phrase import fold
from agents.names.entity import Entity, Knowledge
from streams.records import Kind

_NARROWED = re.compile(r"(?s)(.+?)\s*,\s*([A-Z]{2})$")
_SAME_PLACE_KM = 5.0
"""Gazetteers hold some places twice; places that share a name and lie this near are one."""
_SAME_CITY_KM, _CITY = 40.0, 50_000
"""A town and the municipality around it, listed as two places with so many people each, are one as well."""
_RANK_KM = 2.0
"""What a step down in the gazetteer's own order of likelihood weighs against nearness to the other places of a road."""
_MAX_CANDIDATES = 30
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class NameProblem:
    """Something to tell the owner of a watch about a name in it."""

    watch: str
    position: int
    """Which watch, counted from 0."""
    path: Path
    """Where in the watch, such as ("any", 0, "route", 1)."""
    level: Literal["error", "note"]
    message: str
    """What, and what to do."""

    def __str__(self) -> str:
        return f"{self.watch}: {self.message}"


class NameMeansNothing(Exception):
    """A name that cannot be resolved; `step` leads on from the condition, the message says what to do."""

    def __init__(self, step: Path, message: str) -> None:
        super().__init__(message)
        self.step = step


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name was taken to mean; `note` is empty or tells what else it may mean and how to say so."""

    entity: Entity
    ids: tuple[str, ...]
    """The entity's id, then those of its doubles."""
    note: str = ""


class Resolver:
    """Resolves the names of watches; asks the knowledge once for each."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._found: dict[tuple[str, Kind], list[Entity]] = {}

    def _find(self, name: str, kind: Kind) -> list[Entity]:
        if (name, kind) not in self._found:
            exact = self.knowledge.entity(name) if ":" in name else None
            self._found[(name, kind)] = (
                [exact] if exact and exact.kind == kind else self.knowledge.find(name, kind)[:_MAX_CANDIDATES]
            )
        return self._found[(name, kind)]

    def _places(self, name: str, country: str | None) -> tuple[str, str | None, list[Entity]]:
        """The bare name, the country it is narrowed to, and the places it may mean, narrowed."""
        narrowed = _NARROWED.fullmatch(name)
        if narrowed and country is None:
            # before the whole: `Tripoli, LB` sounds like the Tripoli that is best known
            there = [place for place in self._find(narrowed[1], "place") if place.country == narrowed[2]]
            if there:
                return narrowed[1], narrowed[2], there
        found = self._find(name, "place")
        if not found and narrowed:
            name, country = narrowed[1], country or narrowed[2]
            found = self._find(name, "place")
        return name, country, [place for place in found if country is None or place.country == country]

    def candidates(self, written: str, kind: Kind, country: str | None = None) -> list[Entity]:
        """What a name may mean, best first: of places those with a position, each once."""
        if kind != "place":
            return self._find(written, kind)
        _, _, places = self._places(written, country)
        points = [place for place in places if is_point(place)] or places
        found: list[Entity] = []
        for place in points:
            if all(place.id not in doubles(one, points) for one in found):
                found.append(place)
        return found

    def town(self, written: str, country: str | None) -> Meaning:
        """The town that a name means. Raises NameMeansNothing."""
        name, country, places = self._places(written, country)
        if not places:
            raise NameMeansNothing(("town",), self._nothing(name, "place", country))
        if places[0].feature == "country" and not any(is_point(place) for place in places):
            code = places[0].country or "XX"
            raise NameMeansNothing(
                ("town",), f'"{name}" is a country: to watch it write  area: {{country: {code}}}  in place of  town'
            )
        best = next((place for place in places if is_point(place)), places[0])
        ids = doubles(best, places)
        others = [place for place in places if place.id not in ids and is_point(place)]
        return Meaning(best, ids, _note(name, best, others, exact=":" in written))

    def waypoints(self, names: Sequence[str]) -> list[Meaning]:
        """The places of a road: of what its names may mean, the set that lies nearest together.

        A shortest path through the candidates of each name in turn (Viterbi, IEEE Trans. Inf. Theory 13(2), 1967).
        Raises NameMeansNothing.
        """
        candidates: list[list[Entity]] = []
        bare: list[str] = []
        for index, written in enumerate(names):
            name, country, places = self._places(written, None)
            located = [place for place in places if place.lat is not None and place.lon is not None]
            located = [place for place in located if is_point(place)] or located
            if not located:
                raise NameMeansNothing(("route", index), self._nothing(name, "place", country))
            bare.append(name)
            candidates.append(located)
        chosen = _nearest_together(candidates)
        meanings: list[Meaning] = []
        for index, (name, best) in enumerate(zip(bare, chosen, strict=True)):
            ids = doubles(best, candidates[index])
            if any(set(ids) & set(meaning.ids) for meaning in meanings):
                raise NameMeansNothing(
                    ("route", index),
                    f'"{name}" means a place that this route already has ({describe(best)}): '
                    "leave it out, or write another",
                )
            others = [place for place in candidates[index] if place.id not in ids]
            # Its neighbours on the road already say which place is meant, unless another would do nearly as well.
            rivals = [place for place in others if _rivals(place, index, best, chosen)]
            meanings.append(Meaning(best, ids, _note(name, best, rivals, exact=":" in names[index])))
        return meanings

    def road(self, name: str) -> tuple[Entity, list[Meaning]]:
        """A known road by name, and its places. Raises NameMeansNothing."""
        found = self._find(name, "route")
        if not found:
            if self._find(name, "place"):
                raise NameMeansNothing(
                    ("route",),
                    f'"{name}" is a place, not a road: list two or more places in order, as in [{name}, ...]',
                )
            raise NameMeansNothing(("route",), self._nothing(name, "route", None))
        road = found[0]
        places = [self.knowledge.entity(one) for one in road.waypoints]
        located = [place for place in places if place and place.lat is not None and place.lon is not None]
        if len(located) < 2:
            raise NameMeansNothing(
                ("route",),
                f'the road "{name}" has no line in its pack: list its places in order, as in [Alep, Khanasser]',
            )
        return road, [Meaning(place, (place.id,)) for place in located]

    def actor(self, name: str) -> Meaning:
        """The actor that a name means. Raises NameMeansNothing."""
        found = self._find(name, "actor")
        if not found:
            raise NameMeansNothing(("actor",), self._nothing(name, "actor", None))
        note = ""
        if len(found) > 1 and fold(found[1].name) == fold(found[0].name):
            note = (
                f'"{name}" means several actors; took {found[0].name} ({found[0].id}). '
                f"For another write its id: {', '.join(other.id for other in found[1:4])}"
            )
        return Meaning(found[0], (found[0].id,), note)

    def _nothing(self, name: str, kind: Kind, country: str | None) -> str:
        word = {"place": "place", "actor": "actor", "route": "road"}[kind]
        if country is not None and (elsewhere := self._find(name, kind)):
            known = "; ".join(describe(place) for place in elsewhere[:3])
            return f'no place called "{name}" is known in {country}, only {known}: change the country or the name'
        nearest = self.knowledge.nearest_names(name, kind)
        where = f" in {country}" if country else ""
        if not nearest:
            return f'no {word} called "{name}" is known{where}: check the spelling, or describe it in a pack'
        names = " or ".join(f'"{one}"' for one in nearest)
        return f'no {word} called "{name}" is known{where}: did you mean {names}? If not, describe it in a pack'


def doubles(best: Entity, places: Sequence[Entity]) -> tuple[str, ...]:
    """The id of a place and of the others that are the same place again."""
    again = (
        place.id
        for place in places
        if place.id != best.id and is_point(place) == is_point(best) and _is_again(place, best)
    )
    return (best.id, *again)


def _is_again(place: Entity, best: Entity) -> bool:
    apart = _far(place, best)
    if apart <= _SAME_PLACE_KM:
        return True
    cities = min(place.population, best.population) >= _CITY and place.country == best.country
    return cities and apart <= _SAME_CITY_KM and fold(place.name) == fold(best.name)


def describe(place: Entity, people: str = "people") -> str:
    """A place in a few words: `Tripoli, LB (229,398 people)`; `people` is that word in the reader's language."""
    country = f", {place.country}" if place.country else ""
    people = f" ({place.population:,} {people})" if place.population else f" ({place.id})"
    return f"{place.name}{country}{people}"


def _note(name: str, best: Entity, others: Sequence[Entity], exact: bool) -> str:
    if not others or exact:
        return ""
    abroad = next((place for place in others if place.country and place.country != best.country), None)
    other = abroad or others[0]
    how = f"{name}, {other.country}" if abroad else other.id
    count = f"{len(others)} other place{'s' if len(others) > 1 else ''}"
    return f'"{name}" also means {count}; took {describe(best)}. For {describe(other)} write  {how}  instead'


def _far(one: Entity, other: Entity) -> float:
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return float("inf")
    return distance_km((one.lat, one.lon), (other.lat, other.lon))


def _nearest_together(candidates: Sequence[Sequence[Entity]]) -> list[Entity]:
    costs = [_RANK_KM * rank for rank in range(len(candidates[0]))]
    steps: list[list[int]] = []
    for before, here in pairwise(candidates):
        step: list[int] = []
        next_costs: list[float] = []
        for rank, place in enumerate(here):
            ways = [cost + _far(previous, place) for cost, previous in zip(costs, before, strict=True)]
            best = min(range(len(ways)), key=ways.__getitem__)
            step.append(best)
            next_costs.append(ways[best] + _RANK_KM * rank)
        steps.append(step)
        costs = next_costs
    position = min(range(len(costs)), key=costs.__getitem__)
    chosen = [candidates[-1][position]]
    for before, step in zip(reversed(candidates[:-1]), reversed(steps), strict=True):
        position = step[position]
        chosen.append(before[position])
    return chosen[::-1]


def _rivals(place: Entity, index: int, best: Entity, chosen: Sequence[Entity]) -> bool:
    """Whether another reading lengthens the road by less than half as much again, at that place."""
    neighbours = [chosen[near] for near in (index - 1, index + 1) if 0 <= near < len(chosen)]
    taken = sum(_far(best, neighbour) for neighbour in neighbours)
    return sum(_far(place, neighbour) for neighbour in neighbours) < 1.5 * taken

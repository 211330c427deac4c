"""A road as it is asked for: its places in order, and everything that lies on it.

When a road fires. (1) It is named: by a name of a known road; by a route mention written out with two of its places
next to each other, in either direction; or, where it was listed by its places, by the name of a known road that
shares a stretch with it: two places of both with no detour between them on this one. (2) Something is placed on it: a
mention of a place within the corridor. A city of 100,000 people or more at either end does not count, nor do its
quarters, camps and airport, since such a city is in the news for other reasons; of a road that is watched by one name
(`M5`) no such city counts, since nobody listed it. (3) Two of these cities stand in one sentence that speaks of a road,
a convoy or the like. A country, region, river, sea or desert is too wide to be placed on anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

from agents.match.corridor import Corridor, Degrees, distance_km
from agents.match.facts import Facts, Pair, mentions_of
from agents.match.placing import Proof, how_far, loose_within, placed_within
from agents.match.watch import ConditionKind
from agents.names.entity import Entity
from streams.records import Mention

BIG_CITY = 100_000
"""People; a city from here on does not fire a road by being named alone, see above."""
DETOUR = 1.2
"""The way between two places over those between them, in straight lines, is at most so many times the direct one."""


def stretches(points: Sequence[Degrees]) -> set[tuple[int, int]]:
    """Every two places of a road, by their positions, between which it makes no detour.

    A known road that runs from the one to the other is this road; where the road makes a detour between them it is
    another, as the motorway from Homs to Aleppo is not the desert road that also joins them.
    """
    legs = [distance_km(one, other) for one, other in pairwise(points)]
    found = {(at, at + 1) for at in range(len(legs))}
    for first, one in enumerate(points):
        way = legs[first] if first < len(legs) else 0.0
        for last in range(first + 2, len(points)):
            way += legs[last - 1]
            if way <= DETOUR * distance_km(one, points[last]):
                found.add((first, last))
    return found


def waypoint_order(doubles: Sequence[Sequence[str]]) -> dict[str, int]:
    """Which waypoint an id stands for."""
    return {one: position for position, ids in enumerate(doubles) for one in ids}


@dataclass(frozen=True, eq=False)
class Route:
    """A road: its places in order, each with its doubles, and everything that lies on it."""

    name: str
    ids: tuple[str, ...]
    """Ids of the roads it is known as."""
    waypoints: tuple[Entity, ...]
    doubles: tuple[tuple[str, ...], ...]
    """For each waypoint its id and those of its doubles in the gazetteer."""
    corridor: Corridor
    places: frozenset[str]
    """Everything on the corridor but the quiet cities."""
    quiet: frozenset[str]
    """Its big cities, and their parts, that do not fire it by being named alone."""
    kind: ConditionKind = "route"

    @cached_property
    def order(self) -> dict[str, int]:
        """Which waypoint an id stands for."""
        return waypoint_order(self.doubles)

    @cached_property
    def _stretches(self) -> set[tuple[int, int]]:
        return set() if self.ids else stretches(self.corridor.points)

    def holds(self, facts: Facts) -> bool:
        """Whether the road is named or something is placed on it."""
        named = facts.named
        return (
            not named.keys().isdisjoint(self.places)
            or any(one in named for one in self.ids)
            or any(self._joins(two, mention) for two, mentions in facts.roads.items() for mention in mentions)
            or self._two_cities(facts) is not None
            or bool(loose_within(self.corridor, facts))
        )

    def _joins(self, two: Pair, road: Mention) -> bool:
        """Whether a road that runs through two places, one after the other, is this one."""
        one, other = self.order.get(two[0]), self.order.get(two[1])
        if one is None or other is None or one == other:
            return False
        return road.entity is None or (min(one, other), max(one, other)) in self._stretches

    def shares_with(self, road: Mention) -> bool:
        """Whether some stretch of a road that is named, whichever the text means, is one of this road."""
        return any(self._joins(two, road) for two in combinations(road.waypoints, 2))

    def _two_cities(self, facts: Facts) -> tuple[Mention, Mention] | None:
        for one, other in combinations(sorted(self.quiet & self.order.keys()), 2):
            if self.order[one] != self.order[other] and (found := facts.same_road_sentence(one, other)):
                return found
        return None

    def proof(self, facts: Facts) -> Proof:
        """Why it holds, the road's own name before what lies on it."""
        roads = mentions_of(facts, self.ids)
        joined = [
            (two, mention) for two, mentions in facts.roads.items() for mention in mentions if self._joins(two, mention)
        ]
        cities = self._two_cities(facts)
        placed = placed_within(facts, self.places, self.corridor)
        evidence = [facts.evidence(mention, f"names the road {self.name}") for mention in roads]
        for two, mention in sorted(joined, key=lambda found: (found[1].field == "text", found[1].start)):
            evidence.append(facts.evidence(mention, f"names the road by {self._names(two)}"))
        evidence += [
            facts.evidence(mention, "one of two cities on the road in one sentence") for mention in cities or ()
        ]
        evidence += [facts.evidence(mention, self._where(mention)) for mention in placed]
        return Proof(self._reason(facts, roads, [two for two, _ in joined], cities, placed), tuple(evidence))

    def _reason(
        self,
        facts: Facts,
        roads: list[Mention],
        joined: list[Pair],
        cities: tuple[Mention, Mention] | None,
        placed: list[Mention],
    ) -> str:
        if roads:
            return f"The road {self.name} is named"
        if joined:
            return f"The road {self.name} is named by {self._names(joined[0])}"
        own = {mention.entity: mention for mention in placed if mention.entity in self.order}
        for one, other in combinations([entity for entity in own if entity], 2):
            if self.order[one] != self.order[other] and facts.same_sentence(one, other):
                return f"{self._names((one, other))} on the road {self.name} are named in one sentence"
        if cities and not own:
            names = self._names((cities[0].entity or "", cities[1].entity or ""))
            return f"{names} on the road {self.name} are named in one sentence about a road"
        first_placed = next(iter(own.values()), None) or placed[0]
        return f"{first_placed.name} {self._where(first_placed)}"

    def _names(self, ids: Pair) -> str:
        positions = sorted({self.order[one] for one in ids})
        return " and ".join(self.waypoints[position].name for position in positions)

    def _where(self, mention: Mention) -> str:
        if mention.entity in self.order:
            return f"lies on the road {self.name}"
        return f"lies {how_far(mention, self.corridor)} from the road {self.name}"

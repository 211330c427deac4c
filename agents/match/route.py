"""A road as it is asked for: its places in order, and everything that lies on it.

When a road fires. (1) It is named: by a name of a known road, or by a route mention in which two of its places stand
next to each other, in either direction. (2) Something is placed on it: a mention of a place within the corridor. A
city of 100,000 people or more at either end does not count, nor do its quarters, camps and airport, since such a city
is in the news for other reasons; of a road that is watched by one name (`M5`) no such city counts, since nobody listed
it. (3) Two of these cities stand in one sentence that speaks of a road, a convoy or the like. A country, region,
river, sea or desert is too wide to be placed on anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from agents.match.corridor import Box, Corridor
from agents.match.facts import Facts, Pair, mentions_of, pair
from agents.match.placing import Proof, how_far, loose_within, placed_within
from agents.match.watch import ConditionKind
from agents.names.entity import Entity
from streams.records import Mention

BIG_CITY = 100_000
"""People; a city from here on does not fire a road by being named alone, see above."""


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
        return {one: position for position, ids in enumerate(self.doubles) for one in ids}

    def pairs(self) -> Iterable[Pair]:
        """Every two of its places, one of which pairs names it."""
        for one, other in combinations(self.order, 2):
            if self.order[one] != self.order[other]:
                yield pair(one, other)

    def triggers(self) -> Iterable[str]:
        """Entities one of which must be named, unless it is named by a pair or something unknown was placed on it."""
        return self.places.union(self.ids)

    def boxes(self) -> tuple[Box, ...]:
        """Where something unknown would have to be placed."""
        return self.corridor.boxes

    def holds(self, facts: Facts) -> bool:
        """Whether the road is named or something is placed on it."""
        named = facts.named
        return (
            not named.keys().isdisjoint(self.places)
            or any(one in named for one in self.ids)
            or any(self._joins(two) for two in facts.roads)
            or self._two_cities(facts) is not None
            or bool(loose_within(self.corridor, facts))
        )

    def _joins(self, two: Pair) -> bool:
        one, other = self.order.get(two[0]), self.order.get(two[1])
        return one is not None and other is not None and one != other

    def _two_cities(self, facts: Facts) -> tuple[Mention, Mention] | None:
        for one, other in combinations(sorted(self.quiet & self.order.keys()), 2):
            if self.order[one] != self.order[other] and (found := facts.same_road_sentence(one, other)):
                return found
        return None

    def proof(self, facts: Facts) -> Proof:
        """Why it holds, the road's own name before what lies on it."""
        roads = mentions_of(facts, self.ids)
        joined = [(two, mention) for two, mentions in facts.roads.items() if self._joins(two) for mention in mentions]
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

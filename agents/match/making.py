"""From what a condition was resolved to, and its trace, to the condition that can hold and prove itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.keys import EntityKeys
from agents.match.phrase import fold
from agents.match.resolved import ResolvedCondition
from agents.match.route import Route
from agents.match.traces import area_shape, corridor_of
from agents.names.entity import Entity


class Maker:
    """Makes conditions; entities come from `entity`, numbers from `keys`."""

    def __init__(self, entity: Callable[[str], Entity | None], keys: EntityKeys) -> None:
        self._entity = entity
        self._keys = keys

    def make(
        self, condition: ResolvedCondition, triggers: Iterable[int], quiet: Iterable[int], phrase: int
    ) -> CompiledCondition:
        """The condition; `triggers` and `quiet` are those of its trace, `phrase` is the number of its words.

        Raises PlaceForgotten where a route or a circle has lost its ground.
        """
        match condition.kind:
            case "town":
                place = self._known(condition.ids[0][0], "place")
                if condition.km is None:
                    return Town(place, condition.ids[0])
                return Town(place, condition.ids[0], self._ids(triggers), corridor_of(condition, self._entity))
            case "route":
                return self._route(condition, triggers, quiet)
            case "actor":
                return Actor(self._known(condition.ids[0][0], "actor"), condition.ids[0])
            case "area":
                return self._area(condition, triggers)
            case "phrase":
                return Phrase(condition.words, fold(condition.words), phrase)

    def _route(self, condition: ResolvedCondition, triggers: Iterable[int], quiet: Iterable[int]) -> Route:
        waypoints = tuple(self._known(ids[0], "place") for ids in condition.ids)
        roads = (condition.road,) if condition.road else ()
        name = self._known(condition.road, "route").name if condition.road else ""
        return Route(
            name or " - ".join(waypoint.name for waypoint in waypoints),
            roads,
            waypoints,
            condition.ids,
            corridor_of(condition, self._entity),
            self._ids(triggers).difference(roads),
            self._ids(quiet),
        )

    def _area(self, condition: ResolvedCondition, triggers: Iterable[int]) -> Inside:
        area = json.loads(condition.area)
        if "country" in area:
            country = self._entity(f"country:{area['country']}")
            return Inside(country.name if country else area["country"], country=area["country"])
        name = "the box {:g}, {:g}, {:g}, {:g}".format(*area["bbox"]) if "bbox" in area else "the polygon"
        return Inside(name, shape=area_shape(area), places=self._ids(triggers))

    def _ids(self, keys: Iterable[int]) -> frozenset[str]:
        return frozenset(self._keys.entity(key) for key in keys)

    def _known(self, entity: str, kind: str) -> Entity:
        # A watch on a name that has left the packs does not fire any more; it can still be explained.
        return self._entity(entity) or Entity(entity, "actor" if kind == "actor" else "place", entity)

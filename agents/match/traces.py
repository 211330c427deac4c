"""What in an article makes a condition hold, as numbers: entities, pairs of places, a country, a phrase, boxes.

Whether a condition holds follows from these alone, but for what only raw coordinates can tell. Corridors and areas are
compiled here to the places on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from agents.match.area import bbox_shape, parse_polygon
from agents.match.corridor import Box, Corridor, distance_km
from agents.match.ground import Ground, Places, Spot, shape_boxes
from agents.match.keys import EntityKeys, pair_key
from agents.match.phrase import fold
from agents.match.resolved import ResolvedCondition
from agents.match.route import BIG_CITY, road_pairs
from agents.names.entity import Entity
from streams.frozen import soon_made

_BESIDE_KM = 10.0
_COMMON_COUNTRY = 1000.0


@soon_made
@dataclass(frozen=True, slots=True)
class Trace:
    """What makes a condition hold. Numbers of entities are those of `EntityKeys`."""

    triggers: Sequence[int] = ()
    """Entities one of which is enough."""
    quiet: Sequence[int] = ()
    """Big cities of a road, and their parts, that are not."""
    pairs: Sequence[int] = ()
    """Two places that name a road, see `pair_key`."""
    country: str = ""
    phrase: str = ""
    """Folded."""
    boxes: Sequence[Box] = ()
    """Where something unknown would have to be placed."""
    common: float = 1.0
    """A rough measure of how many articles it holds in; only the order matters."""


class PlaceForgotten(Exception):
    """A place that a watch was resolved to is no longer known, or no longer has coordinates; its id."""


class Tracer:
    """Traces conditions, many at once where there are many."""

    def __init__(self, entity: Callable[[str], Entity | None], ground: Ground, keys: EntityKeys) -> None:
        self._entity = entity
        self._ground = ground
        self._keys = keys

    def trace(self, conditions: Sequence[ResolvedCondition]) -> list[Trace | PlaceForgotten]:
        """The traces of conditions, in their order; an error in place of one that has lost its ground."""
        traces: list[Trace | PlaceForgotten] = [Trace()] * len(conditions)
        waiting: list[tuple[int, list[list[int]], list[Spot]]] = []
        for number, condition in enumerate(conditions):
            try:
                if condition.km is None:
                    traces[number] = self._plain(condition)
                else:
                    keys = [[self._keys.key(one) for one in ids] for ids in condition.ids]
                    spots = [self._spot(ids[0], one[0]) for ids, one in zip(condition.ids, keys, strict=True)]
                    waiting.append((number, keys, spots))
            except PlaceForgotten as error:
                traces[number] = error
        corridors = [
            Corridor(tuple([(spot.latitude, spot.longitude) for spot in spots]), conditions[number].km or 0.0)
            for number, _, spots in waiting
        ]
        found = self._ground.on_corridors(corridors)
        for (number, keys, spots), (places, boxes) in zip(waiting, found, strict=True):
            condition = conditions[number]
            if condition.kind == "town":
                traces[number] = _town_circle(keys[0], spots[0], places, boxes)
            else:
                traces[number] = self._route(condition, keys, spots, places, boxes)
        return traces

    def _plain(self, condition: ResolvedCondition) -> Trace:
        match condition.kind:
            case "phrase":
                folded = fold(condition.words)
                return Trace(phrase=folded, common=2 if " " in folded else 10)
            case "area":
                return self._area(condition)
            case "actor":
                return Trace([self._keys.key(one) for one in condition.ids[0]], common=5)
        keys = [self._keys.key(one) for one in condition.ids[0]]
        return Trace(keys, common=1 + self._people(condition.ids[0][0], keys[0]) / 100_000)

    def _area(self, condition: ResolvedCondition) -> Trace:
        area = json.loads(condition.area)
        if "country" in area:
            return Trace(country=area["country"], common=_COMMON_COUNTRY)
        shape = area_shape(area)
        places = self._ground.inside(shape)
        return Trace(places.keys.tolist(), boxes=shape_boxes(shape), common=1 + len(places) / 10)

    def _route(
        self,
        condition: ResolvedCondition,
        doubles: list[list[int]],
        spots: list[Spot],
        places: Places,
        boxes: Sequence[Box],
    ) -> Trace:
        asked = range(len(spots)) if condition.road else (0, len(spots) - 1)
        quiet = {one for at in asked if spots[at].people >= BIG_CITY for one in doubles[at]}
        if condition.road:
            quiet.update(places.keys[places.people >= BIG_CITY].tolist())
        quiet.update(self._parts_of(quiet, places))
        triggers = dict.fromkeys([one for keys in doubles for one in keys] + places.keys.tolist())
        for one in quiet:
            triggers.pop(one, None)
        common = 3 + len(triggers) / 10
        if condition.road:
            triggers[self._keys.key(condition.road)] = None
        points = [(spot.latitude, spot.longitude) for spot in spots]
        named = road_pairs(doubles, points, quiet, listed=not condition.road)
        pairs = [pair_key(how, one, other) for how, one, other in named]
        return Trace(list(triggers), sorted(quiet), pairs, boxes=boxes, common=common)

    def _parts_of(self, cities: set[int], places: Places) -> list[int]:
        """Those of the places that are quarters, camps and the like of one of the cities."""
        if not cities or not places.part.any():
            return []
        centres = [
            (city.lat, city.lon)
            for one in cities
            if (city := self._entity(self._keys.entity(one))) and city.lat is not None and city.lon is not None
        ]
        return [
            int(places.keys[row])
            for row in np.flatnonzero(places.part)
            if any(
                distance_km(centre, (float(places.latitudes[row]), float(places.longitudes[row]))) <= _BESIDE_KM
                for centre in centres
            )
        ]

    def _people(self, entity: str, key: int) -> int:
        spot = self._ground.spot(key)
        if spot is not None:
            return spot.people
        known = self._entity(entity)
        return known.population if known else 0

    def _spot(self, place: str, key: int) -> Spot:
        spot = self._ground.spot(key)
        return spot if spot is not None else Spot(*point_of(place, self._entity), self._people(place, key))


def _town_circle(own: list[int], spot: Spot, places: Places, boxes: Sequence[Box]) -> Trace:
    triggers = dict.fromkeys([*own, *places.keys.tolist()])
    return Trace(list(triggers), boxes=boxes, common=1 + spot.people / 100_000 + len(places) / 10)


def corridor_of(condition: ResolvedCondition, entity: Callable[[str], Entity | None]) -> Corridor:
    """The line of a route or the circle of a town. Raises PlaceForgotten."""
    assert condition.km is not None
    return Corridor(tuple(point_of(ids[0], entity) for ids in condition.ids), condition.km)


def point_of(place: str, entity: Callable[[str], Entity | None]) -> tuple[float, float]:
    """Latitude and longitude of a place. Raises PlaceForgotten."""
    known = entity(place)
    if known is None or known.lat is None or known.lon is None:
        raise PlaceForgotten(place)
    return known.lat, known.lon


def area_shape(area: dict[str, Any]) -> BaseGeometry:
    """The shape of a box or a polygon in (longitude, latitude)."""
    return bbox_shape(tuple(area["bbox"])) if "bbox" in area else parse_polygon(area["polygon"])

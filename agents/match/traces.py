"""What in an article makes a condition hold, as numbers: entities, pairs of places, a country, a phrase, boxes.

Whether a condition holds follows from these alone, but for what only raw coordinates can tell. Corridors and areas are
compiled here to the places on them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from shapely.geometry.base import BaseGeometry

from agents.match.area import bbox_shape, parse_polygon
from agents.match.corridor import Box, Corridor
from agents.match.ground import Ground, shape_boxes
from agents.match.keys import EntityKeys, code_key
from agents.match.line_traces import LineTraces, Waypoints, trace_lines
from agents.match.phrase import fold
from agents.match.resolved import ResolvedCondition
from agents.match.rows import Array, Rows, dense
from agents.names.entity import Entity

_COMMON_COUNTRY = 1000.0


class Trace(NamedTuple):
    """What makes one condition hold. Numbers of entities are those of `EntityKeys`."""

    triggers: list[int]
    quiet: list[int]
    pairs: list[int]
    boxes: list[Box]
    country: int
    phrase: str
    common: float


@dataclass(frozen=True, slots=True)
class Traces:
    """What makes each of several conditions hold, a row for each; nothing does for one that is `forgotten`."""

    triggers: Rows
    """Entities one of which is enough."""
    quiet: Rows
    """Big cities of a road, and their parts, that are not."""
    pairs: Rows
    """Two places that name a road, see `pair_key`."""
    boxes: Rows
    """Where something unknown would have to be placed: south, west, north, east; then those of the next box."""
    country: list[int]
    """See `code_key`; 0 for none."""
    phrase: list[str]
    """Folded."""
    common: Array
    """A rough measure of how many articles each holds in; only the order matters."""
    forgotten: dict[int, str]
    """The place that a condition was resolved to and that is no longer known, or no longer has coordinates."""

    def __len__(self) -> int:
        return len(self.country)

    def __getitem__(self, number: int) -> Trace:
        edges = self.boxes.row(number)
        boxes = [(edges[at], edges[at + 1], edges[at + 2], edges[at + 3]) for at in range(0, len(edges), 4)]
        triggers, quiet, pairs = self.triggers.row(number), self.quiet.row(number), self.pairs.row(number)
        common = float(self.common[number])
        return Trace(triggers, quiet, pairs, boxes, self.country[number], self.phrase[number], common)


class PlaceForgotten(Exception):
    """A place that a watch was resolved to is no longer known, or no longer has coordinates; its id."""


class Tracer:
    """Traces conditions, many at once where there are many."""

    def __init__(self, entity: Callable[[str], Entity | None], ground: Ground, keys: EntityKeys) -> None:
        self._entity = entity
        self._ground = ground
        self._keys = keys

    def trace(self, conditions: Sequence[ResolvedCondition]) -> Traces:
        """The traces of conditions, in their order."""
        plain = _Plain(len(conditions))
        lines: list[int] = []
        towns: list[int] = []
        for number, condition in enumerate(conditions):
            match condition.kind:
                case "phrase":
                    plain.phrase[number] = fold(condition.words)
                    plain.common[number] = 2 if " " in plain.phrase[number] else 10
                case "area":
                    self._area(number, condition, plain)
                case "actor":
                    plain.trigger(number, [self._keys.key(one) for one in condition.ids[0]], 5)
                case "town" if condition.km is None:
                    towns.append(number)
                case _:
                    lines.append(number)
        self._towns(towns, conditions, plain)
        forgotten: dict[int, str] = {}
        traced = self._lines(lines, conditions, forgotten)
        plain.common[traced.numbers] = traced.common
        owners, triggers = traced.triggers
        return Traces(
            dense(
                np.concatenate((np.array(plain.owners, dtype=np.int64), owners)),
                np.concatenate((np.array(plain.triggers, dtype=np.int32), triggers)),
                len(conditions),
            ),
            dense(*traced.quiet, len(conditions)),
            dense(*traced.pairs, len(conditions)),
            dense(
                np.concatenate((np.array(plain.box_owners, dtype=np.int64), traced.boxes[0])),
                np.concatenate((np.array(plain.edges, dtype=float), traced.boxes[1])),
                len(conditions),
            ),
            plain.country,
            plain.phrase,
            plain.common,
            forgotten,
        )

    def _towns(self, towns: Sequence[int], conditions: Sequence[ResolvedCondition], plain: _Plain) -> None:
        keys = [[self._keys.key(one) for one in conditions[number].ids[0]] for number in towns]
        spots, known = self._ground.spots([one[0] for one in keys])
        for number, own, people, is_spot in zip(towns, keys, spots.people.tolist(), known.tolist(), strict=True):
            if not is_spot:
                place = self._entity(conditions[number].ids[0][0])
                people = place.population if place else 0  # noqa: PLW2901
            plain.trigger(number, own, 1 + people / 100_000)

    def _area(self, number: int, condition: ResolvedCondition, plain: _Plain) -> None:
        area = json.loads(condition.area)
        if "country" in area:
            plain.country[number] = code_key(area["country"])
            plain.common[number] = _COMMON_COUNTRY
            return
        shape = area_shape(area)
        places = self._ground.inside(shape)
        plain.trigger(number, places.keys.tolist(), 1 + len(places) / 10)
        edges = [degree for box in shape_boxes(shape) for degree in box]
        plain.edges += edges
        plain.box_owners += [number] * len(edges)

    def _lines(
        self, lines: Sequence[int], conditions: Sequence[ResolvedCondition], forgotten: dict[int, str]
    ) -> LineTraces:
        """The traces of roads and circles; those that have lost their ground are `forgotten`."""
        asked = [conditions[number] for number in lines]
        doubles = [ids for condition in asked for ids in condition.ids]
        keys = np.array([self._keys.key(one) for ids in doubles for one in ids], dtype=np.int64)
        counts = np.array([len(ids) for ids in doubles], dtype=np.int64)
        owners = np.repeat(np.array(lines, dtype=np.int64), [len(condition.ids) for condition in asked])
        spots, known = self._ground.spots(keys[np.cumsum(counts) - counts])
        for at in np.flatnonzero(~known).tolist():
            place = doubles[at][0]
            try:
                spots.latitudes[at], spots.longitudes[at] = point_of(place, self._entity)
            except PlaceForgotten:
                forgotten.setdefault(int(owners[at]), place)
            spot = self._entity(place)
            spots.people[at] = spot.population if spot else 0
        if not forgotten.keys().isdisjoint(lines):
            return self._lines([number for number in lines if number not in forgotten], conditions, forgotten)
        roads = [self._keys.key(condition.road) if condition.road else -1 for condition in asked]
        return trace_lines(
            np.array(lines, dtype=np.int64),
            np.array([condition.km for condition in asked], dtype=float),
            np.array([condition.kind == "route" for condition in asked], dtype=bool),
            np.array(roads, dtype=np.int64),
            Waypoints(owners, counts, keys, spots),
            self._ground,
        )


class _Plain:
    """Traces of conditions that are no line, while they are made."""

    def __init__(self, size: int) -> None:
        self.owners: list[int] = []
        self.triggers: list[int] = []
        self.box_owners: list[int] = []
        self.edges: list[float] = []
        self.country = [0] * size
        self.phrase = [""] * size
        self.common = np.ones(size)

    def trigger(self, number: int, keys: list[int], common: float) -> None:
        self.owners += [number] * len(keys)
        self.triggers += keys
        self.common[number] = common


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

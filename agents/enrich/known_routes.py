"""Roads that packs and watches know: by the places along them, and what those say of names with several senses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from agents.names.entity import Entity
from agents.names.scan import Found, Meanings

_MOST_READINGS = 64
"""Ways to read the names of one chain that are tried: a bound on time."""


class KnownRoutes:
    """Pack roads by their waypoints in either direction: from end to end, a part of two neighbours or more, or the two
    that one of their names joins (the `Aleppo-Damascus highway` is the same road in every language).
    """

    def __init__(self, routes: Iterable[Entity], scan: Callable[[str], Iterable[Found]]) -> None:
        """`scan` finds the names in a text."""
        self._named: dict[tuple[str, ...], Entity] = {}
        self._ends: dict[tuple[str, str], list[tuple[tuple[str, ...], Entity]]] = {}
        self._parts: dict[tuple[str, ...], Entity] = {}
        self._passed: set[str] = set()
        for route in sorted(routes, key=lambda road: len(road.waypoints)):
            self._passed.update(route.waypoints)
            for ids in _joined_by_name(route, scan):
                self._named.setdefault(ids, route)
            for ids in (route.waypoints, tuple(reversed(route.waypoints))):
                self._ends.setdefault((ids[0], ids[-1]), []).append((ids, route))
                for first in range(len(ids) - 1):
                    for last in range(first + 2, len(ids) + 1):
                        self._parts.setdefault(ids[first:last], route)

    def of(self, waypoints: tuple[str, ...]) -> Entity | None:
        """The road between the first and the last that passes the others, else the one called so, else the one they
        neighbour on, or None.
        """
        for ids, route in self._ends.get((waypoints[0], waypoints[-1]), ()):
            along = iter(ids)
            if all(waypoint in along for waypoint in waypoints):
                return route
        return self._named.get(waypoints) or self._parts.get(waypoints)

    def reading(self, names: Sequence[Meanings]) -> tuple[str, ...]:
        """The ids of the only places of these names, in order, that a known road passes; empty where not just one."""
        senses = [[m.entity.id for m in name if m.entity.id in self._passed] for name in names]
        if not 0 < math.prod(map(len, senses)) <= _MOST_READINGS:
            return ()
        told = {ids for ids in product(*senses) if self.of(ids) is not None}
        return told.pop() if len(told) == 1 else ()


def _joined_by_name(route: Entity, scan: Callable[[str], Iterable[Found]]) -> Iterator[tuple[str, ...]]:
    """The two places, both ways round, that each of a road's names joins by a hyphen."""
    for name in route.names:
        if name.count("-") != 1 or not name.isascii():
            continue
        inside = sorted((found.start, meaning.entity.id) for found in scan(name) for meaning in found.meanings)
        places = tuple(dict.fromkeys(one for _, one in inside if one in route.waypoints))
        if len(places) == 2:
            yield places
            yield places[::-1]


def road_of(name: Found, along: Iterable[str] = ()) -> Entity:
    """The road that a known name means; of several, the one with most of some places on it."""
    places = set(along)
    roads = [meaning.entity for meaning in name.meanings if meaning.entity.kind == "route"]
    return max(roads, key=lambda road: len(places.intersection(road.waypoints)))


def on_road(name: Found, inside: Sequence[Meanings]) -> list[Meanings]:
    """What each place's name inside a known road's name means: places on that road, where it may mean one."""
    road = road_of(name, {meaning.entity.id for meanings in inside for meaning in meanings})
    return [tuple(m for m in meanings if m.entity.id in road.waypoints) or meanings for meanings in inside]

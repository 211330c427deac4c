"""The known places in squares of a degree, for finding those on a corridor or in an area when a watch is made."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from agents.match.corridor import Box, Corridor
from agents.names.entity import Entity, Knowledge

WIDE_FEATURES = frozenset(
    {"continent", "country", "region", "county", "area", "border"}
    | {"sea", "ocean", "strait", "river", "canal", "desert"}
)
"""Features too wide for their one point on the map to say that something happened there."""
CITY_PARTS = frozenset({"quarter", "camp", "airport", "port", "prison"})
"""Features that belong to the big city they lie in or beside."""
_BESIDE_KM = 10.0


@dataclass(frozen=True, slots=True)
class _Square:
    ids: tuple[str, ...]
    latitudes: npt.NDArray[np.float64]
    longitudes: npt.NDArray[np.float64]


class Ground:
    """Finds places by where they lie; reads each square of the gazetteer once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._squares: dict[tuple[int, int], _Square] = {}

    def on_corridor(self, corridor: Corridor) -> frozenset[str]:
        """Ids of the places within a corridor."""
        squares = list(self._squares_of(corridor.boxes))
        if not squares:
            return frozenset()
        latitudes = np.concatenate([square.latitudes for square in squares])
        longitudes = np.concatenate([square.longitudes for square in squares])
        near = corridor.distances_km(latitudes, longitudes) <= corridor.width_km
        ids = [one for square in squares for one in square.ids]
        return frozenset(ids[index] for index in np.flatnonzero(near))

    def inside(self, area: BaseGeometry) -> frozenset[str]:
        """Ids of the places inside a shape in (longitude, latitude), its edge included."""
        found: list[str] = []
        shapely.prepare(area)
        for square in self._squares_of(shape_boxes(area)):
            within = shapely.intersects_xy(area, square.longitudes, square.latitudes)
            found.extend(square.ids[index] for index in np.flatnonzero(within))
        return frozenset(found)

    def big_cities(self, places: Collection[str], people: int) -> frozenset[str]:
        """Those of the places with at least so many people."""
        big = ((one, self._knowledge.entity(one)) for one in places)
        return frozenset(one for one, place in big if place is not None and place.population >= people)

    def parts_of(self, cities: Collection[str], places: Collection[str]) -> frozenset[str]:
        """Those of the places that are parts of one of the cities."""
        if not cities:
            return frozenset()
        centres = [city for one in cities if (city := self._knowledge.entity(one)) is not None]
        around = [
            Corridor(((city.lat, city.lon),), _BESIDE_KM)
            for city in centres
            if city.lat is not None and city.lon is not None
        ]
        parts = [place for one in places if (place := self._knowledge.entity(one)) and place.feature in CITY_PARTS]
        return frozenset(
            part.id
            for part in parts
            if part.lat is not None
            and part.lon is not None
            and any(circle.contains((part.lat, part.lon)) for circle in around)
        )

    def _squares_of(self, boxes: Iterable[Box]) -> Iterator[_Square]:
        wanted: dict[tuple[int, int], None] = {}
        for south, west, north, east in boxes:
            for row in range(math.floor(south), min(math.floor(north), 89) + 1):
                for column in range(math.floor(west), min(math.floor(east), 179) + 1):
                    wanted[(row, column)] = None
        for corner in wanted:
            square = self._squares.get(corner)
            if square is None:
                square = self._squares[corner] = self._read(*corner)
            if square.ids:
                yield square

    def _read(self, row: int, column: int) -> _Square:
        places = [
            place
            for place in self._knowledge.places_in_box(row, column, row + 1, column + 1)
            if place.lat is not None and place.lon is not None and is_point(place)
        ]
        return _Square(
            tuple(place.id for place in places),
            np.array([place.lat for place in places], dtype=float),
            np.array([place.lon for place in places], dtype=float),
        )


def is_point(place: Entity) -> bool:
    """Whether a place is small enough for its coordinates to stand for it."""
    return place.feature not in WIDE_FEATURES


def shape_boxes(area: BaseGeometry) -> tuple[Box, ...]:
    """The boxes of a shape's parts, in (south, west, north, east)."""
    bounds = [part.bounds for part in shapely.get_parts(area)]
    return tuple((south, west, north, east) for west, south, east, north in bounds)

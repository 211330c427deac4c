"""The known places in squares of a quarter degree, for finding those on a corridor or in an area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from agents.match.corridor import Box
from agents.match.keys import EntityKeys
from agents.match.lines import Boxes, Lines
from agents.match.rows import expanded, sorted_set
from agents.names.entity import Entity, Knowledge

if TYPE_CHECKING:
    from agents.names.gazetteer import Gazetteer

WIDE_FEATURES = frozenset(
    {"continent", "country", "region", "county", "district", "area", "border"}
    | {"sea", "ocean", "strait", "river", "canal", "desert", "road"}
)
"""Features too wide for their one point on the map to say that something happened there."""
CITY_PARTS = frozenset({"quarter", "camp", "airport", "port", "prison"})
"""Features that belong to the big city they lie in or beside."""

Numbers = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int32]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Places:
    """Known places, one row each; `part` marks those that belong to the city beside them."""

    keys: Keys
    latitudes: Numbers
    longitudes: Numbers
    people: npt.NDArray[np.int64]
    part: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, rows: npt.NDArray[np.intp]) -> Places:
        """Some of them."""
        return Places(self.keys[rows], self.latitudes[rows], self.longitudes[rows], self.people[rows], self.part[rows])


_NOWHERE = Places(
    np.zeros(1, dtype=np.int32), np.zeros(1), np.zeros(1), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
)
_A_DEGREE = 4
_ROWS, _COLUMNS = 180 * _A_DEGREE, 360 * _A_DEGREE


class Ground:
    """Finds places by where they lie; reads them all when first asked."""

    def __init__(self, knowledge: Knowledge, keys: EntityKeys) -> None:
        self._knowledge = knowledge
        self._keys = keys

    @cached_property
    def _places_in_order(self) -> tuple[Places, Index]:
        """All places, square by square from the south west; and where each square begins."""
        places = self._read()
        square = _square(_floor(places.latitudes, _ROWS), _floor(places.longitudes, _COLUMNS))
        order = np.argsort(square, kind="stable")
        starts = np.searchsorted(square[order], np.arange(_ROWS * _COLUMNS + 1))
        return places.take(order), starts

    @cached_property
    def _by_key(self) -> tuple[Index, Keys]:
        """The rows of the places by their keys, and the keys."""
        keys = self._places_in_order[0].keys
        order = np.argsort(keys, kind="stable")
        return order, keys[order]

    def spots(self, keys: npt.ArrayLike) -> tuple[Places, npt.NDArray[np.bool_]]:
        """The places of these keys, and whether each is a point; where it is none, its place is any."""
        order, ordered = self._by_key
        asked = np.asarray(keys, dtype=np.int64)
        if not len(ordered):
            return _NOWHERE.take(np.zeros(len(asked), dtype=np.intp)), np.zeros(len(asked), dtype=bool)
        at = np.minimum(np.searchsorted(ordered, asked), len(ordered) - 1)
        return self._places_in_order[0].take(order[at]), ordered[at] == asked

    def _read(self) -> Places:
        """Every place that is a point: those of the gazetteer as columns, since an object for each takes seconds."""
        listed = getattr(self._knowledge, "listed", None)
        if listed is None:
            return self._places(self._knowledge.places_in_box(-90, -180, 90, 180))
        described = {entity.id: entity for entity in listed() if entity.kind == "place"}
        gazetteer: Gazetteer = self._knowledge.gazetteer  # type: ignore[attr-defined]
        ids = np.asarray(gazetteer.ids)
        wanted = ~np.isin(ids, [key for one in described if (key := self._keys.find(one)) is not None])
        for feature in WIDE_FEATURES:
            wanted[gazetteer.rows_of(feature)] = False
        part = np.zeros(len(ids), dtype=bool)
        for feature in CITY_PARTS:
            part[gazetteer.rows_of(feature)] = True
        rows = np.flatnonzero(wanted)
        found = Places(
            ids[rows].astype(np.int32),
            np.round(np.asarray(gazetteer.lat)[rows].astype(float), 5),
            np.round(np.asarray(gazetteer.lon)[rows].astype(float), 5),
            np.asarray(gazetteer.population)[rows].astype(np.int64),
            part[rows],
        )
        return _joined([found, self._places(described.values())])

    def _places(self, entities: Iterable[Entity]) -> Places:
        places = [place for place in entities if place.lat is not None and place.lon is not None and is_point(place)]
        return Places(
            np.array([self._keys.key(place.id) for place in places], dtype=np.int32),
            np.array([place.lat for place in places], dtype=float),
            np.array([place.lon for place in places], dtype=float),
            np.array([place.population for place in places], dtype=np.int64),
            np.array([place.feature in CITY_PARTS for place in places], dtype=bool),
        )

    def on(self, lines: Lines) -> tuple[Index, Places]:
        """The places on each of some lines: which line, from 0 and in order, and the place."""
        owners, parts, boxes = lines.pieces()
        piece, rows = self._in_boxes(boxes)
        places = self._places_in_order[0]
        near = lines.near(parts[piece], places.latitudes[rows], places.longitudes[rows])
        # a place may lie near two pieces
        found = sorted_set(owners[piece[near]] * len(places) + rows[near])
        return found // len(places), places.take(found % len(places))

    def inside(self, area: BaseGeometry) -> Places:
        """The places inside a shape in (longitude, latitude), its edge included."""
        shapely.prepare(area)
        _, rows = self._in_boxes(np.array(shape_boxes(area)))
        around = self._places_in_order[0].take(sorted_set(rows))
        return around.take(np.flatnonzero(shapely.intersects_xy(area, around.longitudes, around.latitudes)))

    def _in_boxes(self, boxes: Boxes) -> tuple[Index, Index]:
        """The places in boxes, as (which box, row); a box may reach past 180 degrees."""
        places, starts = self._places_in_order
        number, row = expanded(_floor(boxes[:, 0], _ROWS), _floor(boxes[:, 2], _ROWS) + 1)
        edges = np.floor(boxes[:, [1, 3]] * _A_DEGREE).astype(np.int64)
        width = np.minimum(edges[:, 1] - edges[:, 0], _COLUMNS - 1)
        west = np.mod(edges[:, 0] + _COLUMNS // 2, _COLUMNS)[number] - _COLUMNS // 2
        east = west + width[number]
        # in a row of squares the places between two columns are one run, or two where it goes round the world
        over = np.flatnonzero(east >= _COLUMNS // 2)
        begins = np.concatenate((_square(row, west), _square(row[over], np.full(len(over), -_COLUMNS // 2))))
        ends = np.concatenate(
            (_square(row, np.minimum(east, _COLUMNS // 2 - 1)), _square(row[over], east[over] - _COLUMNS))
        )
        run, rows = expanded(starts[begins], starts[ends + 1])
        which = np.concatenate((number, number[over]))[run]
        latitudes = places.latitudes[rows]
        inside = (latitudes >= boxes[which, 0]) & (latitudes <= boxes[which, 2])
        middle, half = (boxes[:, 1] + boxes[:, 3]) / 2, (boxes[:, 3] - boxes[:, 1]) / 2 + 1e-9
        inside &= np.abs((places.longitudes[rows] - middle[which] + 180) % 360 - 180) <= half[which]
        return which[inside], rows[inside]


def _joined(squares: Sequence[Places]) -> Places:
    return Places(
        np.concatenate([square.keys for square in squares]),
        np.concatenate([square.latitudes for square in squares]),
        np.concatenate([square.longitudes for square in squares]),
        np.concatenate([square.people for square in squares]),
        np.concatenate([square.part for square in squares]),
    )


def _floor(degrees: Numbers, squares: int) -> Index:
    """The squares that degrees fall in, of so many around zero; the last holds its far edge too."""
    return np.clip(np.floor(degrees * _A_DEGREE).astype(np.int64), -squares // 2, squares // 2 - 1)


def _square(row: Index, column: Index) -> Index:
    return (row + _ROWS // 2) * _COLUMNS + column + _COLUMNS // 2


def is_point(place: Entity) -> bool:
    """Whether a place is small enough for its coordinates to stand for it."""
    return place.feature not in WIDE_FEATURES


def shape_boxes(area: BaseGeometry) -> tuple[Box, ...]:
    """The boxes of a shape's parts, in (south, west, north, east)."""
    bounds = [part.bounds for part in shapely.get_parts(area)]
    return tuple((south, west, north, east) for west, south, east, north in bounds)

"""Many corridors at once: the arithmetic of `agents.match.corridor` over arrays, some ten times quicker a corridor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from agents.match.corridor import EARTH_RADIUS_KM, Box, Corridor, flatten, split_at_antimeridian, unflatten

_Numbers = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.intp]
Boxes = npt.NDArray[np.float64]
"""South, west, north, east in degrees, one row a box."""
_STEP_KM = 20.0
_STEPS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
"""Where each straight piece of a line is looked at for its box."""


class Lines:
    """The lines of corridors, each laid flat about its own middle."""

    def __init__(self, corridors: Sequence[Corridor]) -> None:
        counts = np.array([len(corridor.points) for corridor in corridors])
        points = np.array([point for corridor in corridors for point in corridor.points], dtype=float)
        starts = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(corridors)), counts)
        self._width = np.array([corridor.width_km for corridor in corridors], dtype=float)
        self._lat0, self._lon0 = _middles(points, starts)
        self._flat = flatten(points[:, 0], points[:, 1], self._lat0[owners], self._lon0[owners])
        self._owners = owners
        # From each point to the next; from the last to itself, which is what a line of one point is.
        following = np.minimum(np.arange(len(owners)) + 1, (starts + counts)[owners] - 1)
        self._pieces = self._flat[following] - self._flat
        self._asked = ((following > np.arange(len(owners))) | (counts == 1)[owners]).astype(np.int64)
        self._south, self._north, self._west, self._east = self._bounds(starts, owners)
        self.boxes: list[tuple[Box, ...]] = [self._split(number) for number in range(len(corridors))]
        """For each corridor one or two boxes that hold it whole."""

    def _bounds(self, starts: _Rows, owners: _Rows) -> tuple[_Numbers, ...]:
        """South and north; west and east relative to the middle."""
        pieces = self._pieces
        samples = (self._flat[:, None, :] + pieces[:, None, :] * _STEPS[None, :, None]).reshape(-1, 2)
        latitudes, longitudes = unflatten(samples, np.repeat(self._lat0[owners], len(_STEPS)))
        longest = np.maximum.reduceat(np.hypot(pieces[:, 0], pieces[:, 1]), starts)
        margin = np.degrees((self._width + longest / 8) / EARTH_RADIUS_KM) * 1.01 + 1e-9
        first = starts * len(_STEPS)
        south = np.minimum.reduceat(latitudes, first) - margin
        north = np.maximum.reduceat(latitudes, first) + margin
        widen = _widened(margin, south, north)
        west = np.minimum.reduceat(longitudes, first) - widen
        return south, north, west, np.maximum.reduceat(longitudes, first) + widen

    def _split(self, number: int) -> tuple[Box, ...]:
        south, north = float(self._south[number]), float(self._north[number])
        if south <= -90 or north >= 90:
            return ((max(-90.0, south), -180.0, min(90.0, north), 180.0),)
        middle = float(self._lon0[number])
        west, east = middle + float(self._west[number]), middle + float(self._east[number])
        return split_at_antimeridian(south, west, north, east)

    def pieces(self) -> tuple[_Rows, _Rows, Boxes]:
        """The lines cut into short pieces: of each the corridor, the straight part it belongs to, and a box.

        The box holds all that is as near to the piece as the corridor is wide; it may reach past 180 degrees.
        """
        lengths = np.hypot(self._pieces[:, 0], self._pieces[:, 1])
        steps = np.maximum(np.ceil(lengths / _STEP_KM), self._asked).astype(np.int64)
        part = np.repeat(np.arange(len(steps)), steps)
        along = (np.arange(len(part)) - (np.cumsum(steps) - steps)[part] + 0.5) / steps[part]
        middles = self._flat[part] + self._pieces[part] * along[:, None]
        owners = self._owners[part]
        latitudes, longitudes = unflatten(middles, self._lat0[owners])
        reach = self._width[owners] + lengths[part] / steps[part] / 2
        margin = np.degrees(reach / EARTH_RADIUS_KM) * 1.01 + 1e-9
        south, north = latitudes - margin, latitudes + margin
        widen, middle = _widened(margin, south, north), longitudes + self._lon0[owners]
        return owners, part, np.column_stack((south, middle - widen, north, middle + widen))

    def near(self, parts: _Rows, latitudes: _Numbers, longitudes: _Numbers) -> npt.NDArray[np.bool_]:
        """Whether each point lies as near to the straight part beside it, by number, as the corridor is wide."""
        owners = self._owners[parts]
        flat = flatten(latitudes, longitudes, self._lat0[owners], self._lon0[owners])
        pieces = self._pieces[parts]
        ahead = flat - self._flat[parts]
        squares = np.einsum("ij,ij->i", pieces, pieces)
        along = np.clip(np.einsum("ij,ij->i", ahead, pieces) / np.maximum(squares, 1e-18), 0, 1)
        aside = ahead - pieces * along[:, None]
        inside: npt.NDArray[np.bool_] = np.hypot(aside[:, 0], aside[:, 1]) <= self._width[owners]
        return inside


def _widened(margin: _Numbers, south: _Numbers, north: _Numbers) -> _Numbers:
    """How many degrees of longitude a circle spans on either side: the most where it comes nearest a pole."""
    nearest = np.radians(np.minimum(np.maximum(np.abs(south), np.abs(north)), 90.0))
    reach = np.sin(np.radians(np.minimum(margin, 90.0))) / np.maximum(np.cos(nearest), 1e-12)
    widened: _Numbers = np.where(reach < 1, np.degrees(np.arcsin(np.minimum(reach, 1.0))), 180.0)
    return widened


def _middles(points: _Numbers, starts: _Rows) -> tuple[_Numbers, _Numbers]:
    latitudes, longitudes = np.radians(points[:, 0]), np.radians(points[:, 1])
    x = np.add.reduceat(np.cos(latitudes) * np.cos(longitudes), starts)
    y = np.add.reduceat(np.cos(latitudes) * np.sin(longitudes), starts)
    z = np.add.reduceat(np.sin(latitudes), starts)
    balanced = np.sqrt(x * x + y * y + z * z) < math.sqrt(1e-12)
    lat = np.where(balanced, points[starts, 0], np.degrees(np.arctan2(z, np.hypot(x, y))))
    lon = np.where(balanced, points[starts, 1], np.degrees(np.arctan2(y, x)))
    return lat, lon

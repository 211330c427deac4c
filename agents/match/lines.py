"""Many corridors at once: the arithmetic of `agents.match.corridor` over arrays, some ten times quicker a corridor."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from agents.match.corridor import EARTH_RADIUS_KM, flatten, split_at_antimeridian, unflatten
from agents.match.rows import Rows, dense

_Numbers = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.intp]
Boxes = npt.NDArray[np.float64]
"""South, west, north, east in degrees, one row a box."""
_STEP_KM = 20.0
_STEPS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
"""Where each straight piece of a line is looked at for its box."""


class Lines:
    """The lines of corridors, each laid flat about its own middle."""

    def __init__(self, counts: _Rows, latitudes: _Numbers, longitudes: _Numbers, width_km: _Numbers) -> None:
        """So many points each, laid end to end, and how wide each is."""
        starts = np.cumsum(counts) - counts
        owners = np.repeat(np.arange(len(counts)), counts)
        self._width = width_km
        self._lat0, self._lon0 = _middles(latitudes, longitudes, starts)
        self._flat = flatten(latitudes, longitudes, self._lat0[owners], self._lon0[owners])
        self._owners = owners
        # From each point to the next; from the last to itself, which is what a line of one point is.
        following = np.minimum(np.arange(len(owners)) + 1, (starts + counts)[owners] - 1)
        self._pieces = self._flat[following] - self._flat
        self._asked = ((following > np.arange(len(owners))) | (counts == 1)[owners]).astype(np.int64)
        self._south, self._north, self._west, self._east = self._bounds(starts, owners)

    def __len__(self) -> int:
        return len(self._width)

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

    def boxes(self) -> Rows:
        """For each corridor the edges of one or two boxes that hold it whole, end to end."""
        south, north = np.maximum(self._south, -90.0), np.minimum(self._north, 90.0)
        west, east = self._lon0 + self._west, self._lon0 + self._east
        polar = (self._south <= -90) | (self._north >= 90)
        west, east = np.where(polar, -180.0, west), np.where(polar, 180.0, east)
        found = np.column_stack((south, west, north, east))
        over = np.flatnonzero((west < -180) | (east > 180))
        halves = [(number, half) for number in over.tolist() for half in split_at_antimeridian(*found[number].tolist())]
        whole = np.delete(np.arange(len(self)), over)
        owners = np.concatenate((whole, np.array([number for number, _ in halves], dtype=np.intp)))
        boxes = np.concatenate((found[whole], np.array([half for _, half in halves]).reshape(-1, 4)))
        return dense(np.repeat(owners, 4), boxes.ravel(), len(self))

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


def _middles(latitudes: _Numbers, longitudes: _Numbers, starts: _Rows) -> tuple[_Numbers, _Numbers]:
    lat, lon = np.radians(latitudes), np.radians(longitudes)
    x = np.add.reduceat(np.cos(lat) * np.cos(lon), starts)
    y = np.add.reduceat(np.cos(lat) * np.sin(lon), starts)
    z = np.add.reduceat(np.sin(lat), starts)
    balanced = np.sqrt(x * x + y * y + z * z) < math.sqrt(1e-12)
    middle = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
    return np.where(balanced, latitudes[starts], middle[0]), np.where(balanced, longitudes[starts], middle[1])

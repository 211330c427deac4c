"""Which boxes hold a point: a grid of squares of a degree, and the few boxes that are too wide for it."""

from __future__ import annotations

import numpy as np

from agents.match.rows import Array, Index, expanded, grouped

_WIDE = 100
"""Squares; a box over more is looked at for every point."""
_ROWS, _COLUMNS = 180, 360


class BoxIndex:
    """Boxes as (south, west, north, east) in degrees, west <= east, each with a number that others may share."""

    def __init__(self, boxes: Array, numbers: Array) -> None:
        self._boxes = boxes
        self._numbers = numbers
        south, west = _square(boxes[:, 0], _ROWS), _square(boxes[:, 1], _COLUMNS)
        north, east = _square(boxes[:, 2], _ROWS), _square(boxes[:, 3], _COLUMNS)
        wide = (north - south + 1) * (east - west + 1) > _WIDE
        self._wide = np.flatnonzero(wide)
        narrow = np.flatnonzero(~wide)
        which, row = expanded(south[narrow], north[narrow] + 1)
        box = narrow[which]
        run, column = expanded(west[box], east[box] + 1)
        self._squares, self._held = grouped((row[run] * _COLUMNS + column).astype(np.int32), box[run].astype(np.int32))

    def holding(self, latitude: float, longitude: float) -> list[int]:
        """The numbers of the boxes that hold a point, edges included."""
        if not len(self._boxes):
            return []
        point = np.array([latitude, longitude])
        square = int(_square(point[:1], _ROWS)[0]) * _COLUMNS + int(_square(point[1:], _COLUMNS)[0])
        at = int(np.searchsorted(self._squares, square))
        found = self._wide
        if at < len(self._squares) and self._squares[at] == square:
            found = np.concatenate((found, self._held[at]))
        boxes = self._boxes[found]
        inside = ((boxes[:, :2] <= point) & (point <= boxes[:, 2:])).all(axis=1)
        numbers: list[int] = self._numbers[found[inside]].tolist()
        return numbers


def _square(degrees: Array, size: int) -> Index:
    """The row or column of degrees; the last has its far edge too."""
    return np.clip(np.floor(degrees).astype(np.int64) + size // 2, 0, size - 1)

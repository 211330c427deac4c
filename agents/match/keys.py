"""Entities as numbers: a million watches fit into memory only where an id costs four bytes."""

from __future__ import annotations

from threading import Lock

import numpy as np

from agents.match.rows import Index

_OWN = 1 << 29
"""GeoNames' ids are far below; ids of other kinds are numbered from here in the order in which they come."""
_PREFIX = "geonames:"
_LENGTH = len(_PREFIX)
WRITTEN, NAMED, CITIES = range(3)
"""How two places can name a road: the road is written out by both; it is named by a known name and runs through both,
and the watched road makes no detour between them; both are big cities in one sentence about a road."""


class EntityKeys:
    """Numbers for entity ids; only grows, and so may be shared by threads."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._growing = Lock()

    def key(self, entity: str) -> int:
        """The number of an id, a new one where it has none."""
        known = self.find(entity)
        if known is not None:
            return known
        with self._growing:
            if entity not in self._numbers:
                self._ids.append(entity)
                self._numbers[entity] = _OWN + len(self._ids) - 1
        return self._numbers[entity]

    def find(self, entity: str) -> int | None:
        """The number of an id, or None where no watch asks for it."""
        if entity[:_LENGTH] == _PREFIX:
            digits = entity[_LENGTH:]
            if digits.isdigit() and len(digits) <= 8 and digits.isascii() and digits[0] != "0":
                return int(digits)
        return self._numbers.get(entity)

    def entity(self, key: int) -> str:
        """The id of a number."""
        return f"{_PREFIX}{key}" if key < _OWN else self._ids[key - _OWN]


def pair_key(how: int, one: int, other: int) -> int:
    """Two places of a road, whatever the direction, and how they name it, as one number."""
    return how << 60 | min(one, other) << 30 | max(one, other)


def pair_keys(how: int, one: Index, other: Index) -> Index:
    """The same of many pairs."""
    found: Index = how << 60 | np.minimum(one, other) << 30 | np.maximum(one, other)
    return found


def code_key(country: str) -> int:
    """A country's two letters as a number."""
    return ord(country[0]) << 8 | ord(country[1])

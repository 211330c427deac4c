"""Completion of names while somebody types: what begins so, in any script, the likeliest first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from agents.names.entity import Entity
from agents.names.gazetteer import Gazetteer
from agents.names.key import name_key
from agents.names.resolve import standing
from streams.records import Kind

_MOST_BEGUN = 400
"""Names of packs that are weighed; the gazetteer weighs its own by their people."""

_OWN_NAME, _DESCRIBED = 2.0, 1.5
"""What these weigh, in powers of ten of people."""
_SHORTEST = 2


class Completion(NamedTuple):
    """A name that begins as was typed, and what it names."""

    name: str
    entity: Entity


class Completer:
    """Completes names; knows those of packs in order, and looks through the gazetteer's."""

    def __init__(self, described: Mapping[str, Entity], gazetteer: Gazetteer, theatre: frozenset[str]) -> None:
        """`described` are the entities of packs and watches by id, which stand before the gazetteer's."""
        self._described = described
        self._gazetteer = gazetteer
        self._theatre = theatre
        self._names = sorted(
            ((name_key(name), name, entity) for entity in described.values() for name in entity.names),
            key=lambda one: (one[0], one[1], one[2].id),
        )

    def complete(self, begun: str, kind: Kind | None = None, limit: int = 8) -> list[Completion]:
        """Names of different entities that begin so, whatever the case and accents of what packs have."""
        key = name_key(begun)
        if len(key) < _SHORTEST:
            return []
        found: dict[str, Completion] = {}
        first = bisect_left(self._names, key, key=lambda one: one[0])
        for known, name, entity in self._names[first : first + _MOST_BEGUN]:
            if not known.startswith(key):
                break
            if kind in (None, entity.kind):
                found.setdefault(entity.id, Completion(_own_name(entity, key) or name, entity))
        if kind in (None, "place"):
            for row, name in self._gazetteer.begun(begun, 4 * limit):
                described = self._described.get(f"geonames:{int(self._gazetteer.ids[row])}")
                entity = self._gazetteer.entity(row) if described is None else described
                found.setdefault(entity.id, Completion(_own_name(entity, key) or name, entity))
        ranked = sorted(found.values(), key=lambda one: (-self._likelihood(one.entity, key), one.entity.id))
        return ranked[:limit]

    def _likelihood(self, entity: Entity, key: str) -> float:
        """As for a whole name; what packs describe and what is itself called so comes before what is also called so."""
        own = _OWN_NAME if _own_name(entity, key) else 0.0
        return standing(entity, key, self._theatre) + own + (_DESCRIBED if entity.id in self._described else 0.0)


def _own_name(entity: Entity, key: str) -> str:
    """What the entity is called first, where that begins so."""
    return entity.name if name_key(entity.name).startswith(key) else ""

"""A watch whose names are resolved: entity ids in place of names. This is what an archive keeps beside the definition,
so that a start asks no name again, and what matching is built from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from agents.match.watch import ConditionKind
from agents.names.entity import Entity

GROUPS = ("any", "all", "none")
"""The groups of conditions of a watch, in the order in which hits name them."""


class ResolvedCondition(NamedTuple):
    """What a condition asks, without names to look up."""

    kind: ConditionKind
    ids: tuple[tuple[str, ...], ...] = ()
    """For each name (a route has one a waypoint) the id it means, then those of the same place's doubles."""
    km: float | None = None
    """`within_km` of a town, `corridor_km` of a route."""
    road: str = ""
    """The id of the known road that a route was named by."""
    words: str = ""
    """A phrase as it was written."""
    area: str = ""
    """The area as JSON: one of country, bbox, polygon."""

    def text(self) -> bytes:
        """One JSON line, equal for conditions that ask the same."""
        return to_json(self)


class ResolvedWatch(NamedTuple):
    """A watch ready to be packed."""

    id: str
    any: tuple[ResolvedCondition, ...]
    all: tuple[ResolvedCondition, ...]
    none: tuple[ResolvedCondition, ...]
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    """Hosts as articles have them."""
    facts_only: bool = False
    """Whether what is denied, planned or long past does not count."""
    entities: tuple[Entity, ...] = ()
    """What the watch means and nobody else knows."""
    definition: str = ""
    """The watch as it was written, JSON; rests beside and not in `to_json`."""

    def to_json(self) -> str:
        """The form that rests in an archive."""
        data: dict[str, Any] = {"id": self.id}
        data |= {group: conditions for group in GROUPS if (conditions := getattr(self, group))}
        data |= {key: value for key in ("languages", "outlets") if (value := getattr(self, key))}
        if self.facts_only:
            data["facts_only"] = True
        if self.entities:
            data["entities"] = [asdict(entity) for entity in self.entities]
        return to_json(data).decode()

    @classmethod
    def from_json(cls, text: str | bytes, definition: str = "") -> ResolvedWatch:
        """The inverse of `to_json`, with the definition beside. Raises ValueError for what `to_json` did not write."""
        try:
            data = from_json(text)
            get = data.get
            return cls._make(  # a million are read at a start: half the cost of naming what is given
                (
                    data["id"],
                    tuple(map(condition_of, get("any", ()))),
                    tuple(map(condition_of, get("all", ()))),
                    tuple(map(condition_of, get("none", ()))),
                    tuple(get("languages", ())),
                    tuple(get("outlets", ())),
                    bool(get("facts_only", False)),
                    tuple(map(_entity, get("entities", ()))),
                    definition,
                )
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"this is no resolved watch ({error!r}): resolve its definition again") from error


class KeptWatch(NamedTuple):
    """A watch as it rests in an archive: of a million most ask what others ask too, and need not be read."""

    id: str
    resolved: str
    """What `ResolvedWatch.to_json` wrote; empty where names are still to be resolved."""
    definition: str

    def asks(self) -> str:
        """What is equal for watches that ask the same: all but the id; empty where it must be read."""
        head = f'{{"id":"{self.id}"'
        if not self.resolved.startswith(head) or '"entities":' in self.resolved:
            return ""
        return self.resolved[len(head) :]

    def read(self) -> ResolvedWatch:
        """The watch. Raises ValueError where its names are to be resolved again."""
        return ResolvedWatch.from_json(self.resolved, self.definition)


def condition_of(written: Any) -> ResolvedCondition:
    """A condition from its JSON list."""
    kind, ids, km, road, words, area = written
    return ResolvedCondition._make((kind, tuple(map(tuple, ids)), km, road, words, area))


def _entity(written: dict[str, Any]) -> Entity:
    return Entity(**{**written, "names": tuple(written["names"]), "waypoints": tuple(written["waypoints"])})

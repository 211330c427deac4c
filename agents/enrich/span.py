"""A span of a text that names something, before its entity is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from agents.names.entity import Entity
from agents.names.scan import Found, Meanings
from streams.frozen import soon_made
from streams.records import Kind

BIG = ("country", "region", "area", "continent", "sea", "ocean", "river", "strait", "canal")
"""Features whose names need no size to be well known."""


def is_big(entity: Entity) -> bool:
    """Whether a place is well known by its kind; of an imported dump every brook is a river, so size decides there."""
    return entity.feature in BIG and not entity.source.startswith("import:")


@soon_made
@dataclass(frozen=True, slots=True)
class Span:
    """A span that names something, before its entity is chosen."""

    start: int
    end: int
    surface: str
    plain: str
    kind: Kind
    meanings: Meanings
    strength: float
    """How sure it is that the span names something of this kind, 0 to 1."""
    why: str
    nested: bool = False


def named(name: Found, kind: Kind, meanings: Meanings, strength: float, why: str) -> Span:
    """The span of a name found."""
    return Span(name.start, name.end, name.surface, name.plain, kind, meanings, strength, why)

"""What a name can mean: places, actors and routes with ids, and the store that knows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.frozen import soon_made
from streams.records import Kind


@soon_made
@dataclass(frozen=True, slots=True)
class Entity:
    """A place, actor or route.

    Ids are stable and readable: `geonames:170063` (a place GeoNames has, also when a pack describes it),
    `country:SY`, and `place:…`, `actor:…`, `route:…` for what only a pack or a watch knows.
    """

    id: str
    kind: Kind
    name: str
    """Canonical name, in English where there is one."""
    names: tuple[str, ...] = ()
    """Every known spelling in every script, the canonical one among them."""
    lat: float | None = None
    lon: float | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    admin1: str | None = None
    feature: str = ""
    """For a place: country, region, city, town, village, lake, river, airbase, base, mountain, desert, sea, ..."""
    population: int = 0
    waypoints: tuple[str, ...] = ()
    """For a route: the entity ids of its places, in order."""
    source: str = ""
    """`geonames`, `pack:<pack id>` or `watch:<watch id>`."""


class Knowledge(Protocol):
    """Everything known by name: gazetteer, packs and the names that watches brought."""

    def entity(self, entity_id: str) -> Entity | None:
        """The entity of this id, or None."""

    def knows(self, entity_id: str) -> bool:
        """Whether there is an entity of this id; without making it."""

    def unknown(self, entity_ids: Sequence[str]) -> list[str]:
        """Those of many ids of which there is no entity, in their order."""

    def find(self, name: str, kind: Kind | None = None) -> list[Entity]:
        """What a person may mean by `name` (any spelling, case or script), best first; empty if nothing."""

    def nearest_names(self, name: str, kind: Kind | None = None, limit: int = 3) -> list[str]:
        """Known names most like one that means nothing, best first, for an error message."""

    def places_in_box(self, south: float, west: float, north: float, east: float) -> Iterable[Entity]:
        """Every place with coordinates inside the box (degrees)."""

"""A small gazetteer in memory and a plain reader, for tests of watches: whatever it knows by name, it finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from builders import an_article

from agents.match.compile import CompiledWatches, compile_watches
from agents.match.phrase import fold
from agents.match.watch import Watch
from agents.names.entity import Entity
from streams.records import EnrichedArticle, Field, Kind, Mention


def _place(key: str, names: str, lat: float, lon: float, country: str, people: int = 0, feature: str = "") -> Entity:
    listed = tuple(names.split("|"))
    kind = feature or ("city" if people >= 100_000 else "town" if people else "village")
    return Entity(f"place:{key}", "place", listed[0], listed, lat, lon, country, None, kind, people)


def _country(code: str, names: str, lat: float, lon: float) -> Entity:
    listed = tuple(names.split("|"))
    return Entity(f"country:{code}", "place", listed[0], listed, lat, lon, code, None, "country", 20_000_000)


def _actor(key: str, names: str) -> Entity:
    listed = tuple(names.split("|"))
    return Entity(f"actor:{key}", "actor", listed[0], listed)


ENTITIES = (
    _country("SY", "Syria|Syrie|سوريا", 35.0, 38.0),
    _country("LB", "Lebanon|Liban", 33.8, 35.9),
    _country("LY", "Libya|Libye", 27.0, 17.0),
    _country("FJ", "Fiji|Fidji", -17.8, 178.0),
    _country("NO", "Norway|Norvège", 62.0, 10.0),
    _place("aleppo", "Aleppo|Alep|حلب|Halab", 36.20, 37.16, "SY", 2_098_000),
    _place("aleppo-province", "Aleppo Governorate|province d'Alep", 35.98, 37.30, "SY", 4_000_000, "region"),
    _place("sheikh-maqsoud", "Sheikh Maqsoud", 36.23, 37.15, "SY", 0, "quarter"),
    _place("khanasser", "Khanasser|Khanaser|خناصر", 35.78, 37.50, "SY", 11_000),
    _place("khanasser-again", "Khanasser", 35.79, 37.51, "SY"),
    _place("khanasser-far", "Khanasser", 36.90, 41.20, "SY", 20_000),
    _place("athriya", "Athriya|Ithriya|أثريا", 35.36, 37.78, "SY"),
    _place("rasm", "Rasm al-Nafl", 35.70, 37.56, "SY"),
    _place("safira", "al-Safira", 36.07, 37.37, "SY", 63_000),
    _place("salamiyah", "Salamiyah|Salamyeh", 35.01, 37.05, "SY", 94_000),
    _place("hama", "Hama", 35.13, 36.75, "SY", 460_000),
    _place("homs", "Homs|Ḩimş|حمص", 34.73, 36.71, "SY", 775_000),
    _place("rastan", "Rastan|al-Rastan", 34.92, 36.73, "SY", 39_000),
    _place("damascus", "Damascus|Damas|دمشق", 33.51, 36.29, "SY", 1_569_000),
    _place("nabk", "al-Nabk", 34.02, 36.73, "SY", 32_000),
    _place("euphrates", "Euphrates|Euphrate", 35.70, 37.60, "SY", 0, "river"),
    _place("tripoli-lb", "Tripoli|Tarabulus", 34.43, 35.84, "LB", 229_000),
    _place("tripoli-ly", "Tripoli|Tarabulus", 32.89, 13.19, "LY", 1_150_000),
    _place("beirut", "Beirut|Beyrouth", 33.89, 35.50, "LB", 1_900_000),
    _place("batroun", "Batroun", 34.255, 35.66, "LB", 45_000),
    _place("labasa", "Labasa", -16.43, 179.36, "FJ", 24_000),
    _place("somosomo", "Somosomo", -16.77, -179.97, "FJ", 2_000),
    _place("naqelelevu", "Naqelelevu", -16.10, -179.40, "FJ"),
    _place("longyearbyen", "Longyearbyen", 78.22, 15.65, "NO", 2_000),
    _place("ny-alesund", "Ny-Ålesund", 78.92, 11.93, "NO"),
    _place("pyramiden", "Pyramiden", 78.65, 16.33, "NO"),
    _actor("islamic-state", "Islamic State|Daech|Daesh|داعش"),
    _actor("syrian-army", "Syrian Army|armée syrienne"),
    _actor("hezbollah", "Hezbollah"),
    Entity(
        "route:m5",
        "route",
        "M5 motorway",
        ("M5 motorway", "M5"),
        waypoints=("place:damascus", "place:homs", "place:hama", "place:aleppo"),
    ),
    Entity("route:bare", "route", "Road without places", ("Road without places",)),
)


class SmallWorld:
    """Knows its entities by every one of their names, whatever the case and accents."""

    def __init__(self, entities: Iterable[Entity] = ENTITIES) -> None:
        self.entities = {entity.id: entity for entity in entities}

    def entity(self, entity_id: str) -> Entity | None:
        """The entity of this id, or None."""
        return self.entities.get(entity_id)

    def knows(self, entity_id: str) -> bool:
        """Whether there is an entity of this id."""
        return entity_id in self.entities

    def unknown(self, entity_ids: Sequence[str]) -> list[str]:
        """Those ids of which there is no entity."""
        return [one for one in entity_ids if one not in self.entities]

    def find(self, name: str, kind: Kind | None = None) -> list[Entity]:
        """Entities with this name, the most people first."""
        wanted = fold(name)
        found = [
            entity
            for entity in self.entities.values()
            if (kind is None or entity.kind == kind) and wanted in {fold(known) for known in entity.names}
        ]
        return sorted(found, key=lambda entity: -entity.population)

    def nearest_names(self, name: str, kind: Kind | None = None, limit: int = 3) -> list[str]:
        """Known names that look like it."""
        names = {known for entity in self.entities.values() if kind in {None, entity.kind} for known in entity.names}
        return get_close_matches(name, sorted(names), n=limit, cutoff=0.6)

    def places_in_box(self, south: float, west: float, north: float, east: float) -> Iterable[Entity]:
        """Places inside the box."""
        for entity in self.entities.values():
            if entity.kind != "place" or entity.lat is None or entity.lon is None:
                continue
            if south <= entity.lat <= north and west <= entity.lon <= east:
                yield entity


WORLD = SmallWorld()


def compiled(*watches: dict[str, Any], world: SmallWorld = WORLD) -> CompiledWatches:
    """Watches as in a settings file, compiled; every name must mean something."""
    made, problems = compile_watches([Watch.model_validate(watch) for watch in watches], world)
    assert not [problem for problem in problems if problem.level == "error"], problems
    return made


def read(
    text: str,
    title: str = "",
    *,
    prefer: Sequence[str] = (),
    roads: Sequence[tuple[str, Sequence[str]]] = (),
    unsure: Sequence[str] = (),
    extra: Sequence[Mention] = (),
    language: str = "en",
    outlet: str = "outlet.example",
    name: str = "one",
    world: SmallWorld = WORLD,
) -> EnrichedArticle:
    """An article in which every known name is a mention; of several meanings it takes one of `prefer`, or the first.

    `roads` are (words as they stand, waypoint ids), `unsure` are words whose mentions get confidence .3.
    """
    article = an_article(name, title=title, text=text, language=language, outlet=outlet)
    mentions = [*extra]
    for field, value in (("title", title), ("text", text)):
        mentions += _mentions(field, value, prefer, unsure, world)  # type: ignore[arg-type]
    for words, waypoints in roads:
        field = "text" if words in text else "title"
        start = (text if field == "text" else title).index(words)
        mentions.append(_mention(field, start, words, Entity("", "route", words, waypoints=tuple(waypoints))))  # type: ignore[arg-type]
    mentions.sort(key=lambda mention: (mention.field == "text", mention.start, -mention.end))
    return EnrichedArticle(article, language, tuple(mentions), fold(f"{title} {text}"))


def _mention(field: Field, start: int, surface: str, entity: Entity) -> Mention:
    return Mention(
        field,
        start,
        start + len(surface),
        surface,
        entity.kind,
        entity.id or None,
        entity.name,
        entity.lat,
        entity.lon,
        entity.country,
        0.9,
        entity.waypoints,
    )


def _mentions(
    field: Field, text: str, prefer: Sequence[str], unsure: Sequence[str], world: SmallWorld
) -> list[Mention]:
    by_name: dict[str, Entity] = {}
    for entity in world.entities.values():
        for known in entity.names:
            if known not in by_name or entity.id in prefer:
                by_name[known] = entity
    pattern = "|".join(re.escape(known) for known in sorted(by_name, key=len, reverse=True))
    found = []
    for match in re.finditer(rf"(?<!\w)[وبل]?(?P<name>{pattern})(?!\w)", text):
        mention = _mention(field, match.start("name"), match["name"], by_name[match["name"]])
        found.append(replace(mention, confidence=0.3) if match["name"] in unsure else mention)
    return found

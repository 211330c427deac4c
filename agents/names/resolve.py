"""What a person's name for something means: exact keys first, then the sound, verified by edit ratio."""

from __future__ import annotations

import math

from anyascii import anyascii
from rapidfuzz import fuzz, process

from agents.names.book import Book
from agents.names.entity import Entity
from agents.names.gazetteer import Gazetteer
from agents.names.key import name_key, sound_key
from streams.records import Kind

_ALIKE = 74.0
_SUGGESTED_CITIES = 20_000


def find(name: str, kind: Kind | None, book: Book, gazetteer: Gazetteer, theatre: frozenset[str]) -> list[Entity]:
    """What `name` may mean, best first; empty if nothing."""
    key = name_key(name)
    if not key:
        return []
    found = _wanted(book.by_key.get(key, []), gazetteer.by_key(key) if kind in (None, "place") else [], book, gazetteer)
    found = [entity for entity in found if kind in (None, entity.kind)]
    if found:
        return sorted(found, key=lambda entity: -standing(entity, key, theatre))
    sound = sound_key(name)
    if len(sound) < 3:
        return []
    near = _wanted(
        book.by_sound.get(sound, []), gazetteer.by_sound(sound) if kind in (None, "place") else [], book, gazetteer
    )
    written = anyascii(key)
    rated = []
    for entity in near:
        if kind not in (None, entity.kind):
            continue
        ratio = max(fuzz.ratio(written, anyascii(name_key(other))) for other in entity.names)
        if not name.isascii() and not _latin(name):
            ratio = max(ratio, max(fuzz.ratio(sound, sound_key(other)) for other in entity.names) - 10)
        if ratio >= _ALIKE:
            rated.append((ratio / 10 + standing(entity, key, theatre), entity))
    return [entity for _, entity in sorted(rated, key=lambda pair: -pair[0])]


def _latin(name: str) -> bool:
    return any("a" <= char.lower() <= "z" for char in name)


def standing(entity: Entity, key: str, theatre: frozenset[str]) -> float:
    """How likely a name means this entity when nothing else is said."""
    score = math.log10(entity.population + 10)
    if entity.feature == "country":
        score += 4
    if entity.source.startswith(("pack:", "watch:")):
        score += 2.5
    if name_key(entity.name) == key:
        score += 1.5
    if entity.country in theatre:
        score += 0.5
    if entity.feature == "county":
        score -= 2
    return score


def _wanted(ids: list[str], rows: list[int], book: Book, gazetteer: Gazetteer) -> list[Entity]:
    found = {entity_id: book.entities[entity_id] for entity_id in ids}
    for row in rows:
        entity_id = f"geonames:{int(gazetteer.ids[row])}"
        if entity_id not in found:
            found[entity_id] = book.entities.get(entity_id) or gazetteer.entity(row)
    return list(found.values())


def suggestions(book: Book, gazetteer: Gazetteer) -> list[tuple[str, Kind]]:
    """The names an error message may suggest: all of the book's, and those of large cities."""
    known: dict[tuple[str, Kind], None] = {}
    for entity in book.entities.values():
        if entity.feature != "county":
            known.update(dict.fromkeys((name, entity.kind) for name in entity.names))
    for row in gazetteer.largest(_SUGGESTED_CITIES):
        known[gazetteer.names(row)[0], "place"] = None
    return list(known)


def nearest(name: str, kind: Kind | None, known: list[tuple[str, Kind]], limit: int) -> list[str]:
    """The known names most like `name`, best first."""
    names = list(dict.fromkeys(text for text, of in known if kind in (None, of)))
    found = process.extract(name_key(name), names, scorer=fuzz.WRatio, processor=name_key, limit=limit * 4)
    ranked = sorted(found, key=lambda hit: -fuzz.ratio(name_key(name), name_key(hit[0])))
    return [hit[0] for hit in ranked[:limit]]

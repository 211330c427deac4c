"""What a person's name for something means: exact keys first, then the sound, verified by edit ratio."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator

from anyascii import anyascii
from rapidfuzz import fuzz, process

from agents.names.book import Book
from agents.names.entity import Entity
from agents.names.gazetteer import Gazetteer
from agents.names.key import name_key, spelling
from agents.names.sound import ALIKE, Sound, likeness, nearby, sound_of
from streams.records import Kind

_ALIKE_ANYWHERE = 92.0
"""Likeness from which names that differ in a consonant are spellings of one where no country is said."""
_FEWEST_CONSONANTS = 2
_SHARED_LETTERS = 50.0
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
    sound = sound_of(name)
    if len(sound.bones) <= _FEWEST_CONSONANTS:
        return []
    rated = _verified(sound, [sound.bones], kind, book, gazetteer)
    if not rated:
        near = _verified(sound, nearby(sound.bones), kind, book, gazetteer)
        rated = [one for one in near if one[0] >= _ALIKE_ANYWHERE]
    rated = [one for one in rated if _looks_alike(key, one[1])]
    return [entity for _, entity in sorted(rated, key=lambda one: -one[0] / 10 - standing(one[1], key, theatre))]


def _looks_alike(key: str, entity: Entity) -> bool:
    """Whether a name that was only heard shares letters enough with one of the entity's; noise sounds like anything."""
    letters = anyascii(key).lower()
    return any(fuzz.ratio(letters, anyascii(name_key(other)).lower()) >= _SHARED_LETTERS for other in _spelled(entity))


def alike(name: str, countries: Collection[str], book: Book, gazetteer: Gazetteer) -> list[tuple[float, Entity]]:
    """The places of some countries that a name nobody knows may be a spelling of, with their likeness, best first.

    Likeness is from 0 to 100 (agents.names.sound.likeness), and never below what makes two spellings of one name.
    """
    sound = sound_of(name)
    if len(sound.bones) < _FEWEST_CONSONANTS:
        return []
    rated = _verified(sound, [sound.bones, *nearby(sound.bones)], "place", book, gazetteer, countries)
    return sorted(rated, key=lambda one: (-one[0], -one[1].population, one[1].id))


def _verified(
    sound: Sound,
    bones: Iterable[str],
    kind: Kind | None,
    book: Book,
    gazetteer: Gazetteer,
    countries: Collection[str] | None = None,
) -> list[tuple[float, Entity]]:
    ids: dict[str, None] = {}
    rows: dict[int, None] = {}
    for one in bones:
        ids.update(dict.fromkeys(book.by_sound.get(one, ())))
        if kind in (None, "place"):
            rows.update(dict.fromkeys(gazetteer.by_sound(one)))
    if countries is not None:
        ids = {one: None for one in ids if _in_one(book.entities[one], countries)}
        rows = {row: None for row in rows if gazetteer.country(row) in countries}
    rated = []
    for entity in _wanted(list(ids), list(rows), book, gazetteer):
        if kind not in (None, entity.kind):
            continue
        best = max((likeness(sound, sound_of(other)) for other in _spelled(entity)), default=0.0)
        if best >= ALIKE:
            rated.append((best, entity))
    return rated


def _in_one(entity: Entity, countries: Collection[str]) -> bool:
    """Whether a place lies in one of the countries; a country itself is spelled in ways that everybody knows."""
    return entity.country in countries and entity.feature != "country"


def _spelled(entity: Entity) -> Iterator[str]:
    """The names of an entity but for the transliterations in small letters that GeoNames gives its places."""
    for name in entity.names:
        if entity.kind != "place" or not name.isascii() or name[:1].isupper():
            yield name


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
    apart: dict[str, str] = {}
    for name_of, *_ in ranked:  # "Nyala" stands for "Nyāla" and "nyala"
        apart.setdefault(spelling(name_of).casefold(), name_of)
    return list(apart.values())[:limit]

"""The book of names: entities of packs, watches and the world, with the spellings they are found by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from agents.names.entity import Entity
from agents.names.key import ARTICLES, fold, name_key, spelling
from agents.names.lexicon import Lexicon
from agents.names.packs import PackEntity
from agents.names.scan import Meaning, Meanings
from agents.names.scanner import Source
from agents.names.sound import sound_key
from agents.names.spellings import ARABIC_ARTICLES, Joining, has_article, joining, place_spellings
from agents.names.words import is_function_word, is_ordinary
from agents.names.world import american_states

_FEATURE_WORDS = frozenset((
    "lac", "lake", "mer", "sea", "fleuve", "riviere", "river", "mont", "mount", "montagne", "base", "aerienne",
    "aerodrome", "barrage", "dam", "village", "ville", "city", "town", "camp", "desert", "oasis", "vallee",
    "province", "gouvernorat", "region", "district", "poste", "passage", "crossing", "col", "plaine", "de", "d",
    "des", "du", "la", "le", "les", "l", "of", "the",
))  # fmt: skip
_GENERIC = frozenset((
    "army", "armed", "forces", "force", "military", "government", "troops", "militia", "militias", "brigade",
    "brigades", "movement", "front", "party", "council", "coalition", "police", "guard", "guards", "ministry",
    "opposition", "regime", "parliament", "security", "service", "navy", "air", "defence", "defense",
))  # fmt: skip
"""Words that news writes in small letters inside a body's name (`Syrian army`)."""
_WELL_KNOWN = 100_000
"""A city of as many people is looked for even where its name is a function word of some language (`Nice`)."""
_SETTLEMENTS = frozenset(("مدينة", "بلدة", "قرية", "ناحية", "قضاء"))
_SPOKEN = 5
"""Acronyms of as many letters are spoken as words, and French and Spanish write them so (`Minusma`, `Finul`)."""
_FIRST_WORD = re.compile(r"([^\W\d_A-ZÀ-Þ]+)(?:\s+|'\s*)(?=\w)")


class BookEntry(NamedTuple):
    """An entity and one spelling of it."""

    entity: Entity
    how: Joining
    pattern: str
    main: bool = False
    article: bool = False
    code: bool = False
    dotted: bool = False
    exact: str = ""
    alias: bool = False


class Book:
    """Entities by id, by key and by sound, with the lexicon of their spellings.

    A small book that stands beside a large one has the entities of both; its `source` has its own spellings alone.
    """

    def __init__(self, entries: list[BookEntry], peoples: dict[str, str], beside: Book | None = None) -> None:
        self._entries = entries
        self._beside = beside
        self.peoples = peoples
        """Adjectives and names of peoples, as in folded text, to country codes."""
        self._own: dict[str, Entity] = {entry.entity.id: entry.entity for entry in entries}
        self.entities: dict[str, Entity] = {**beside.entities, **self._own} if beside else self._own
        patterns: dict[Joining, dict[str, dict[str, Meaning]]] = {}
        for entry in entries:
            meanings = patterns.setdefault(entry.how, {}).setdefault(entry.pattern, {})
            exact: tuple[str, ...] = (entry.exact,) if entry.exact else ()
            same = meanings.get(entry.entity.id)
            if same is not None:
                # spelled both as a name and as an acronym, it counts in any form
                exact = (*same.exact, *exact) if same.exact and exact else ()
            meanings[entry.entity.id] = Meaning(
                self.entities[entry.entity.id], entry.main, entry.article, entry.code, entry.dotted, exact, entry.alias
            )
        self._meanings: dict[Joining, list[Meanings]] = {
            how: [tuple(meanings.values()) for meanings in spelled.values()] for how, spelled in patterns.items()
        }
        self.source = Source(
            Lexicon({how: list(spelled) for how, spelled in patterns.items()}), lambda how, at: self._meanings[how][at]
        )
        self.people_source: Source = beside.people_source if beside else _people_source(peoples)

    @cached_property
    def by_key(self) -> dict[str, list[str]]:
        """Ids by `agents.names.key.name_key`; made when a name is first asked for, which reading texts never does."""
        found = dict(self._beside.by_key) if self._beside else {}
        for entity in self._own.values():
            for key in {name_key(name) for name in entity.names}:
                found[key] = [*found.get(key, ()), entity.id]
        return found

    @cached_property
    def by_sound(self) -> dict[str, list[str]]:
        """Ids by `agents.names.sound.sound_key`; made when an unseen spelling is first asked for."""
        found = dict(self._beside.by_sound) if self._beside else {}
        for entity in self._own.values():
            for sound in {sound_key(name) for name in entity.names}:
                found[sound] = [*found.get(sound, ()), entity.id]
        return found

    def extended(self, entries: list[BookEntry]) -> Book:
        """A book of these entries too; an entity of the same id is replaced. Takes half a second."""
        return Book([*self._all_entries(), *entries], self.peoples)

    def with_beside(self, entries: list[BookEntry]) -> Book:
        """A small book beside this one, of entities that this one has not: made at once."""
        return Book(entries, self.peoples, self)

    def _all_entries(self) -> list[BookEntry]:
        return [*self._beside._all_entries(), *self._entries] if self._beside else self._entries


def _people_source(peoples: dict[str, str]) -> Source:
    spelled = [(Meaning(Entity(f"people:{code}", "actor", word, country=code)),) for word, code in peoples.items()]
    lexicon = Lexicon({"word": [f" {word} " for word in peoples]})
    return Source(lexicon, lambda _, at: spelled[at], in_capitals=False)


def entries_of(item: PackEntity) -> Iterator[BookEntry]:
    """Every spelling to scan for; none twice."""
    entity = item.entity
    seen: set[tuple[Joining, str]] = set()
    names = entity.names if item.scanned is None else item.scanned
    fresh = [name for name in names if name not in item.acronyms]
    for name in fresh:
        if name.startswith("ال") and name[2:] in fresh:  # Persian leaves the article out: each form for itself
            for pattern in (f"{spelling(name)} ", f"ل{spelling(name)[2:]} "):
                yield BookEntry(entity, "clitic", pattern)
            continue
        for how, spelled, article in _spelled(name, entity):
            dotted = name.endswith(".") and how == "word"
            pattern = spelled.rstrip() + "  " if dotted else spelled
            if (how, pattern) in seen or (
                is_function_word(pattern.strip())
                and not (dotted or name.isupper() or (name == entity.name and entity.population >= _WELL_KNOWN))
            ):
                continue
            seen.add((how, pattern))
            short = entity.feature == "region" and (
                (dotted and name.count(".") == 1) or (name.isupper() and len(name) < 4)
            )
            yield BookEntry(
                entity, how, pattern, name == entity.name, article, code=short, dotted=dotted,
                exact=name if name.isupper() and len(name) <= 4 and how == "word" and not dotted else "",
            )  # fmt: skip
    yield from _without_settlement(entity, fresh, seen)
    for acronym in item.acronyms:
        plain = spelling(acronym)
        if (joining(acronym) or "word") == "word":
            for pattern in (f" {plain} ", f" {plain.title()} "):
                yield BookEntry(entity, "word", pattern, exact=acronym)
            if len(acronym) >= _SPOKEN and acronym.isupper() and not is_ordinary(plain):
                yield BookEntry(entity, "word", f" {plain.title()} ", exact=acronym.title())
        else:
            yield from (BookEntry(entity, how, pattern) for how, pattern in place_spellings(acronym))
    if entity.feature == "region" and entity.country == "US":
        code = (entity.admin1 or "").removeprefix("US.")
        if code in american_states():
            yield BookEntry(entity, "word", f" {code} ", code=True, exact=code)
    if entity.feature == "county":
        for other in (entity.name.replace(" County", " Co."), entity.name.replace(" County", " counties")):
            if other != entity.name:
                yield BookEntry(entity, "word", f" {spelling(other)} ")


def _without_settlement(entity: Entity, names: list[str], seen: set[tuple[Joining, str]]) -> Iterator[BookEntry]:
    """`الحمام` of `قرية الحمام`: alone it is a word, so that it counts only where what stands around it says more."""
    for name in names:
        kind, _, rest = name.partition(" ")
        if kind in _SETTLEMENTS and entity.kind == "place" and len(rest) > 1 and " " not in rest:
            for how, pattern, article in _spelled(rest, entity):
                if (how, pattern) not in seen:
                    seen.add((how, pattern))
                    yield BookEntry(entity, how, pattern, article=article, alias=True)


def _spelled(name: str, entity: Entity) -> Iterator[tuple[Joining, str, bool]]:
    article = has_article(name)
    if entity.kind == "place":
        whole = entity.feature in ("region", "country", "area")
        for written in dict.fromkeys((name, name if whole else _without_feature(name))):
            for how, pattern in place_spellings(written, articles=True):
                yield how, pattern, article
                if how == "word" and entity.feature == "country" and pattern[-2:-1] not in ("s", " ", "x", "z"):
                    yield how, f"{pattern[:-1]}s ", article  # the German genitive
            if written != name and joining(name) == "word":
                feature = name[: len(name) - len(written)]
                for how, pattern in place_spellings(written, articles=True):
                    yield how, f" {spelling(feature)}{pattern}", False
        return
    plain, joined = spelling(name), joining(name)
    if joined is None or not plain:
        return
    if joined != "word":
        yield from ((found, pattern, article) for found, pattern in place_spellings(name))
        return
    apart = fold(name).text[1:-1]
    if apart != plain and apart.strip() == apart:
        yield "word", f" {apart} ", False
    for form in _article_forms(plain):
        capital = form[:1].upper() + form[1:]
        titled = " ".join(word[:1].upper() + word[1:] for word in form.split(" "))
        generic = " ".join(word.lower() if word.lower() in _GENERIC else word for word in form.split(" "))
        for written in dict.fromkeys((form, capital, titled, generic)):
            yield "word", f" {written} ", False


def _article_forms(plain: str) -> Iterator[str]:
    yield plain
    words = plain.split(" ")
    at = [index for index, word in enumerate(words) if word.lower() in ARTICLES and word.lower() != "as"]
    if not at:
        return
    for article in ARABIC_ARTICLES:
        yield " ".join(article if index in at else word for index, word in enumerate(words))


def _without_feature(name: str) -> str:
    """`lac al-Jabbul` is found as `al-Jabbul` too, for a text that puts other words before it."""
    rest = name.replace("’", "'")
    while match := _FIRST_WORD.match(rest):
        if spelling(match.group(1)) not in _FEATURE_WORDS:
            break
        rest = rest[match.end() :]
    stripped = name[len(name) - len(rest) :]
    return stripped if stripped[:1].isupper() or "-" in stripped.split(" ")[0] else name

"""Which spans of a text name a place or an actor: names corrected by the model, the model completed by names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from agents.enrich.amid import amid_others
from agents.enrich.chains import without_chains
from agents.enrich.context import (
    after_title,
    directional,
    facility_word,
    inside_person_name,
    is_sited,
    locative_before,
    region_after,
    street_spans,
)
from agents.enrich.inside import bare_names, ruled_countries
from agents.enrich.kinds import by_kind
from agents.enrich.meant import meant
from agents.enrich.other_names import GREAT, STRONG_POPULATION, by_another_name
from agents.enrich.recognise import ModelSpan
from agents.enrich.span import Span, is_big, named
from agents.enrich.unexplained import Taken, unexplained
from agents.enrich.wordlike import beside_others, is_word, said_to_be_places
from agents.names.alphabets import LATIN
from agents.names.entity import Entity
from agents.names.key import spelling
from agents.names.scan import Found, Meaning, Meanings
from agents.names.words import is_function_word, is_ordinary

STRONG_OTHER_NAME = 100_000
ORDINARY_POPULATION = 60_000
METROPOLIS = 300_000
_SHORT = 4
"""Names of fewer Latin letters are too often something else where only GeoNames gives them to a place."""


def is_strong(plain: str, surface: str, meanings: Meanings) -> bool:
    """Whether a name is a place's with no other evidence: well known and no ordinary word."""
    words = plain.count(" ") + 1
    if words == 1 and is_ordinary(plain):
        return any(meaning.entity.feature in ("country", "region") for meaning in meanings)
    for meaning in meanings:
        entity = meaning.entity
        if _described(meaning, plain) or is_big(entity) or entity.feature == "county":
            return True
        if meaning.alias and len(surface) < _SHORT and surface.isascii():
            continue
        if not meaning.main and entity.population < GREAT and words == 1 and _is_loose(surface, entity):
            continue
        if entity.population >= (STRONG_POPULATION if meaning.main else STRONG_OTHER_NAME):
            return True
    return False


def _is_loose(surface: str, entity: Entity) -> bool:
    """Whether a word is so short (`Log` for Łódź), or accented so differently (`Gerät` for Herāt), that it is more
    likely another one.
    """
    if surface.isascii():
        return len(surface) <= _SHORT
    return not surface.isupper() and surface not in entity.names and LATIN.covers(surface)


def _described(meaning: Meaning, plain: str) -> bool:
    """Whether a pack or a watch describes the place, by this name or a longer one of the gazetteer's."""
    return meaning.entity.source.startswith(("pack:", "watch:")) and not (meaning.alias and len(plain) < _SHORT + 1)


def choose(
    text: str,
    found: list[Found],
    model: list[ModelSpan],
    *,
    has_model: bool,
    nested: Iterable[Found] = (),
    known: Collection[str] = (),
    beside: Sequence[Span] = (),
) -> list[Span]:
    """The spans of one field that name places and actors, in text order; `known` are the names that its article's
    other field is sure of, `beside` that field's spans.
    """
    chosen: list[Span] = []
    weak: list[tuple[Found, Meanings]] = []
    words: list[tuple[Found, Meanings]] = []
    model = without_chains(text, found, model)
    by_start = sorted(model, key=lambda span: span.start)
    surnames = _surnames(text, model)
    at = 0
    for name in found:
        facts = meant(name.meanings)
        if facts.actors:
            chosen.append(named(name, "actor", facts.actors, 0.95, "known actor"))
            continue
        places = facts.places
        if not places:
            continue
        if is_word(text, name, places, has_model=has_model):
            words.append((name, places))
            continue
        while at < len(by_start) and by_start[at].end <= name.start:
            at += 1
        over = [span for span in by_start[at : at + 4] if span.start < name.end and span.end > name.start]
        judged = _judge(text, name, places, over, surnames, has_model=has_model)
        if judged is not None:
            chosen.append(judged)
        elif not any(span.label == "person" and span.end - span.start > len(name.surface) + 2 for span in over):
            weak.append((name, places))
    chosen.extend(beside_others(text, weak, chosen, has_model=has_model))
    chosen.extend(said_to_be_places(text, words, chosen, known))
    chosen.extend(amid_others(text, weak, chosen, beside))
    accepted = sure_names(chosen) | set(known)
    small = {name.lower() for name in accepted}
    taken_at = {span.start for span in chosen}
    for name, places in weak:
        if name.start in taken_at:
            continue
        again = name.plain in accepted or (name.plain.isupper() and name.plain.lower() in small)
        if again and not inside_person_name(text, name.start, name.end):
            chosen.append(named(name, "place", places, 0.6, "named as a place elsewhere in the text"))
    chosen.sort(key=lambda span: span.start)
    streets = street_spans(text)
    if streets:
        chosen = _outside(chosen, streets)
    taken = Taken([(span.start, span.end) for span in chosen])
    chosen.extend([*bare_names(text, chosen, nested), *ruled_countries(text, chosen, nested), *by_kind(text, chosen)])
    for start, end in streets:
        if taken.take(start, end):
            surface = text[start:end]
            chosen.append(Span(start, end, surface, surface, "place", (), 0.6, "street or road by its kind"))
    sited = {(span.start, span.end) for span in chosen if span.kind == "place"}
    acting = Taken([(span.start, span.end) for span in chosen if span.kind == "actor"])
    for start, end, kind in unexplained(text, model, taken, acting, sited):
        surface = text[start:end]
        chosen.append(Span(start, end, surface, surface, kind, (), 0.5, "seen by the model"))
    return sorted(chosen, key=lambda span: (span.start, -span.end))


_SURE = 0.65


def sure_names(chosen: Iterable[Span]) -> set[str]:
    """The names of the places that a field leaves no doubt about, as in folded text."""
    return {span.plain for span in chosen if span.kind == "place" and span.meanings and span.strength >= _SURE}


def _outside(chosen: list[Span], streets: list[tuple[int, int]]) -> list[Span]:
    """The spans but for places that give a street its name."""
    starts = [start for start, _ in streets]
    kept = []
    for span in chosen:
        at = bisect_right(starts, span.start) - 1
        if span.kind != "place" or at < 0 or span.end > streets[at][1]:
            kept.append(span)
    return kept


def _surnames(text: str, model: Iterable[ModelSpan]) -> frozenset[str]:
    """Last words of the full names that the model sees."""
    people = (
        text[span.start : span.end].removesuffix("'s").removesuffix("’s") for span in model if span.label == "person"
    )
    return frozenset(spelling(person.rsplit(" ", 1)[1]) for person in people if " " in person.strip())


def _judge(
    text: str, name: Found, places: Meanings, over: list[ModelSpan], surnames: frozenset[str], *, has_model: bool
) -> Span | None:
    facts = meant(places)
    if facts.all_codes:
        return named(name, "place", places, 0.95, "abbreviation after a place") if _after_comma(text, name) else None
    if after_title(text, name.start):
        return None
    strong = is_strong(name.plain, name.surface, places)
    ordinary = " " not in name.plain and is_ordinary(name.plain)
    large = facts.big or (not ordinary and facts.theatre and any(_described(meaning, name.plain) for meaning in places))
    sited = _sited(text, name)
    other = not large and by_another_name(name, places)
    most = facts.people
    if ordinary and not has_model and not sited and inside_person_name(text, name.start, name.end):
        return None
    if ordinary and not large and most < _least_ordinary(text, name, over) and not region_after(text, name.end):
        # Nice, Tours or Reading where a preposition says so; Nord or Center never
        return None
    for span in over:
        same = span.start <= name.start and span.end >= name.end
        equal = same and span.end - span.start <= name.end - name.start + 2
        if span.label == "place" and same and not equal:
            return _completed(text, name, places, span, ordinary=ordinary and not large)
        if span.label == "place":
            if (ordinary and not large and not sited and most < METROPOLIS) or (
                name.plain in surnames and not sited and not large
            ):
                return None
            return named(name, "place", places, 0.95 if strong or sited else 0.85, "known name")
        if not same and span.start >= name.start and span.end <= name.end:
            continue
        if span.label == "person" and equal and _is_metropolis(name, places, ordinary=ordinary, surnames=surnames):
            # a person is seldom called by such a name alone
            return (
                None
                if inside_person_name(text, name.start, name.end)
                else named(name, "place", places, 0.7, "well-known name")
            )
        if span.label == "person" and not (equal and large) and not (same and sited and span.end <= name.end + 2):
            return None
        if span.label == "organisation" and same and not equal:
            if (strong and not ordinary and not other) or large or (ordinary and sited):
                return named(name, "place", places, 0.6, "inside the name of an organisation")
            return None
        if span.label == "organisation" and equal and not (strong and sited and not other) and not large:
            return named(name, "place", places, 0.65, "before its region") if region_after(text, name.end) else None
        if span.label == "other" and same and not equal and not strong:
            return None
    if name.plain in surnames and not large:
        return None
    if not large and inside_person_name(text, name.start, name.end):
        return None
    if strong and (sited or large or (not other and (not has_model or not ordinary))):
        sure = 0.9 if large and not has_model else 0.85 if sited or large else 0.6 if has_model else 0.75
        return named(name, "place", places, sure, "well-known name")
    uncased = not name.surface[:1].isupper()
    if uncased and not locative_before(text, name.start):
        return None
    if region_after(text, name.end) or (sited and (ordinary or _worth(name, has_model=has_model))):
        return named(name, "place", places, 0.65, "name in a place's position")
    return None


def _is_metropolis(name: Found, places: Meanings, *, ordinary: bool, surnames: frozenset[str]) -> bool:
    """Whether a great city is meant by a name of its own (`Alep`), not by one that few give it (`Sam`, `Nico`)."""
    own = (meaning for meaning in places if len(name.plain) > _SHORT or meaning.main or _described(meaning, name.plain))
    most = max((meaning.entity.population for meaning in own), default=0)
    return most >= METROPOLIS and not ordinary and name.plain not in surnames


_AT = re.compile(r"(?:^|\W)[àÀ] $")


def _least_ordinary(text: str, name: Found, over: list[ModelSpan]) -> int:
    """How many people a town has at least whose name is a word: fewer where French says `à` and the model agrees."""
    seen = any(span.label == "place" and (span.start, span.end) == (name.start, name.end) for span in over)
    return STRONG_POPULATION if seen and _AT.search(text[max(0, name.start - 3) : name.start]) else ORDINARY_POPULATION


def _worth(name: Found, *, has_model: bool) -> bool:
    if is_function_word(name.plain) or len(name.plain) < 4 or is_ordinary(name.plain):
        return False
    largest = meant(name.meanings).people
    return largest >= (2_000 if has_model else 1_000) or " " in name.plain


def _sited(text: str, name: Found) -> bool:
    return is_sited(text, name.start, name.end)


def _after_comma(text: str, name: Found) -> bool:
    before = text[max(0, name.start - 2) : name.start]
    return before.endswith(", ") or (name.surface.count(".") == 0 and before.endswith(","))


def _completed(text: str, name: Found, places: Meanings, span: ModelSpan, *, ordinary: bool) -> Span | None:
    """A known name inside a longer span of the model: the longer one where the rest is part of the name."""
    before, after = text[span.start : name.start], text[name.end : span.end]
    head, tail = directional(before), facility_word(before, after)
    if tail is not None:
        start = span.start if tail in ("before", "both") else name.start
        end = span.end if tail in ("after", "both") else name.end
        surface = text[start:end]
        return Span(start, end, surface, surface, "place", (), 0.7, "place of a kind the text names")
    if ordinary:
        return None
    whole = meant(places).big
    if head is not None and not whole:
        start = name.start - head
        return replace(
            named(name, "place", places, 0.85, "part of a known place"), start=start, surface=text[start : name.end]
        )
    return named(name, "place", places, 0.95, "known name")

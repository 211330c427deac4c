"""Names inside longer names: the town of an air base, the country of a government."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agents.enrich.meant import meant
from agents.enrich.span import Span, named
from agents.names.key import spelling
from agents.names.scan import Found, Meanings, joined
from agents.names.words import arabic_word, is_ordinary
from streams.records import Field, Mention

_WORDS = ("never", "thing", "quality")
_FEATURE_PHRASE = re.compile(
    r"^(?:[a-zà-ÿ]+(?: [a-zà-ÿ]+)*(?: (?:d[’']|de l[’']|de la |de |du )|[’'] ?| )|"
    r"[وفبكل]?(?:مدينة|بلدة|قرية|ناحية|قضاء|مديرية|محافظة|ولاية|ريف|إقليم|اقليم|منطقة|قاعدة|مطار|معبر|منفذ|مخيم|ميناء|"
    r"مرفأ|سد|جسر|جبل|جبال|وادي|سهل|بحيرة|سبخة|نهر|جزيرة|قطاع|حقل|مصفاة|سجن|حي|حاجز|مستشفى|مشفى|خليج|محور|مفاعل|"
    r"هضبة|بادية|حوض|غلاف|واحة|استان|شهر) )$"
)


def places_of(found: Found) -> Meanings:
    """The places among what a name may mean."""
    return meant(found.meanings).places


def _one_a_span(names: Iterable[Found]) -> Iterator[Found]:
    """Names that end together, those that begin together too as one with the meanings of all."""
    by_start: dict[int, Found] = {}
    for name in names:
        same = by_start.get(name.start)
        by_start[name.start] = joined(same, name) if same else name
    return iter(by_start.values())


def bare_names(text: str, chosen: list[Span], nested: Iterable[Found]) -> list[Span]:
    """Names inside `base aérienne d'al-Tabqa`: the feature is one place, the town it is named after another."""
    found: list[Span] = []
    inner: dict[int, list[Found]] | None = None
    for span in chosen:
        if span.kind != "place" or span.surface[:1].isupper():
            continue
        if inner is None:
            inner = {}
            ends = {one.end for one in chosen if one.kind == "place"}
            for name in sorted((name for name in nested if name.end in ends), key=lambda name: name.start):
                if places_of(name):
                    inner.setdefault(name.end, []).append(name)
        for name in _one_a_span(inner.get(span.end, ())):
            if arabic_word(name.plain) in _WORDS and not _is_same(span, name):
                continue
            if is_ordinary(name.plain) or (name.surface[:1].islower() and "-" not in name.surface.split(" ")[0]):
                continue
            if name.start > span.start and _FEATURE_PHRASE.match(text[span.start : name.start]):
                found.append(replace(named(name, "place", places_of(name), 0.8, "inside a longer name"), nested=True))
                break
    return found


def without_parts(texts: Mapping[Field, str], mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions but for places that are words of an organisation's name (`Pueblo` of `Defensoría del Pueblo`)."""
    named_so = [m for m in mentions if m.kind == "actor" and m.reason.startswith("an organisation by its first word")]
    if not named_so:
        return list(mentions)
    return [m for m in mentions if m.kind != "place" or not any(_is_part(texts[m.field], m, one) for one in named_so)]


def _is_part(text: str, place: Mention, body: Mention) -> bool:
    if place.field != body.field or place.start >= body.end or place.end <= body.start:
        return False
    if place.start <= body.start:
        return place.end < body.end or place.entity is None
    return is_ordinary(spelling(place.surface).lower()) or text.endswith("del ", body.start, place.start)


def _is_same(span: Span, name: Found) -> bool:
    """Whether a name inside a longer one may mean the same place (`الباب` of `مدينة الباب`)."""
    return not {m.entity.id for m in span.meanings}.isdisjoint(m.entity.id for m in name.meanings)


def ruled_countries(text: str, chosen: list[Span], nested: Iterable[Found]) -> list[Span]:
    """The country of a `government of Iraq`: a place as well as a part of an actor's name."""
    ends = {span.end: span for span in chosen if span.kind == "actor" and " of " in span.surface}
    found = []
    for name in nested if ends else ():
        span = ends.get(name.end)
        if span is None or name.start <= span.start or not text.endswith(" of ", span.start, name.start):
            continue
        places = tuple(meaning for meaning in places_of(name) if meaning.entity.feature == "country")
        if places:
            found.append(replace(named(name, "place", places, 0.8, "inside an actor's name"), nested=True))
    return found

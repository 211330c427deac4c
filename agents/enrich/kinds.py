"""Places that French and Spanish name by their kind and a town: `province de Kandahar`, `aéroport de Goma`."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from agents.enrich.prefilter import Ending
from agents.enrich.span import Span
from agents.names.scan import Meanings

_REGION = (
    "province|gouvernorat|région|département|wilaya|oblast|provincia|departamento|gobernación|región|óblast|estado"
)
_SITE = (
    "base (?:aérienne|militaire|navale)|aéroport(?: international| militaire| civil)?|aérodrome(?: militaire)?|"
    "camp(?: militaire| de réfugiés| de déplacés)?|poste[- ]frontière|point de passage|poste frontalier|barrage|"
    "base(?: aérea| militar| naval)|aeropuerto(?: internacional| militar)?|aeródromo|"
    "campo de (?:refugiados|desplazados)|campamento de (?:refugiados|desplazados)|paso fronterizo|represa|presa"
)
_KIND = Ending(
    rf"(?<![\w-])(?:(?P<region>{_REGION})|(?:{_SITE}))"
    r" (?:(?:de la|de l['’]|del|de los|de|du|des)[ \u00a0]?|d['’])$",
    re.IGNORECASE,
)
_LOOK_BACK = 48
_REGIONS = ("region", "area", "county")


def by_kind(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The places that the words before a place's name make of it; none where a span begins there already."""
    places = [span for span in spans if span.kind == "place"]
    taken = sorted((span.start, span.end) for span in places)
    for span in places:
        found = _KIND.search(text[max(0, span.start - _LOOK_BACK) : span.start])
        if found is None or span.nested:
            continue
        start = max(0, span.start - _LOOK_BACK) + found.start()
        at = bisect_left(taken, (start, 0))
        if (at < len(taken) and taken[at][0] < span.start) or (at and taken[at - 1][1] > start):
            continue
        surface = text[start : span.end]
        meanings = _of_kind(span.meanings, region=bool(found.group("region")))
        yield replace(
            span, start=start, surface=surface, meanings=meanings,
            plain=f"{found.group().strip().lower()} {span.plain}", strength=min(span.strength, 0.85),
            why="kind of place and a name",
        )  # fmt: skip


def _of_kind(meanings: Meanings, *, region: bool) -> Meanings:
    """The meanings that fit the kind, or all where none does: a region lies around the town it is named after."""
    fitting = tuple(meaning for meaning in meanings if (meaning.entity.feature in _REGIONS) == region)
    return fitting or meanings

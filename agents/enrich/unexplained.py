"""What a model sees and no known name explains: places without coordinates, organisations without an id."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from agents.enrich.context import ends_with_facility, locative_before, region_after, trimmed
from agents.enrich.recognise import ModelSpan
from agents.names.key import spelling
from agents.names.words import is_ordinary

_LETTERS = re.compile(r"[^\W\d_]{2,}")
_LONGEST = 80
_OFFICES = frozenset((
    "ministre", "président", "présidente", "général", "colonel", "chef", "cheffe", "roi", "reine", "prince", "émir",
    "gouverneur", "maire", "préfet", "député", "députée", "sénateur", "ambassadeur", "ambassadrice", "porte",
    "secrétaire", "commandant", "capitaine", "cardinal", "patriarche", "premier", "maréchal", "docteur", "professeur",
))  # fmt: skip
"""Who in small letters begins a person's office (`ministre de la Défense`), which is no organisation."""


class Taken:
    """Which parts of a text are spoken for."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._spans = sorted(spans)

    def take(self, start: int, end: int) -> bool:
        """Take a part; False, and nothing taken, where some of it is."""
        at = bisect_left(self._spans, (start, end))
        if at and self._spans[at - 1][1] > start:
            return False
        if at < len(self._spans) and self._spans[at][0] < end:
            return False
        insort(self._spans, (start, end))
        return True


def unexplained(
    text: str, model: Iterable[ModelSpan], taken: Taken, actors: Taken, places: Collection[tuple[int, int]]
) -> Iterator[tuple[int, int, Literal["place", "actor"]]]:
    """The places and organisations that a model alone sees, without articles and punctuation at their ends."""
    sited = {place[1] for place in places}
    for span in model:
        if span.label not in ("place", "organisation"):
            continue
        start, end = trimmed(text, span.start, span.end)
        surface = text[start:end]
        if end - start < 2 or not _is_name(surface):
            continue
        if span.label == "organisation" and _stands_as_a_place(text, start, end, sited):
            if taken.take(start, end):
                yield start, end, "place"
        elif span.label == "place":
            if not (locative_before(text, start) or region_after(text, end) or ends_with_facility(surface)):
                continue
            if taken.take(start, end):
                yield start, end, "place"
        elif not _within(start, end, places) and actors.take(start, end):
            # a place may stand inside an organisation's name
            yield start, end, "actor"


def _within(start: int, end: int, places: Collection[tuple[int, int]]) -> bool:
    """Whether a place's name is or holds what stands there (`Sumy` of `Sumy region`)."""
    return (start, end) in places or any(first <= start and end <= last for first, last in places)


def _stands_as_a_place(text: str, start: int, end: int, sited: Collection[int]) -> bool:
    """Whether what a model takes for an organisation has a place's position: before its region, in a list after a
    place that a preposition leads, or with a word for water or a mountain; `sited` are the ends of known places.
    """
    surface = text[start:end]
    if _WATER_OR_MOUNTAIN.search(surface) or (region_after(text, end) and " " not in surface):
        return True
    listed = _LISTED.search(text, max(0, start - 24), start)
    if listed is None or listed.start() not in sited or " " in surface or (surface.isupper() and len(surface) <= 5):
        return False
    first = text.rfind(" ", 0, listed.start()) + 1
    return locative_before(text, first) or locative_before(text, max(0, text.rfind(" ", 0, first - 1) + 1))


_WATER_OR_MOUNTAIN = re.compile(
    r"^[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+)? (?:Lake|River|Creek|Mountains?|Canyon)$|^(?:Lake|Mount) [A-Z]"
)
_NUMBERED_ROAD = re.compile(r"(?:RN|RD|RP|N|A|M|D|E|R|H|P|AP)[ -]?\d{1,4}")
_LISTED = re.compile(r"(?:,| and|,? et|,? y| ou| or) $")


def _is_name(surface: str) -> bool:
    words = _LETTERS.findall(surface)
    if not words or "\n" in surface or len(surface) > _LONGEST:
        return False
    if not any(word[0].isupper() or not word[0].islower() for word in words) or _NUMBERED_ROAD.fullmatch(surface):
        return False
    if words[0] in _OFFICES:
        return False
    return not all(is_ordinary(spelling(word)) for word in words)

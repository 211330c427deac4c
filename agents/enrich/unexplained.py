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
    for span in model:
        if span.label not in ("place", "organisation"):
            continue
        start, end = trimmed(text, span.start, span.end)
        surface = text[start:end]
        if end - start < 2 or not _is_name(surface):
            continue
        if span.label == "place":
            if not (locative_before(text, start) or region_after(text, end) or ends_with_facility(surface)):
                continue
            if taken.take(start, end):
                yield start, end, "place"
        elif (start, end) not in places and actors.take(start, end):
            # a place may stand inside an organisation's name
            yield start, end, "actor"


def _is_name(surface: str) -> bool:
    words = _LETTERS.findall(surface)
    if not words or "\n" in surface or len(surface) > _LONGEST:
        return False
    if not any(word[0].isupper() or not word[0].islower() for word in words):
        return False
    if words[0] in _OFFICES:
        return False
    return not all(is_ordinary(spelling(word)) for word in words)

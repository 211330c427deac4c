"""The sentence that proves an alert, and where its evidence stands in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streams.records import Article, Evidence

MAX_QUOTE_CHARACTERS = 480
# A sentence ends at . ! ? ؟ … or a line break; a full stop after a single letter or inside a number does not end one.
_END = re.compile(r"(?<![\s.][^\W\d_])[.!?؟…]+[»”\"')\]]*(?=\s|$)|\n+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of the article; `spans` are (start, end) of the evidence inside `text`, in code points."""

    text: str
    spans: tuple[tuple[int, int], ...]


def quote(article: Article, evidence: Sequence[Evidence]) -> Quote:
    """The sentence with the first evidence from the text, else from the title, with all evidence in it."""
    if not evidence:
        return Quote("", ())
    first = min(evidence, key=lambda one: (one.field == "title", one.start))
    whole = article.title if first.field == "title" else article.text
    start, end = _sentence(whole, first.start, first.end)
    inside = sorted(
        {
            (one.start - start, one.end - start)
            for one in evidence
            if one.field == first.field and start <= one.start and one.end <= end
        }
    )
    return Quote(whole[start:end], tuple(inside))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Bounds of the sentence around `start`..`end`, cut at a space where it is too long."""
    left = 0
    right = len(text)
    window = max(0, start - 4 * MAX_QUOTE_CHARACTERS)
    for match in _END.finditer(text, window, min(len(text), end + 4 * MAX_QUOTE_CHARACTERS)):
        if match.end() <= start:
            left = match.end()
        elif match.start() >= end:
            right = match.end()
            break
    if right - left > MAX_QUOTE_CHARACTERS:
        room = max(0, MAX_QUOTE_CHARACTERS - (end - start)) // 2
        if start - left > room:
            space = text.find(" ", start - room, start)
            left = space + 1 if space >= 0 else start - room
        if right - end > room:
            space = text.rfind(" ", end, end + room)
            right = space if space >= 0 else end + room
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right

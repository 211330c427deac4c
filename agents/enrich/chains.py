"""Places in a row that a model takes for one name: `Palmyra, Raqqa`, `the Aleppo-Idlib` road."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from agents.enrich.context import trimmed
from agents.enrich.meant import meant
from agents.enrich.recognise import ModelSpan
from agents.names.scan import Found

_JOINT = re.compile(r"[-‐‑–—/,]| (?:and|et|y) ")

_AND = (" and ", " et ", " y ", ", and ")


def without_chains(text: str, names: Sequence[Found], model: list[ModelSpan]) -> list[ModelSpan]:
    """The model's spans but for those that known places and punctuation fill; `names` in order, none overlapping."""
    doubtful = [span for span in model if span.label != "place" and _JOINT.search(text, span.start, span.end)]
    if not doubtful:
        return model
    places = [name for name in names if meant(name.meanings).places]
    starts = [name.start for name in places]
    return [span for span in model if span not in doubtful or not _is_chain(text, span, places, starts)]


def _is_chain(text: str, span: ModelSpan, places: Sequence[Found], starts: Sequence[int]) -> bool:
    at, end = trimmed(text, span.start, span.end)
    count = 0
    for name in places[bisect_left(starts, at) :]:
        if name.end > end:
            break
        if any(map(str.isalnum, text[at : name.start])) and text[at : name.start] not in _AND:
            return False
        at, count = name.end, count + 1
    return count > 1 and not any(map(str.isalnum, text[at:end]))

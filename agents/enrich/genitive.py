"""German genitives of towns (`Aleppos Altstadt`), which no list spells out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from agents.enrich.meant import meant
from agents.names.key import fold
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Found
from agents.names.words import is_ordinary

_GENITIVE = re.compile(r"\b([A-ZÄÖÜ][^\W\d_]{2,}[^\W\d_sxzß])s\b")
LEAST_PEOPLE = 50_000
"""A smaller town that no pack describes is too often the beginning of a noun."""


def german_genitives(text: str, taken: Collection[int], knowledge: NamesKnowledge) -> Iterator[Found]:
    """Names of well-known towns with the genitive's `s`, but for words at the offsets `taken`."""
    for word in _GENITIVE.finditer(text):
        name = word.group(1)
        if word.start() in taken or is_ordinary(name):
            continue
        for found in knowledge.scan(fold(name), name):
            facts = meant(found.meanings)
            if found.surface == name and facts.places and (facts.theatre or facts.people >= LEAST_PEOPLE):
                yield found._replace(start=word.start(), end=word.end(), surface=word.group())

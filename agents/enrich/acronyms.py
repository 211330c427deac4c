"""Acronyms that mean another body than the one they are best known for: a text says so, or plays far from its home."""

from __future__ import annotations

import re
from collections.abc import Collection

from agents.names.entity import Entity
from agents.names.key import spelling

_GULF = frozenset(("SA", "AE", "KW", "QA", "BH", "OM"))
_SHARED = {"IRC": frozenset[str](), "GCC": _GULF, "CCG": _GULF, "OIC": _GULF, "OCI": _GULF}
"""International bodies' acronyms that others bear too (a chat, a compiler), each with the countries that are its home
beside those of the packs."""
_WORDS = re.compile(r"[^\W\d_][\w'’-]*")
_MOST_BEFORE = 90
_SHARED_WORDS = 0.5
"""Of the words of a body's name, how many the words before its brackets have at least where they mean it."""


def is_shared(acronym: str, here: Collection[str], theatre: Collection[str]) -> bool:
    """Whether an acronym that many bear stands in a text that speaks of no country where the known body works."""
    homes = _SHARED.get(acronym)
    return homes is not None and not any(country in homes or country in theatre for country in here)


def spelled_otherwise(text: str, acronym: str, entity: Entity) -> bool:
    """Whether a text itself spells an acronym out as another body: `the International Rugby Council (IRC)`.

    Words that do not begin with the acronym's letters tell nothing: it may stand for a name in another language.
    """
    at = text.find(f"({acronym})")
    if at < 0:
        return False
    words = [word.group() for word in _WORDS.finditer(text, max(0, at - _MOST_BEFORE), at)]
    named = [word for word in words if word[0].isupper()][-len(acronym) :]
    if [word[0] for word in named] != list(acronym):
        return False
    said = {spelling(word).lower() for word in named}
    return not any(
        len(said & own) >= _SHARED_WORDS * len(said)
        for own in ({word.lower() for word in spelling(name).split()} for name in entity.names)
    )

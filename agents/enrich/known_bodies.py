"""The armies, governments, ... of countries that packs know, found by what the text calls them and by the people."""

from __future__ import annotations

import re
from functools import lru_cache

from agents.names.entity import Entity
from agents.names.key import spelling
from agents.names.knowledge import NamesKnowledge

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.IGNORECASE))
    for kind, words in (
        ("army", r"armée|forces armées|army|armed forces|military|ejército|fuerzas armadas"),
        ("government", r"gouvernement|government|gobierno"),
        ("air force", r"armée de l['’]air|aviation|air force|fuerza aérea|aviación"),
        ("navy", r"marine|navy|armada"),
        ("police", r"police|police nationale|policía|policía nacional"),
        ("opposition", r"opposition|oposición"),
        ("coast guard", r"gardes?-côtes|coast guard|guardia costera"),
        ("red cross", r"croix-rouge|croissant-rouge|red cross|red crescent|cruz roja|media luna roja"),
    )
)


def kind_of_body(word: str) -> str:
    """`army` for `armée`, `ejército`, `armed forces`, ...; empty for a body of no such kind."""
    return next((kind for kind, words in _KINDS if words.fullmatch(word)), "")


@lru_cache(maxsize=2)
def known_bodies(knowledge: NamesKnowledge) -> dict[tuple[str, str], Entity]:
    """A country's bodies by kind and country code, as their own names tell (`armée syrienne`, `Syrian army`)."""
    found: dict[tuple[str, str], Entity] = {}
    for actor in knowledge.actors():
        for name in actor.names:
            first, _, rest = name.partition(" ")
            body, _, last = name.rpartition(" ")
            for people, word in ((first, rest), (last, body)):
                kind = kind_of_body(word) if word else ""
                if kind and actor.country and knowledge.people_of(people) == actor.country:
                    found.setdefault((kind, actor.country), actor)
    return found


@lru_cache(maxsize=2)
def at_home(knowledge: NamesKnowledge) -> dict[tuple[str, str], Entity]:
    """Bodies by what their own country calls them, folded and in small letters, and country code: `guardia nacional`
    for `Guardia Nacional de México` or `Guardia Nacional mexicana`.
    """
    found: dict[tuple[str, str], Entity] = {}
    countries = {code: {spelling(name) for name in names} for code, names in knowledge.country_names().items()}
    for actor in knowledge.actors():
        for name in actor.names if actor.country else ():
            body, _, last = name.rpartition(" ")
            of = _OF.sub("", body)
            if of != body and spelling(last) in countries.get(actor.country or "", ()):
                body = of
            elif knowledge.people_of(last) != actor.country:
                continue
            if " " in body:
                found.setdefault((spelling(body).lower(), actor.country or ""), actor)
    return found


_OF = re.compile(r" (?:de|du|del|d['’])$")

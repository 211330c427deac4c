"""What follows from the meanings of a name alone, told once for every name met lately: news repeats names."""

from __future__ import annotations

import heapq

from agents.enrich.candidates import prior_of
from agents.enrich.learnt import ranking
from agents.enrich.span import is_big
from agents.names.entity import Entity
from agents.names.scan import Meanings

_REMEMBERED = 50_000
_LIKELY = 4


class Meant:
    """Facts about one name's meanings."""

    __slots__ = (
        "actors", "all_codes", "all_countries", "big", "likely", "meanings", "more_than_routes", "people",
        "places", "routes", "theatre",
    )  # fmt: skip

    def __init__(self, meanings: Meanings) -> None:
        weights = ranking().prior
        self.meanings = meanings
        self.places = _those(meanings, "place")
        self.actors = _those(meanings, "actor")
        self.routes = any(meaning.entity.kind == "route" for meaning in meanings)
        self.more_than_routes = any(meaning.entity.kind != "route" for meaning in meanings)
        self.all_codes = all(meaning.code for meaning in meanings)
        self.all_countries = all(meaning.entity.feature == "country" for meaning in meanings)
        self.big = any(is_big(meaning.entity) for meaning in meanings)
        self.theatre = any(meaning.entity.source.startswith(("pack:", "watch:")) for meaning in meanings)
        self.people = max((meaning.entity.population for meaning in meanings), default=0)
        """Of the largest place."""
        self.likely: tuple[Entity, ...] = tuple(
            meaning.entity for meaning in heapq.nlargest(_LIKELY, meanings, lambda meaning: prior_of(meaning, weights))
        )
        """The likeliest senses when nothing else is said, likeliest first."""


def _those(meanings: Meanings, kind: str) -> Meanings:
    kept = tuple(meaning for meaning in meanings if meaning.entity.kind == kind)
    return meanings if len(kept) == len(meanings) else kept


_MET: dict[int, Meant] = {}


def meant(meanings: Meanings) -> Meant:
    """The facts about a name's meanings."""
    met = _MET.get(id(meanings))
    if met is not None:  # it holds its meanings, so their id is theirs alone
        return met
    if len(_MET) >= _REMEMBERED:
        _MET.clear()
    made = _MET[id(meanings)] = Meant(meanings)
    return made

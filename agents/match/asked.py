"""What an article says, in the numbers that postings are kept under."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from agents.match.facts import Facts
from agents.match.keys import CITIES, NAMED, WRITTEN, EntityKeys, code_key, pair_key


class Asked:
    """The entities, pairs of places, countries and phrases of an article, as far as any watch asks for them."""

    __slots__ = ("countries", "entities", "pairs", "phrases")

    def __init__(self, facts: Facts, keys: EntityKeys, cities: Collection[int]) -> None:
        """`cities` are the big cities two of which name a road where one sentence joins them."""
        named = {key: entity for entity in facts.named if (key := keys.find(entity)) is not None}
        self.entities = named.keys()
        self.pairs = _pairs(facts, keys)
        for one, other in combinations([key for key in named if key in cities], 2):
            if facts.same_road_sentence(named[one], named[other]):
                self.pairs.add(pair_key(CITIES, one, other))
        self.countries = {code_key(country) for country in facts.countries}
        self.phrases = facts.phrases.keys()


def _pairs(facts: Facts, keys: EntityKeys) -> set[int]:
    pairs: set[int] = set()
    for (first, second), roads in facts.roads.items():
        one, other = keys.find(first), keys.find(second)
        if one is not None and other is not None:
            pairs.update(pair_key(WRITTEN if road.entity is None else NAMED, one, other) for road in roads)
    return pairs

"""Watches ready for matching: each is looked at only when an article holds something that could fire it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations

import shapely

from agents.match.conditions import CompiledCondition
from agents.match.facts import Facts, Pair, pair
from agents.match.phrase import PhraseScanner
from agents.names.entity import Knowledge
from streams.records import EnrichedArticle

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompiledWatch:
    """A watch whose conditions are resolved; conditions are shared between watches that ask the same."""

    id: str
    any: tuple[CompiledCondition, ...]
    all: tuple[CompiledCondition, ...]
    none: tuple[CompiledCondition, ...]
    languages: frozenset[str]
    outlets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postings:
    """From what an article says to the conditions that may hold, by number, and from these to their watches."""

    entities: Mapping[str, Numbers]
    countries: Mapping[str, Numbers]
    pairs: Mapping[Pair, Numbers]
    """Two places of a road."""
    phrases: Mapping[int, Numbers]
    quiet: frozenset[str]
    """Big cities that do not fire some road alone, but two of them in one sentence may."""
    boxes: shapely.STRtree | None
    """Around every corridor, circle and shape, for what was not known when the watches were made."""
    box_conditions: Numbers
    """The condition of each box of the tree."""
    watches: Sequence[Numbers]
    """For each condition the watches that it brings up."""


@dataclass(frozen=True)
class CompiledWatches:
    """All watches, in the order of the settings file."""

    watches: tuple[CompiledWatch, ...]
    postings: Postings
    scanner: PhraseScanner
    knowledge: Knowledge
    """What was known when the watches were made."""
    by_id: Mapping[str, CompiledWatch] = field(init=False)
    _known: Callable[[str], bool] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {watch.id: watch for watch in self.watches})
        object.__setattr__(self, "_known", cache(lambda entity_id: self.knowledge.entity(entity_id) is not None))

    def __len__(self) -> int:
        return len(self.watches)

    def __iter__(self) -> Iterator[CompiledWatch]:
        return iter(self.watches)

    def get(self, watch_id: str) -> CompiledWatch | None:
        """The watch of this id, or None."""
        return self.by_id.get(watch_id)

    def facts(self, enriched: EnrichedArticle) -> Facts:
        """What an article says, as far as these watches ask."""
        return Facts(enriched, self.scanner, self._known)

    def candidates(self, facts: Facts) -> list[CompiledWatch]:
        """The watches that may fire, in the order of the settings file."""
        postings = self.postings
        conditions: set[int] = set()
        for entity in facts.named:
            conditions.update(postings.entities.get(entity, ()))
        for country in facts.countries:
            conditions.update(postings.countries.get(country, ()))
        for two in facts.roads:
            conditions.update(postings.pairs.get(two, ()))
        for one, other in combinations([entity for entity in facts.named if entity in postings.quiet], 2):
            conditions.update(postings.pairs.get(pair(one, other), ()))
        for number in facts.phrases:
            conditions.update(postings.phrases.get(number, ()))
        if facts.loose and postings.boxes is not None:
            points = shapely.points([(mention.lon, mention.lat) for mention in facts.loose])
            for found in postings.boxes.query(points, predicate="intersects")[1]:
                conditions.add(postings.box_conditions[found])
        numbers = {number for condition in conditions for number in postings.watches[condition]}
        return [self.watches[number] for number in sorted(numbers)]

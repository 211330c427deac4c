"""Conditions as they are asked: names are entity ids, areas are sets of places. Each can prove itself."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from agents.match.corridor import Corridor
from agents.match.facts import Facts, mentions_of
from agents.match.placing import Proof, how_far, loose_within, placed_within
from agents.match.route import Route
from agents.match.watch import ConditionKind
from agents.names.entity import Entity
from streams.records import Mention


@dataclass(frozen=True, eq=False)
class Town:
    """A town, and what lies near it where that was asked for."""

    place: Entity
    ids: tuple[str, ...]
    """The town's own id first, then those of its doubles in the gazetteer."""
    near: frozenset[str] = frozenset()
    circle: Corridor | None = None
    kind: ConditionKind = "town"

    def holds(self, facts: Facts) -> bool:
        """Whether the town is named or something is placed near it."""
        named = facts.named
        return (
            any(one in named for one in self.ids)
            or not named.keys().isdisjoint(self.near)
            or bool(self.circle and loose_within(self.circle, facts))
        )

    def proof(self, facts: Facts) -> Proof:
        """Why it holds."""
        name = self.place.name
        own = mentions_of(facts, self.ids)
        near = placed_within(facts, self.near.difference(self.ids), self.circle)
        evidence = [facts.evidence(mention, f"names {name}") for mention in own]
        evidence += [facts.evidence(mention, f"{how_far(mention, self.circle)} from {name}") for mention in near]
        if own:
            return Proof(f"{name} is named", tuple(evidence))
        return Proof(f"{near[0].name} lies {how_far(near[0], self.circle)} from {name}", tuple(evidence))


@dataclass(frozen=True, eq=False)
class Actor:
    """An actor."""

    actor: Entity
    ids: tuple[str, ...]
    kind: ConditionKind = "actor"

    def holds(self, facts: Facts) -> bool:
        """Whether the actor is named."""
        return any(one in facts.named for one in self.ids)

    def proof(self, facts: Facts) -> Proof:
        """Why it holds."""
        name = self.actor.name
        evidence = [facts.evidence(mention, f"names {name}") for mention in mentions_of(facts, self.ids)]
        return Proof(f"{name} is named", tuple(evidence))


@dataclass(frozen=True, eq=False)
class Inside:
    """An area: a country by its code, or a shape with the places in it."""

    name: str
    country: str | None = None
    shape: BaseGeometry | None = None
    places: frozenset[str] = frozenset()
    kind: ConditionKind = "area"

    def holds(self, facts: Facts) -> bool:
        """Whether something is placed inside."""
        if self.country is not None:
            return self.country in facts.countries
        return not facts.named.keys().isdisjoint(self.places) or bool(self._loose(facts))

    def _loose(self, facts: Facts) -> list[Mention]:
        return [mention for mention in facts.loose if shapely.intersects_xy(self.shape, mention.lon, mention.lat)]

    def proof(self, facts: Facts) -> Proof:
        """Why it holds."""
        if self.country is not None:
            placed = facts.countries[self.country]
        else:
            placed = mentions_of(facts, [one for one in facts.named if one in self.places]) + self._loose(facts)
        evidence = [facts.evidence(mention, f"lies in {self.name}") for mention in placed]
        return Proof(f"{placed[0].name} lies in {self.name}", tuple(evidence))


@dataclass(frozen=True, eq=False)
class Phrase:
    """Words that stand in the text."""

    words: str
    folded: str
    number: int
    kind: ConditionKind = "phrase"

    def holds(self, facts: Facts) -> bool:
        """Whether the words stand in the title or the text."""
        return self.number in facts.phrases

    def proof(self, facts: Facts) -> Proof:
        """Why it holds."""
        evidence = facts.phrase_evidence(self.number, f'the words "{self.words}"')
        return Proof(f'The words "{self.words}" stand in the article', tuple(evidence))


CompiledCondition = Town | Actor | Route | Inside | Phrase

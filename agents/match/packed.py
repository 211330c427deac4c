"""Packed watches: a million of them in a few arrays, and which of them an article fires."""

from __future__ import annotations

import json
from collections.abc import Container

import numpy as np

from agents.match.asked import Asked
from agents.match.conditions import CompiledCondition
from agents.match.facts import Facts
from agents.match.keys import EntityKeys
from agents.match.making import Maker
from agents.match.phrase import PhraseScanner
from agents.match.postings import lay_postings
from agents.match.resolved import condition_of
from agents.match.tables import ALL, ANY, NONE, Scope, Tables, digest
from agents.match.traits import CompiledWatch, in_scope

_REMEMBERED = 5_000
"""Conditions, and watches, that are kept as they were made: those that fire, fire again."""


class PackedWatches:
    """Watches that do not change any more; safe to use in several threads."""

    def __init__(self, tables: Tables, maker: Maker, keys: EntityKeys) -> None:
        self.tables = tables
        self.postings = lay_postings(tables)
        self.scanner = PhraseScanner(tables.phrases)
        self._maker = maker
        self.keys = keys
        self._by_digest = np.argsort(tables.id_digests).astype(np.int32)
        self._digests = tables.id_digests.take(self._by_digest)
        self._asks_facts = np.array([scope.facts_only for scope in tables.scopes], dtype=bool)
        self.any_facts_only = bool(self._asks_facts.any())
        self._made: dict[int, CompiledCondition] = {}
        self._watches: dict[int, CompiledWatch] = {}

    def __len__(self) -> int:
        return len(self.tables)

    def id(self, position: int) -> str:
        """The id of a watch."""
        return self.tables.ids.text(position)

    def order(self, position: int) -> int:
        """Where a watch stands among the hits."""
        return int(self.tables.order[position])

    def find(self, watch: str) -> int | None:
        """The position of a watch, or None."""
        wanted = np.uint64(digest(watch.encode()))
        at = int(np.searchsorted(self._digests, wanted))
        while at < len(self._digests) and self._digests[at] == wanted:
            position = int(self._by_digest[at])
            if self.id(position) == watch:
                return position
            at += 1
        return None

    def firing(self, facts: Facts, gone: Container[int], *, facts_only: bool) -> list[int]:
        """The positions of the watches that fire, but those `gone`: those that ask for facts only, or the others."""
        asked = Asked(facts, self.keys, self.postings.cities)
        holding = self.postings.holding(asked)
        around = self.postings.around(facts)
        looking = _Looking(self, facts, asked, holding)
        found = []
        for position in self.postings.brought_up(holding | around):
            if position not in gone and self.scope(position).facts_only == facts_only and looking.fires(position):
                found.append(position)
        return found

    def scope(self, position: int) -> Scope:
        """What a watch asks beside its conditions."""
        return self.tables.scopes[int(self.tables.scope[position])]

    def watch(self, position: int) -> CompiledWatch:
        """A watch with its conditions made."""
        made = self._watches.get(position)
        if made is None:
            made = self._make_watch(position)
            if len(self._watches) >= _REMEMBERED:
                self._watches = {}
            self._watches[position] = made
        return made

    def _make_watch(self, position: int) -> CompiledWatch:
        groups: list[list[CompiledCondition]] = [[], [], []]
        for clause in self.tables.clauses.row(position):
            groups[clause & 3].append(self.condition(clause >> 2))
        return CompiledWatch(
            self.id(position), tuple(groups[ANY]), tuple(groups[ALL]), tuple(groups[NONE]), self.scope(position)
        )

    def condition(self, number: int) -> CompiledCondition:
        """A condition, made."""
        made = self._made.get(number)
        if made is None:
            tables = self.tables
            made = self._maker.make(
                condition_of(json.loads(tables.source.text(number))),
                tables.triggers.row(number),
                tables.quiet.row(number),
                int(tables.phrase[number]),
            )
            if len(self._made) >= _REMEMBERED:
                self._made = {}
            self._made[number] = made
        return made


class _Looking:
    """Whether watches fire on one article, each condition looked at once."""

    def __init__(self, watches: PackedWatches, facts: Facts, asked: Asked, holding: set[int]) -> None:
        self._watches = watches
        self._tables = watches.tables
        self._facts = facts
        self._asked = asked
        self._known = dict.fromkeys(holding, True)

    def fires(self, position: int) -> bool:
        """What must hold first, then what must not, then language and outlet."""
        some = wanted = False
        unwanted = []
        for clause in self._tables.clauses.row(position):
            group, condition = clause & 3, clause >> 2
            if group == ANY:
                wanted = True
                some = some or self._holds(condition)
            elif group == ALL:
                if not self._holds(condition):
                    return False
            else:
                unwanted.append(condition)
        return (
            (some or not wanted)
            and not any(self._holds(condition) for condition in unwanted)
            and in_scope(self._watches.scope(position), self._facts)
        )

    def _holds(self, condition: int) -> bool:
        known = self._known.get(condition)
        if known is None:
            known = self._known[condition] = self._look(condition)
        return known

    def _look(self, condition: int) -> bool:
        tables, asked = self._tables, self._asked
        if not asked.entities.isdisjoint(tables.triggers.row(condition)):
            return True
        if asked.pairs and not asked.pairs.isdisjoint(tables.pairs.row(condition)):
            return True
        if int(tables.country[condition]) in asked.countries or int(tables.phrase[condition]) in asked.phrases:
            return True
        if self._facts.loose and len(tables.boxes[condition]):
            return self._watches.condition(condition).holds(self._facts)
        return False

"""Watches ready for matching, as they stood at one moment: the packed ones, and the changes since."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from agents.match.delta import Delta, Scanners
from agents.match.facts import Facts
from agents.match.packed import PackedWatches
from agents.match.traits import CompiledWatch
from agents.names.entity import Knowledge
from streams.records import EnrichedArticle

__all__ = ["CompiledWatch", "CompiledWatches", "DeltaView"]

_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class DeltaView:
    """The first so many watches of a delta, but those gone."""

    delta: Delta
    upto: int
    gone: frozenset[int]

    def numbers(self) -> Iterator[int]:
        """Those that are in force."""
        return (number for number in range(self.upto) if number not in self.gone)

    def find(self, watch: str) -> int | None:
        """The number of the watch of this id, or None."""
        found = self.delta.numbers_of(watch)
        return next((number for number in found if number < self.upto and number not in self.gone), None)


@dataclass(frozen=True)
class CompiledWatches:
    """All watches, in the order of the settings file and then as they were added. Never changes."""

    base: PackedWatches
    knowledge: Knowledge
    """What was known when the watches were made."""
    gone: frozenset[int] = frozenset()
    """Positions of the packed watches that are removed or changed since."""
    deltas: tuple[DeltaView, ...] = ()
    known: Callable[[str], bool] | None = None
    _scanner: Scanners = field(init=False)

    def __post_init__(self) -> None:
        if self.known is None:
            object.__setattr__(self, "known", knows(self.knowledge))
        parts = [part for view in self.deltas for part in view.delta.scanners]
        object.__setattr__(self, "_scanner", Scanners([(0, self.base.scanner), *parts]))

    def __len__(self) -> int:
        return len(self.base) - len(self.gone) + sum(view.upto - len(view.gone) for view in self.deltas)

    def __iter__(self) -> Iterator[CompiledWatch]:
        return iter(self.watches)

    @cached_property
    def watches(self) -> tuple[CompiledWatch, ...]:
        """Every watch with its conditions made, in order: for people and tests, not for a million."""
        base = self.base
        found = [(base.order(at), base.watch(at)) for at in range(len(base)) if at not in self.gone]
        for view in self.deltas:
            found += [(view.delta.orders[number], view.delta.watches[number]) for number in view.numbers()]
        return tuple(watch for _, watch in sorted(found, key=lambda one: one[0]))

    @property
    def by_id(self) -> Mapping[str, CompiledWatch]:
        """Every watch by its id; only those asked for are made."""
        return _ById(self)

    def get(self, watch_id: str) -> CompiledWatch | None:
        """The watch of this id, or None; only this one is made."""
        for view in self.deltas:
            if (number := view.find(watch_id)) is not None:
                return view.delta.watches[number]
        position = self.base.find(watch_id)
        return None if position is None or position in self.gone else self.base.watch(position)

    def definition(self, watch_id: str) -> str:
        """The watch of this id as it was written, JSON; empty where there is none or it is not kept."""
        for view in self.deltas:
            if (number := view.find(watch_id)) is not None:
                return view.delta.resolved[number].definition
        position = self.base.find(watch_id)
        return "" if position is None or position in self.gone else self.base.tables.definitions.text(position)

    def facts(self, enriched: EnrichedArticle) -> Facts:
        """What an article says, as far as these watches ask."""
        assert self.known is not None
        return Facts(enriched, self._scanner, self.known)

    def firing(self, enriched: EnrichedArticle) -> list[tuple[CompiledWatch, Facts]]:
        """The watches that fire on an article, in order, each with the facts that it looks at."""
        facts = self.facts(enriched)
        found = self._firing(facts, facts_only=False)
        if self._any_facts_only():
            found += self._firing(facts.sure(), facts_only=True)
        return [(watch, looked) for _, watch, looked in sorted(found, key=lambda one: one[0])]

    def _any_facts_only(self) -> bool:
        return self.base.any_facts_only or any(view.delta.any_facts_only for view in self.deltas)

    def _firing(self, facts: Facts, *, facts_only: bool) -> list[tuple[int, CompiledWatch, Facts]]:
        base = self.base
        positions = base.firing(facts, self.gone, facts_only=facts_only)
        found = [(base.order(position), base.watch(position), facts) for position in positions]
        for view in self.deltas:
            numbers = view.delta.firing(facts, view.upto, view.gone, facts_only=facts_only)
            found += [(view.delta.orders[number], view.delta.watches[number], facts) for number in numbers]
        return found


class _ById(Mapping[str, CompiledWatch]):
    def __init__(self, watches: CompiledWatches) -> None:
        self._watches = watches

    def __getitem__(self, watch: str) -> CompiledWatch:
        found = self._watches.get(watch)
        if found is None:
            raise KeyError(watch)
        return found

    def __iter__(self) -> Iterator[str]:
        return (watch.id for watch in self._watches)

    def __len__(self) -> int:
        return len(self._watches)


def knows(knowledge: Knowledge) -> Callable[[str], bool]:
    """Whether an entity is known, asked once each."""
    return lru_cache(_REMEMBERED)(knowledge.knows)

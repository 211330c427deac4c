"""Watches that change while articles are matched: what was asked last holds from the next article on.

Most watches are packed and do not change. Changes go to a small delta beside them, and what they replace is marked as
gone. When the delta has grown, a thread packs everything anew, in steps that let the others have their turn, while
further changes go to a new delta (a log-structured merge; O'Neil et al., Acta Informatica 33, 1996).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Lock, Thread

from pydantic import ValidationError

from agents.match.change import Change, packed_anew, size
from agents.match.compile import CompiledWatches, Entities, NameProblem, WatchResolver
from agents.match.delta import Delta
from agents.match.ground import Ground
from agents.match.heap import give_large_blocks_back
from agents.match.keys import EntityKeys
from agents.match.making import Maker
from agents.match.packed import PackedWatches
from agents.match.packing import Packer
from agents.match.resolved import KeptWatch, ResolvedWatch
from agents.match.traces import PlaceForgotten, Tracer
from agents.match.watch import Watch
from agents.names.entity import Entity, Knowledge
from streams.memory import loading

log = logging.getLogger(__name__)

Given = Watch | ResolvedWatch | KeptWatch
"""A watch as it was written, or with its names resolved."""
MERGE_AT = 4000
"""Changes in the delta from which it is merged: enough that merging a million is seldom, few enough to look through."""


class LiveWatches:
    """The watches of this process; `matcher` is what `match`, `explain` and `backtest` take.

    A matcher never changes: whoever took one before a change goes on with the watches as they were. `apply` may be
    called from one thread at a time.
    """

    def __init__(self, watches: Iterable[Given], knowledge: Knowledge, *, merge_at: int = MERGE_AT) -> None:
        """Pack the watches, each of another id, in the order of their hits.

        A `KeptWatch`, as an archive keeps it, costs a fiftieth of a `Watch` with names to look up.
        """
        self._knowledge = knowledge
        self._merge_at = merge_at
        self._keys = EntityKeys()
        self._known = Entities(knowledge)
        self._ground = Ground(knowledge, self._keys)
        self._tracer = Tracer(self._known.entity, self._ground, self._keys)
        self._maker = Maker(self._known.entity, self._keys)
        self._resolver = WatchResolver(knowledge)
        self._brought: dict[str, tuple[Entity, ...]] = {}
        self._lock = Lock()
        self._merging: Thread | None = None
        self._touched: set[str] = set()
        self._deltas_made = 0
        self._closed = False
        self.merges = 0
        """How often the delta was merged."""
        give_large_blocks_back()
        with loading():  # packing makes much garbage, none of it in circles
            base, self.problems = self._pack(watches)
            self._next_order = int(base.tables.order[-1]) + 1 if len(base) else 0
            self._delta = self._new_delta()
            self._matcher = CompiledWatches(base, knowledge)

    def _pack(self, watches: Iterable[Given]) -> tuple[PackedWatches, list[NameProblem]]:
        packer = Packer(self._tracer)
        problems: list[NameProblem] = []
        for position, given in enumerate(watches):
            watch, asks = given, ""
            if isinstance(given, KeptWatch):
                asks = given.asks()
                if asks and packer.again(given, asks, position):
                    continue
                with suppress(ValueError):
                    watch = given.read()
            resolved, found = self._resolved(watch, position)
            problems += found
            if resolved is not None:
                if resolved.entities:
                    self._learn(resolved)
                # what could not be read is resolved anew, each by its own definition
                packer.add(resolved, position, "" if watch is given else asks)
        tables = packer.tables()
        problems += [_forgotten(watch, 0, place) for watch, place in packer.forgotten.items()]
        return PackedWatches(tables, self._maker, self._keys), problems

    @property
    def matcher(self) -> CompiledWatches:
        """The watches as they stand; safe to take and to use in any thread at any time."""
        return self._matcher

    @property
    def entities(self) -> tuple[Entity, ...]:
        """What only watches know by name, for enrichment to learn; each entity once."""
        found = {entity.id: entity for entities in tuple(self._brought.values()) for entity in entities}
        return tuple(found.values())

    @property
    def merging(self) -> bool:
        """Whether the delta is being merged."""
        return self._merging is not None and self._merging.is_alive()

    def watch(self, watch_id: str) -> Watch | None:
        """The watch of this id as it was written, or None where there is none or its definition is not kept."""
        definition = self._matcher.definition(watch_id)
        return Watch.model_validate_json(definition) if definition else None

    def apply(self, changed: Sequence[Given], removed: Sequence[str]) -> list[NameProblem]:
        """Drop the watches of the ids `removed`, then add or replace those of `changed`, at once.

        A changed watch keeps its place in the order of hits. One with a name that means nothing is left out, and the
        one it was to replace goes on; what to tell its owner is returned.
        """
        problems: list[NameProblem] = []
        ready: list[ResolvedWatch] = []
        for position, watch in enumerate(changed):
            resolved, found = self._resolved(watch, position)
            problems += found
            if resolved is not None:
                ready.append(resolved)
        with self._lock:
            change = Change(self._matcher, self._delta)
            for one in removed:
                if change.drop(one) is not None:
                    self._touched.add(one)
                self._brought.pop(one, None)
            for position, resolved in enumerate(ready):
                self._learn(resolved)
                try:
                    number = self._delta.add(resolved, self._next_order)
                except PlaceForgotten as error:
                    problems.append(_forgotten(resolved.id, position, str(error)))
                    continue
                self._next_order += 1
                kept = change.drop(resolved.id, but=number)
                if kept is not None:
                    self._delta.orders[number] = kept
                self._touched.add(resolved.id)
            self._matcher = change.done()
            if size(self._matcher) >= self._merge_at and not self.merging and not self._closed:
                self._start_merging()
        return problems

    def close(self) -> None:
        """Wait for the work in the background, and begin no more."""
        self._closed = True
        self.wait()

    def wait(self) -> None:
        """Wait until the delta is merged, if it is being merged."""
        if self._merging is not None:
            self._merging.join()

    def _resolved(self, watch: Given, position: int) -> tuple[ResolvedWatch | None, list[NameProblem]]:
        if isinstance(watch, ResolvedWatch):
            return watch, []
        if isinstance(watch, KeptWatch):
            with suppress(ValueError):
                return watch.read(), []
            try:
                watch = Watch.model_validate_json(watch.definition)
            except ValidationError as error:
                return None, [_not_understood(watch.id, position, error)]
        self._resolver.problems = []
        return self._resolver.resolve(watch, position), self._resolver.problems

    def _learn(self, watch: ResolvedWatch) -> None:
        if watch.entities:
            self._known.learn(watch.entities)
            self._brought[watch.id] = watch.entities
        else:
            self._brought.pop(watch.id, None)

    def _new_delta(self) -> Delta:
        self._deltas_made += 1
        return Delta(self._tracer, self._maker, self._keys, self._deltas_made << 32)

    def _start_merging(self) -> None:
        self._touched = set()
        self._delta = self._new_delta()
        self._merging = Thread(target=self._merge, args=(self._matcher,), name="merge-watches", daemon=True)
        self._merging.start()

    def _merge(self, frozen: CompiledWatches) -> None:
        """Pack everything in force in `frozen` anew; what has changed since stays in the delta."""
        try:
            base = PackedWatches(packed_anew(frozen, Packer(self._tracer)), self._maker, self._keys)
        except Exception:
            log.exception("merging the changes of watches failed; they stay in force beside the others")
            return
        with self._lock:
            stale = (base.find(watch) for watch in self._touched)
            gone = frozenset(position for position in stale if position is not None)
            newest = [view for view in self._matcher.deltas if view.delta is self._delta]
            self._matcher = replace(self._matcher, base=base, gone=gone, deltas=tuple(newest))
            self.merges += 1


def _not_understood(watch: str, position: int, error: ValidationError) -> NameProblem:
    first = error.errors()[0]
    step = ".".join(map(str, first["loc"]))
    message = f"it is not understood ({step}: {first['msg']}); was it written by a newer newswatch?"
    return NameProblem(watch, position, first["loc"], "error", message)


def _forgotten(watch: str, position: int, place: str) -> NameProblem:
    message = f"nobody knows any more where {place} lies: write the place again, by a name that is known"
    return NameProblem(watch, position, (), "error", message)

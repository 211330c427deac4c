"""Packing: watches one after another into columns."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.match.resolved import KeptWatch, ResolvedCondition, ResolvedWatch
from agents.match.rows import Rows
from agents.match.tables import ALL, ANY, NONE, Scope, Tables, digest, merged
from agents.match.texts import Texts, all_of
from agents.match.traces import Tracer

_EVERYTHING = Scope()
_TOGETHER = 1000
"""Watches laid down and conditions traced at once: a thousand corridors together take a tenth of each alone."""


class _Column:
    """Rows that grow."""

    def __init__(self, kind: str) -> None:
        self.starts = array("q", [0])
        self.values = array(kind)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def add(self, values: Sequence[Any]) -> None:
        self.values.extend(values)
        self.starts.append(len(self.values))

    def add_texts(self, texts: Sequence[bytes]) -> None:
        ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))) + len(self.values)
        self.starts.frombytes(ends.tobytes())
        self.values.frombytes(b"".join(texts))

    def add_rows(self, rows: Rows) -> None:
        starts = rows.starts[1:].astype(np.int64) + len(self.values)
        self.starts.frombytes(starts.tobytes())
        self.values.frombytes(rows.values.astype(self.values.typecode).tobytes())

    def rows(self, kind: Any) -> Rows:
        """The rows so far, without a copy of what they hold; the column grows no more."""
        starts = np.frombuffer(self.starts, dtype=np.int64)
        values = np.frombuffer(self.values, dtype=kind) if len(self.values) else np.empty(0, dtype=kind)
        return Rows(starts.astype(np.int32) if starts[-1] < 2**31 else starts, values)

    def texts(self) -> Texts:
        """The rows so far as the texts that they are."""
        return all_of(self.rows(np.uint8))


class Packer:
    """Takes watches in the order of their hits; `forgotten` are those whose ground is no longer known."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._ids, self._definitions = _Column("B"), _Column("B")
        self._id_digests, self._order = array("Q"), array("q")
        self._written: list[tuple[str, str]] = []
        """Ids and definitions that are not in their columns yet: a thousand at once cost half."""
        self._clauses = _Column("i")
        self._scope = array("i")
        self._scopes: dict[Scope, int] = {}
        self._numbers: dict[int, int] = {}
        self._asked: dict[int, int] = {}
        self._waiting: list[ResolvedCondition] = []
        self._sources = _Column("B")
        self._common, self._country, self._phrase = array("f"), array("i"), array("i")
        self._phrases: dict[str, int] = {}
        self._triggers, self._quiet, self._pairs, self._boxes = _Column("i"), _Column("i"), _Column("q"), _Column("d")
        self._failed: dict[int, str] = {}
        self.forgotten: dict[str, str] = {}
        """Id of a watch to the place it lost; known after `tables`."""

    def add(self, watch: ResolvedWatch, order: int, asks: str = "") -> None:
        """Take one more watch; `asks` is what those have in common that ask the same, see `again`."""
        number = self._number
        clauses = [number(condition) << 2 | ANY for condition in watch.any]
        if watch.all:
            clauses += [number(condition) << 2 | ALL for condition in watch.all]
        if watch.none:
            clauses += [number(condition) << 2 | NONE for condition in watch.none]
        scope = _EVERYTHING
        if watch.languages or watch.outlets or watch.facts_only:
            scope = Scope(frozenset(watch.languages), watch.outlets, watch.facts_only)
        if asks:
            self._asked[digest(asks)] = len(self._order)
        self._add(watch.id, watch.definition, order, clauses, self._scopes.setdefault(scope, len(self._scopes)))

    def again(self, watch: KeptWatch, asks: str, order: int) -> bool:
        """Take a watch that asks what an earlier one asked; whether one did."""
        earlier = self._asked.get(digest(asks))
        if earlier is None:
            return False
        starts, values = self._clauses.starts, self._clauses.values
        clauses = values[starts[earlier] : starts[earlier + 1]]
        self._add(watch.id, watch.definition, order, clauses, self._scope[earlier])
        return True

    def _add(self, watch: str, definition: str, order: int, clauses: Sequence[int], scope: int) -> None:
        self._written.append((watch, definition))
        if len(self._written) == _TOGETHER:
            self._lay()
        self._order.append(order)
        self._clauses.add(clauses)
        self._scope.append(scope)

    def _lay(self) -> None:
        ids = [watch.encode() for watch, _ in self._written]
        self._ids.add_texts(ids)
        self._id_digests.extend(map(digest, ids))
        self._definitions.add_texts([definition.encode() for _, definition in self._written])
        self._written = []

    def _number(self, condition: ResolvedCondition) -> int:
        # of the condition itself: half of all were asked for before and need not be written out
        number = self._numbers.setdefault(digest(condition), len(self._numbers))
        if number == len(self._sources) + len(self._waiting):
            self._waiting.append(condition)
            if len(self._waiting) == _TOGETHER:
                self._trace()
        return number

    def _trace(self) -> None:
        self._sources.add_texts([condition.text() for condition in self._waiting])
        traces = self._tracer.trace(self._waiting)
        self._failed.update((len(self._common) + number, place) for number, place in traces.forgotten.items())
        self._common.extend(traces.common.tolist())
        self._country.extend(traces.country)
        self._phrase.extend(
            self._phrases.setdefault(phrase, len(self._phrases)) if phrase else -1 for phrase in traces.phrase
        )
        self._triggers.add_rows(traces.triggers)
        self._quiet.add_rows(traces.quiet)
        self._pairs.add_rows(traces.pairs)
        self._boxes.add_rows(traces.boxes)
        self._waiting = []

    def tables(self) -> Tables:
        """Everything taken so far; the packer is used up."""
        self._trace()
        self._lay()
        digests = np.fromiter(self._numbers, dtype=np.uint64, count=len(self._numbers))
        self._numbers.clear()
        self._asked.clear()
        found = Tables(
            ids=self._ids.texts(),
            id_digests=np.array(self._id_digests, dtype=np.uint64),
            definitions=self._definitions.texts(),
            order=np.array(self._order, dtype=np.int64),
            clauses=self._clauses.rows(np.int32),
            scope=np.array(self._scope, dtype=np.int32),
            scopes=tuple(self._scopes),
            source=self._sources.texts(),
            digests=digests,
            common=np.array(self._common, dtype=np.float32),
            country=np.array(self._country, dtype=np.int32),
            phrase=np.array(self._phrase, dtype=np.int32),
            phrases=tuple(self._phrases),
            triggers=self._triggers.rows(np.int32),
            quiet=self._quiet.rows(np.int32),
            pairs=self._pairs.rows(np.int64),
            boxes=self._boxes.rows(np.float64),
        )
        return self._without_failed(found) if self._failed else found

    def _without_failed(self, tables: Tables) -> Tables:
        clauses = tables.clauses
        keep = np.ones(len(tables), dtype=bool)
        for clause in np.flatnonzero(np.isin(clauses.values >> 2, list(self._failed))).tolist():
            watch = int(np.searchsorted(clauses.starts, clause, side="right")) - 1
            keep[watch] = False
            self.forgotten.setdefault(tables.ids.text(watch), self._failed[int(clauses.values[clause]) >> 2])
        return merged([tables], [keep])

"""Watches and their conditions as columns: what is kept of a million of them, without a Python object for each."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from agents.match.rows import Array, Index, Rows, gather, gather_column, scatter
from agents.match.texts import Texts, chosen

ANY, ALL, NONE = range(3)
"""The group of a clause."""


class Scope(NamedTuple):
    """What a watch asks beside its conditions; watches share few of them."""

    languages: frozenset[str] = frozenset()
    outlets: tuple[str, ...] = ()
    facts_only: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """Watches by position, which is the order of hits, and conditions by number, each only once."""

    ids: Texts
    id_digests: Array
    """For each watch the digest of its id."""
    definitions: Texts
    """As they were written, JSON, where they are kept."""
    order: Index
    """Grows with the position; a changed watch keeps its own."""
    clauses: Rows
    """For each watch its clauses, any before all before none: the number of the condition times 4, and the group."""
    scope: Array
    """Which of `scopes`."""
    scopes: tuple[Scope, ...]
    source: Texts
    """For each condition what it was resolved to, JSON."""
    digests: Array
    """A number for each different source."""
    common: Array
    country: Array
    """`code_key` of the country a condition asks for, or 0."""
    phrase: Array
    """Which of `phrases`, or -1."""
    phrases: tuple[str, ...]
    """Folded."""
    triggers: Rows
    quiet: Rows
    pairs: Rows
    boxes: Rows
    """South, west, north, east; then those of the next box."""

    def __len__(self) -> int:
        return len(self.ids)


def digest(what: Hashable) -> int:
    """64 bits of a value, the same all through this process: of a million two have the same once in 30 million."""
    return hash(what) & (1 << 64) - 1


def merged(parts: Sequence[Tables], keep: Sequence[Array]) -> Tables:
    """The watches of several tables that are to be kept (one mask a table), by their order, in one.

    Conditions that ask the same become one, those that no watch asks for any more are left out.
    """
    rows = np.flatnonzero(np.concatenate(keep))
    rows = rows.take(np.argsort(gather_column([part.order for part in parts], rows), kind="stable"))
    clauses, conditions = _conditions(parts, gather([_shifted(part.clauses, at) for part, at in _offsets(parts)], rows))
    scopes, scope = _joined([part.scopes for part in parts], [part.scope for part in parts], rows)
    phrases, phrase = _joined([part.phrases for part in parts], [part.phrase for part in parts], conditions)

    def columns(name: str) -> Any:
        return [getattr(part, name) for part in parts]

    return Tables(
        ids=chosen(columns("ids"), rows),
        id_digests=gather_column(columns("id_digests"), rows),
        definitions=chosen(columns("definitions"), rows),
        order=gather_column(columns("order"), rows),
        clauses=clauses,
        scope=scope,
        scopes=scopes,
        source=chosen(columns("source"), conditions),
        digests=gather_column(columns("digests"), conditions),
        common=gather_column(columns("common"), conditions),
        country=gather_column(columns("country"), conditions),
        phrase=phrase,
        phrases=phrases,
        triggers=gather(columns("triggers"), conditions),
        quiet=gather(columns("quiet"), conditions),
        pairs=gather(columns("pairs"), conditions),
        boxes=gather(columns("boxes"), conditions),
    )


def _offsets(parts: Sequence[Tables]) -> list[tuple[Tables, int]]:
    firsts = np.cumsum([0, *(len(part.source) for part in parts)]).tolist()
    return list(zip(parts, firsts[:-1], strict=True))


def _shifted(clauses: Rows, conditions: int) -> Rows:
    return Rows(clauses.starts, (clauses.values + (conditions << 2)).astype(np.int32)) if conditions else clauses


def _conditions(parts: Sequence[Tables], clauses: Rows) -> tuple[Rows, Index]:
    """The clauses with conditions numbered anew, and the old numbers of the conditions that stay, in order."""
    digests = np.concatenate([part.digests for part in parts])
    order = np.argsort(digests, kind="stable")
    ordered = digests.take(order)
    new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(order) else np.empty(0, bool)
    # the first of those that ask the same stands for all of them
    first = scatter(len(order), order, order.take(np.flatnonzero(new)).take(np.cumsum(new) - 1))
    numbers = first.take(clauses.values >> 2)
    used = np.bincount(numbers, minlength=len(order)) > 0
    renumbered = (np.cumsum(used) - 1).take(numbers)
    values = (renumbered << 2 | (clauses.values & 3)).astype(np.int32)
    return Rows(clauses.starts, values), np.flatnonzero(used)


def _joined(lists: Sequence[Sequence[Any]], columns: Sequence[Array], rows: Index) -> tuple[tuple[Any, ...], Array]:
    """The used ones of several lists in one, each once, and the column that points into it; -1 points at nothing."""
    firsts = np.cumsum([0, *(len(one) for one in lists)])
    values = [value for one in lists for value in one]
    shifted = [
        np.where(column < 0, -1, column + first).astype(np.int64)
        for column, first in zip(columns, firsts[:-1], strict=True)
    ]
    column = gather_column(shifted, rows)
    used = np.flatnonzero(np.bincount(column + 1, minlength=len(values) + 1)[1:])
    numbers: dict[Any, int] = {}
    into = np.full(len(values) + 1, -1, dtype=np.int32)
    for old in used.tolist():
        into[old] = numbers.setdefault(values[old], len(numbers))
    return tuple(numbers), into.take(column)

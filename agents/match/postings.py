"""From what an article says to the conditions that hold, and from these to the watches they bring up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from agents.match.asked import Asked
from agents.match.boxes import BoxIndex
from agents.match.facts import Facts
from agents.match.keys import CITIES
from agents.match.rows import Array, Rows, dense, grouped
from agents.match.tables import ALL, ANY, Tables

_ENTITY_BITS = 30


@dataclass(frozen=True, slots=True)
class Postings:
    """Each watch is posted under what is rarest among the things it cannot fire without."""

    brings: Rows
    """For each condition the watches that are posted under it; none for a condition that is only verified."""
    entities: tuple[Array, Rows]
    """Numbers of entities in order, and for each the conditions that it makes hold."""
    pairs: tuple[Array, Rows]
    countries: tuple[Array, Rows]
    phrases: tuple[Array, Rows]
    cities: frozenset[int]
    """Big cities that do not fire some road alone, but two of them in one sentence may."""
    boxes: BoxIndex
    """Around every corridor, circle and shape, for what was not known when the watches were made."""

    def holding(self, asked: Asked) -> set[int]:
        """The posted conditions that hold, whatever raw coordinates may add."""
        found: set[int] = set()
        for (keys, rows), wanted in (
            (self.entities, asked.entities),
            (self.pairs, asked.pairs),
            (self.countries, asked.countries),
            (self.phrases, asked.phrases),
        ):
            _look_up(keys, rows, wanted, found)
        return found

    def around(self, facts: Facts) -> set[int]:
        """The posted conditions that may hold since something unknown was placed in one of their boxes."""
        found: set[int] = set()
        for mention in facts.loose:
            found.update(self.boxes.holding(mention.lat or 0.0, mention.lon or 0.0))
        return found

    def brought_up(self, conditions: Iterable[int]) -> set[int]:
        """The watches that are posted under conditions."""
        watches: set[int] = set()
        starts, values = self.brings.starts, self.brings.values
        for condition in conditions:
            watches.update(values[starts[condition] : starts[condition + 1]].tolist())
        return watches


def _look_up(keys: Array, rows: Rows, wanted: Collection[int], found: set[int]) -> None:
    if not wanted or not len(keys):
        return
    asked = np.fromiter(wanted, dtype=np.int64)
    places = keys.searchsorted(asked.astype(keys.dtype))
    places[places == len(keys)] = 0
    for place in places[keys[places] == asked].tolist():
        found.update(rows.row(place))


def lay_postings(tables: Tables) -> Postings:
    """Post every watch of the tables."""
    posted_clauses = _rarest(tables)
    conditions = tables.clauses.values[posted_clauses] >> 2
    brings = dense(conditions, tables.clauses.owners()[posted_clauses].astype(np.int32), len(tables.source))
    posted = brings.lengths() > 0
    pairs = grouped(*_of_posted(tables.pairs, posted))
    countries = np.flatnonzero(posted & (tables.country > 0))
    phrases = np.flatnonzero(posted & (tables.phrase >= 0))
    degrees, owners = _of_posted(tables.boxes, posted)
    return Postings(
        brings=brings,
        entities=grouped(*_of_posted(tables.triggers, posted)),
        pairs=pairs,
        countries=grouped(tables.country[countries], countries),
        phrases=grouped(tables.phrase[phrases], phrases),
        cities=_cities(pairs[0]),
        boxes=BoxIndex(degrees.reshape(-1, 4), owners[::4]),
    )


def _rarest(tables: Tables) -> Array:
    """For each clause whether its watch is posted under it.

    That is one condition of `all`, or all of `any`: the choice that the fewest articles and watches have in common.
    """
    clauses = tables.clauses
    if not len(clauses.values):
        return np.empty(0, dtype=bool)
    conditions, groups, watches = clauses.values >> 2, clauses.values & 3, clauses.owners()
    asks = (groups == ANY) | (groups == ALL)
    shared = np.bincount(conditions[asks], minlength=len(tables.source))
    cost = tables.common.astype(np.float64).take(conditions) * shared.take(conditions)
    is_any, is_all = groups == ANY, groups == ALL
    any_cost = np.bincount(watches[is_any], weights=cost[is_any], minlength=len(tables)).astype(np.float64)
    any_cost[np.bincount(watches[is_any], minlength=len(tables)) == 0] = np.inf
    all_cost = np.minimum.reduceat(np.where(is_all, cost, np.inf), clauses.starts[:-1])
    under_all = (all_cost <= any_cost).take(watches)
    posted: Array = np.where(under_all, is_all & (cost == all_cost.take(watches)), is_any)
    return posted


def _of_posted(rows: Rows, posted: Array) -> tuple[Array, Array]:
    """The values of the rows that are posted, and the numbers of these rows."""
    owners = rows.owners().astype(np.int32)
    wanted = posted.take(owners)
    return rows.values[wanted], owners[wanted]


def _cities(pairs: Array) -> frozenset[int]:
    two = pairs[pairs >> (2 * _ENTITY_BITS) == CITIES]
    mask = (1 << _ENTITY_BITS) - 1
    return frozenset((two >> _ENTITY_BITS & mask).tolist()) | frozenset((two & mask).tolist())

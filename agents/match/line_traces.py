"""What makes roads and circles hold, of many at once: the places on them, and the pairs of places that name a road.

All is worked out on columns of (condition, place): a road alone costs ten times as much as one among a thousand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.match.corridor import distances_km
from agents.match.ground import Ground, Places
from agents.match.keys import CITIES, NAMED, WRITTEN, pair_keys
from agents.match.lines import Lines
from agents.match.route import BIG_CITY, DETOUR
from agents.match.rows import Array, Index, expanded, sorted_set

_BESIDE_KM = 10.0
"""A quarter, camp or airport so near to a big city belongs to it."""
_BITS = 32


class Waypoints(NamedTuple):
    """The waypoints of many lines, laid end to end."""

    lines: Index
    """For each waypoint the number of its condition, in order."""
    counts: Index
    """How many ids each has: its own and those of its doubles."""
    keys: Index
    """The keys of all these ids, end to end."""
    spots: Places
    """Where each waypoint lies, and how many people live there."""


class LineTraces(NamedTuple):
    """For each condition how common it is; and columns of (number of a condition, value)."""

    numbers: Index
    common: Array
    triggers: tuple[Index, Array]
    quiet: tuple[Index, Array]
    pairs: tuple[Index, Array]
    boxes: tuple[Index, Array]


def trace_lines(
    numbers: Index, width_km: Array, is_road: Array, named: Index, waypoints: Waypoints, ground: Ground
) -> LineTraces:
    """Trace the roads (`is_road`) and circles of these numbers, in order; `named` has the key of a known road, or -1.

    A big city at the end of a road does not fire it, nor do its parts; on a road that is watched by its one name no
    big city does, since nobody listed it.
    """
    if not len(numbers):
        none = np.empty(0, dtype=np.int64)
        return LineTraces(none, np.empty(0), (none, none), (none, none), (none, none), (none, np.empty(0)))
    of = np.searchsorted(numbers, waypoints.lines)
    spots = waypoints.spots
    lines = Lines(np.bincount(of, minlength=len(numbers)), spots.latitudes, spots.longitudes, width_km)
    on, held = ground.on(lines)
    big = spots.people >= BIG_CITY
    is_end = np.concatenate(([True], of[1:] != of[:-1])) | np.concatenate((of[1:] != of[:-1], [True]))
    quiet_stop = big & is_road[of] & (is_end | (named[of] >= 0))
    stop = np.repeat(np.arange(len(of)), waypoints.counts)
    own = _together(of[stop], waypoints.keys)
    quiet = sorted_set(
        np.concatenate(
            (
                own[quiet_stop[stop]],
                _together(on, held.keys)[(held.people >= BIG_CITY) & is_road[on] & (named[on] >= 0)],
            )
        )
    )
    quiet = sorted_set(np.concatenate((quiet, _parts_of(quiet, on, held, ground))))
    triggers = sorted_set(np.concatenate((own, _together(on, held.keys))))
    triggers = triggers[~np.isin(triggers, quiet)]
    asked = np.bincount(triggers >> _BITS, minlength=len(numbers))
    first = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
    near = np.bincount(on, minlength=len(numbers))
    common = np.where(is_road, 3 + asked / 10, 1 + spots.people[first] / 100_000 + near / 10)
    roads = np.flatnonzero(named >= 0)
    triggers = np.concatenate((triggers, _together(roads, named[roads])))
    pair_of, pairs = _pairs(of, stop, own, quiet, is_road, named, spots)
    boxes = lines.boxes()
    return LineTraces(
        numbers,
        common,
        _apart(triggers, numbers),
        _apart(quiet, numbers),
        (numbers[pair_of], pairs),
        (numbers[boxes.owners()], boxes.values),
    )


def _together(lines: Index, keys: Array) -> Index:
    """A line and a key as one number."""
    found: Index = lines.astype(np.int64) << _BITS | keys
    return found


def _apart(both: Index, numbers: Index) -> tuple[Index, Array]:
    return numbers[both >> _BITS], (both & (1 << _BITS) - 1).astype(np.int32)


def _parts_of(quiet: Index, on: Index, held: Places, ground: Ground) -> Index:
    """Those of the places on each line that are quarters, camps and the like of one of its quiet cities."""
    parts = np.flatnonzero(held.part & np.isin(on, quiet >> _BITS))
    if not len(parts):
        return np.empty(0, dtype=np.int64)
    cities, known = ground.spots(quiet & (1 << _BITS) - 1)
    begins, ends = (np.searchsorted(quiet >> _BITS, on[parts], side) for side in ("left", "right"))
    part, city = expanded(begins, ends)
    at = parts[part]
    away = distances_km(held.latitudes[at], held.longitudes[at], cities.latitudes[city], cities.longitudes[city])
    beside = at[known[city] & (away <= _BESIDE_KM)]
    return _together(on[beside], held.keys[beside])


def _pairs(
    of: Index, stop: Index, own: Index, quiet: Index, is_road: Array, named: Index, spots: Places
) -> tuple[Index, Index]:
    """Every two places that name a road, and how (see `agents.match.keys`): (which line, `pair_key`).

    A road that was not listed but named is another than any of another name.
    """
    # an id that stands for two waypoints stands for the last of them
    _, last = np.unique(own[::-1], return_index=True)
    ids = np.sort(len(own) - 1 - last)
    ids = ids[is_road[of[stop[ids]]]]
    line = of[stop[ids]]
    firsts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1]))) if len(line) else np.empty(0, np.int64)
    counts = np.diff(np.concatenate((firsts, [len(line)])))
    ways = _ways(of, spots)
    is_quiet = np.isin(own, quiet)
    found: list[tuple[Index, Index]] = []
    for count in np.unique(counts).tolist():  # roads of as many places together
        one, other = (ids[firsts[counts == count][:, None] + side].ravel() for side in np.triu_indices(count, 1))
        start, end = stop[one], stop[other]
        apart = start != end
        one, other = one[apart], other[apart]
        start, end = np.minimum(start[apart], end[apart]), np.maximum(start[apart], end[apart])
        direct = distances_km(
            spots.latitudes[start], spots.longitudes[start], spots.latitudes[end], spots.longitudes[end]
        )
        straight = (end == start + 1) | (ways[end] - ways[start] <= DETOUR * direct)
        for how, holds in (
            (WRITTEN, np.ones(len(one), dtype=bool)),
            (NAMED, straight & (named[of[start]] < 0)),
            (CITIES, is_quiet[one] & is_quiet[other]),
        ):
            mask = (1 << _BITS) - 1
            found.append((of[start][holds], pair_keys(how, own[one[holds]] & mask, own[other[holds]] & mask)))
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate([lines for lines, _ in found]), np.concatenate([keys for _, keys in found])


def _ways(of: Index, spots: Places) -> Array:
    """How far each waypoint is along its line, in kilometres from anywhere."""
    legs = distances_km(spots.latitudes[:-1], spots.longitudes[:-1], spots.latitudes[1:], spots.longitudes[1:])
    found: Array = np.concatenate(([0.0], np.cumsum(np.where(of[1:] == of[:-1], legs, 0.0))))
    return found

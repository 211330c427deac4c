"""Lists of different lengths in one array: a million lists in two objects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Index = npt.NDArray[np.int64]
SLICE = 200_000
"""Elements that are written at scattered places in one go: more would hold other threads up for milliseconds."""


class Rows:
    """Row `i` is `values[starts[i]:starts[i + 1]]`."""

    __slots__ = ("starts", "values")

    def __init__(self, starts: Array, values: Array) -> None:
        self.starts = starts
        self.values = values

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Array:
        found: Array = self.values[self.starts[row] : self.starts[row + 1]]
        return found

    def row(self, row: int) -> list[Any]:
        """A row as a list of plain numbers."""
        found: list[Any] = self.values[self.starts[row] : self.starts[row + 1]].tolist()
        return found

    def text(self, row: int) -> str:
        """A row of bytes as the text they are."""
        return self[row].tobytes().decode()

    def lengths(self) -> Index:
        """How long each row is."""
        found: Index = np.diff(self.starts).astype(np.int64)
        return found

    def owners(self) -> Index:
        """For each value the row it stands in."""
        return repeated(self.lengths())


def gather(parts: Sequence[Rows], rows: Index) -> Rows:
    """Some rows of several lists laid end to end, in the order of `rows`."""
    values: list[Array] = []
    firsts = np.cumsum([0, *(len(part) for part in parts)])
    lengths = np.concatenate([part.lengths() for part in parts])[rows]
    for first, last in _runs(rows, firsts):
        part = int(np.searchsorted(firsts, first, side="right")) - 1
        held = parts[part]
        begin, end = int(first - firsts[part]), int(last - firsts[part])
        values.append(held.values[held.starts[begin] : held.starts[end]])
    starts = np.concatenate(([0], np.cumsum(lengths)))
    return Rows(_small(starts), np.concatenate(values) if values else parts[0].values[:0].copy())


def gather_column(parts: Sequence[Array], rows: Index) -> Array:
    """Some elements of several columns laid end to end."""
    found: Array = np.concatenate(parts).take(rows)
    return found


def _runs(rows: Index, firsts: Index) -> Iterable[tuple[int, int]]:
    """Rows that follow each other in one part, as (first, after the last); parts begin at `firsts`."""
    if not len(rows):
        return
    breaks = (np.diff(rows) != 1) | np.isin(rows[1:], firsts)
    begins = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    ends = np.concatenate((begins[1:], [len(rows)]))
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        yield int(rows[begin]), int(rows[end - 1]) + 1


def grouped(keys: Array, values: Array) -> tuple[Array, Rows]:
    """The different keys in order, and for each its values in order; values have 31 bits."""
    if keys.itemsize > 4:
        order = np.argsort(keys, kind="stable")
        ordered, values = keys.take(order), values.take(order)
    else:  # as one number each: half the time and memory of sorting positions
        both = keys.astype(np.int64) << 32 | values
        both.sort()
        values = both.astype(np.int32)  # the low half
        both >>= 32
        ordered = both.astype(np.int32)
        del both
    firsts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(keys) else np.empty(0, int)
    starts = np.concatenate((firsts, [len(keys)]))
    return ordered.take(firsts), Rows(_small(starts), values)


def dense(keys: Array, values: Array, size: int) -> Rows:
    """For each number below `size` its values, in the order in which they come."""
    order = np.argsort(keys, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(keys, minlength=size))))
    return Rows(_small(starts), values.take(order))


def repeated(lengths: Index) -> Index:
    """Each number from 0 as often as its length says.

    `np.repeat` of as many would hold every other thread up until it is done; these two steps let them go on.
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    found: Index = np.cumsum(np.bincount(ends[:-1], minlength=total + 1)[:total])
    return found


def expanded(begins: Index, ends: Index) -> tuple[Index, Index]:
    """Every number of many ranges, as (which range, number)."""
    lengths = np.maximum(ends - begins, 0)
    which = repeated(lengths)
    firsts = np.cumsum(lengths) - lengths
    return which, np.arange(len(which)) - firsts[which] + begins[which]


def sorted_set(numbers: Index) -> Index:
    """Each number once, in order."""
    found = np.sort(numbers)
    return found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found


def scatter(size: int, places: Index, values: Array) -> Array:
    """An array of zeros with `values` written at `places`, some at a time."""
    found = np.zeros(size, dtype=values.dtype)
    for start in range(0, len(places), SLICE):
        found[places[start : start + SLICE]] = values[start : start + SLICE]
    return found


def _small(starts: Array) -> Array:
    """Offsets in four bytes where they fit."""
    fits = not len(starts) or int(starts[-1]) < 2**31
    found: Array = starts.astype(np.int32 if fits else np.int64)
    return found

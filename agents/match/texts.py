"""Many texts by number, laid end to end: merging tables leaves them where they are and copies their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents.match.rows import Array, Index, Rows, gather, gather_column

_MOST_PIECES = 64
_MOST_HELD = 1.25
"""How many texts may be held for each that is in use, before those that are not are let go."""


class Texts:
    """Text `i` is row `where[i]` of the pieces laid end to end; some rows may be nobody's."""

    __slots__ = ("_firsts", "pieces", "where")

    def __init__(self, pieces: Sequence[Rows], where: Array) -> None:
        self.pieces = tuple(pieces)
        self.where = where
        self._firsts = np.cumsum([0, *(len(piece) for piece in self.pieces)])

    def __len__(self) -> int:
        return len(self.where)

    @property
    def held(self) -> int:
        """How many texts are kept, in use or not."""
        return int(self._firsts[-1])

    def text(self, number: int) -> str:
        """The text of this number."""
        row = int(self.where[number])
        piece = int(np.searchsorted(self._firsts, row, side="right")) - 1
        return self.pieces[piece].text(row - int(self._firsts[piece]))


def all_of(rows: Rows) -> Texts:
    """The rows as texts, each in use."""
    return Texts([rows], np.arange(len(rows), dtype=np.int32))


def chosen(parts: Sequence[Texts], numbers: Index) -> Texts:
    """Some texts of several, numbered through, in the order of `numbers`."""
    firsts = np.cumsum([0, *(part.held for part in parts)])[:-1]
    shifted = [(part.where + first).astype(np.int32) for part, first in zip(parts, firsts, strict=True)]
    found = Texts([piece for part in parts for piece in part.pieces], gather_column(shifted, numbers))
    if found.held <= _MOST_HELD * len(found) and len(found.pieces) <= _MOST_PIECES:
        return found
    return all_of(gather(found.pieces, found.where.astype(np.int64)))

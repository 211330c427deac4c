"""Near copies: candidates by their sketches, decided by how much of the shorter text stands in the longer one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.enrich.sketch import PERMUTATIONS, SKETCH_BYTES, Shingles

LEAST_JACCARD = 0.3
"""Estimated from the sketches: what is less alike is not looked at."""
LEAST_CONTAINMENT = 0.5
"""Share of the shorter text's shingles that stand in the longer one."""


def jaccards(sketch: bytes, others: Sequence[bytes]) -> NDArray[np.float64]:
    """The estimated Jaccard index of an article with each other, from their sketches; 0 where one has none."""
    found = np.zeros(len(others))
    at = [number for number, other in enumerate(others) if len(other) == SKETCH_BYTES]
    if len(sketch) == SKETCH_BYTES and at:
        theirs = np.frombuffer(b"".join([others[number] for number in at]), dtype="<u2").reshape(-1, PERMUTATIONS)
        found[at] = likenesses(sketch, theirs)
    return found


def likenesses(sketch: bytes, sketches: NDArray[np.uint16]) -> NDArray[np.float64]:
    """The estimated Jaccard index of an article, which has a sketch, with each row of sketches."""
    same = (sketches == np.frombuffer(sketch, dtype="<u2")).view(np.uint8)
    found: NDArray[np.float64] = same.sum(axis=1, dtype=np.uint8) / PERMUTATIONS  # in bytes: a tenth of a mean's time
    return found


def candidates(sketch: bytes, others: Sequence[bytes], least: float = LEAST_JACCARD) -> list[int]:
    """Which of the others may be near copies, in their order."""
    return [int(number) for number in np.flatnonzero(jaccards(sketch, others) >= least)]


def containment(one: Shingles, other: Shingles) -> float:
    """The share of the smaller set of shingles that is in the larger; 0 where one is empty. Symmetric."""
    return containments(one, [other])[0]


def containments(one: Shingles, others: Sequence[Shingles]) -> list[float]:
    """The same of one article with each of others; all at once, since that costs little more than one."""
    found = [0.0] * len(others)
    at = [number for number, other in enumerate(others) if len(other)]
    if len(one) and at:
        theirs = np.concatenate([others[number] for number in at])
        there = one[np.minimum(np.searchsorted(one, theirs), len(one) - 1)] == theirs
        starts = np.cumsum([0, *(len(others[number]) for number in at[:-1])])
        shared = np.add.reduceat(there, starts, dtype=np.int64)
        for number, many in zip(at, shared.tolist(), strict=True):
            found[number] = many / min(len(one), len(others[number]))
    return found


def shingle_bytes(shingles: Shingles) -> bytes:
    """Shingles as they are kept: four bytes each, little-endian."""
    return shingles.astype("<u4").tobytes()


def from_bytes(raw: bytes) -> Shingles:
    """The inverse of `shingle_bytes`."""
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32)

"""Sharing a batch out to processes so that they end at about the same time."""

from __future__ import annotations

import heapq
from collections.abc import Sequence


def even_chunks(sizes: Sequence[int], count: int) -> list[list[int]]:
    """Indices of `sizes` in at most `count` lists of nearly equal total size, none empty.

    Greedy longest-processing-time-first (Graham, 1969): at worst 4/3 of the best split. Within a list the
    indices keep their order.
    """
    heap: list[tuple[int, int]] = [(0, chunk) for chunk in range(min(count, len(sizes)))]
    chunks: list[list[int]] = [[] for _ in heap]
    for index in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        total, chunk = heapq.heappop(heap)
        chunks[chunk].append(index)
        heapq.heappush(heap, (total + sizes[index] + 1, chunk))
    return [sorted(chunk) for chunk in chunks]

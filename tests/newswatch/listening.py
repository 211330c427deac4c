"""A process of a pool that tells what it has learnt, for tests."""

from __future__ import annotations

from collections.abc import Callable

from agents.enrich.enricher import Learn


def make() -> Callable[[Learn | str], list[str]]:
    """A function that keeps what it learns and answers with its names."""
    known: list[str] = []

    def work(given: Learn | str) -> list[str]:
        if isinstance(given, Learn):
            known[:] = [entity.name for entity in given.entities]
            return []
        return list(known)

    return work

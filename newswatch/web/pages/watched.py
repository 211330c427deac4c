"""What is watched, as features for the page's maps."""

from __future__ import annotations

from newswatch.web.geometry import features_of
from newswatch.web.house import House
from newswatch.web.problem import Problem

_MOST_WATCHES = 500


def watched(house: House, only: str | None = None) -> list[dict[str, object]]:
    """Every watch in force, or one by its id, as far as it can be drawn; nothing where that one is no more."""
    from agents.match.compile import WatchResolver  # noqa: PLC0415 - heavy, and only where somebody looks
    from newswatch.web.in_force import watches_in_force  # noqa: PLC0415

    try:
        watches = watches_in_force(house, only)
    except Problem:
        if only is None:
            raise
        return []
    knowledge = house.knowledge()
    resolver = WatchResolver(knowledge)
    found: list[dict[str, object]] = []
    for position, watch in enumerate(watches[:_MOST_WATCHES]):
        resolved = resolver.resolve(watch, position)
        if resolved is not None:
            found += features_of(resolved, knowledge, watch.name or watch.id)
    return found

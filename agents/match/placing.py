"""What an article placed where, and how a condition proves itself by it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from agents.match.corridor import Corridor, distance_km
from agents.match.facts import Facts, mentions_of
from streams.records import Evidence, Mention


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a condition holds: one plain sentence without its full stop, and the spans that show it."""

    reason: str
    evidence: tuple[Evidence, ...]


def loose_within(corridor: Corridor, facts: Facts) -> list[Mention]:
    """The mentions of unknown entities that were placed within a corridor."""
    if not facts.loose:
        return []
    distances = corridor.distances_km(
        [mention.lat or 0.0 for mention in facts.loose], [mention.lon or 0.0 for mention in facts.loose]
    )
    return [mention for mention, far in zip(facts.loose, distances, strict=True) if far <= corridor.width_km]


def placed_within(facts: Facts, places: Collection[str], corridor: Corridor | None) -> list[Mention]:
    """The mentions of known `places`, and of unknown ones within the corridor."""
    known = mentions_of(facts, [one for one in facts.named if one in places])
    return known + (loose_within(corridor, facts) if corridor else [])


def how_far(mention: Mention, corridor: Corridor | None) -> str:
    """The distance of a mention from a corridor's line, in words."""
    if corridor is None or mention.lat is None or mention.lon is None:
        return "an unknown distance"
    here = (mention.lat, mention.lon)
    away = distance_km(here, corridor.points[0]) if len(corridor.points) == 1 else corridor.distance_km(here)
    return f"{away:.1f} km" if away < 10 else f"{away:.0f} km"

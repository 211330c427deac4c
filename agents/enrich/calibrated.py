"""Confidences of actors and roads, in the sense that places have: the chance that span and entity are right."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from streams.records import Mention

_MOST_INSIDE = 40
"""Places within one road that are looked at: a bound on time."""


def sort_of(mention: Mention) -> str:
    """What a reason says of how a mention was found: `a body of a people`, ...; `known` where a pack names it."""
    first, _, rest = mention.reason.partition(";")
    if first.startswith("known to ") or rest.startswith(" known to "):
        return "known" if first.startswith("known to ") else f"known {first}"
    return first


def calibrated(mentions: Sequence[Mention], actors: Mapping[str, float], routes: Mapping[str, float]) -> list[Mention]:
    """The mentions, actors and roads with how often those of their sort are right.

    A road is no surer than the least sure of the places named in it. A sort that was never scored keeps what it has.
    """
    sure: list[Mention] = []
    places = sorted(
        ((mention.field, mention.start, mention.end, mention) for mention in mentions if mention.kind == "place")
        if any(mention.kind == "route" for mention in mentions)
        else (),
        key=lambda place: place[:3],
    )
    for mention in mentions:
        rates = actors if mention.kind == "actor" else routes if mention.kind == "route" else None
        if rates is None:
            sure.append(mention)
            continue
        rate = rates.get(sort_of(mention), mention.confidence)
        if mention.kind == "route":
            first = bisect_left(places, (mention.field, mention.start), key=lambda place: place[:2])
            for field, start, end, place in places[first : first + _MOST_INSIDE]:
                if field != mention.field or start >= mention.end:
                    break
                if end <= mention.end and place.entity in mention.waypoints:
                    rate = min(rate, place.confidence)
        sure.append(mention if rate == mention.confidence else replace(mention, confidence=rate))
    return sure

"""Where an alert is: the places that its evidence names, and those on a route that it names."""

from __future__ import annotations

from collections.abc import Sequence

from streams.records import AlertPlace, EnrichedArticle, Evidence

MOST_PLACES = 20


def places_of(enriched: EnrichedArticle, evidence: Sequence[Evidence]) -> tuple[AlertPlace, ...]:
    """The places with coordinates in the spans of the evidence, each once, in its order, at most `MOST_PLACES`."""
    found: dict[str, AlertPlace] = {}
    for one in evidence:
        for mention in enriched.mentions:
            overlaps = mention.field == one.field and mention.start < one.end and one.start < mention.end
            if not overlaps or mention.kind != "place" or mention.lat is None or mention.lon is None:
                continue
            place = AlertPlace(mention.name, mention.lat, mention.lon, mention.country, mention.confidence)
            found.setdefault(mention.entity or mention.name, place)
    return tuple(found.values())[:MOST_PLACES]

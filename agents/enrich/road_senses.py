"""Which places the names along a road mean: those on the road that is named, or that they can be on together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.enrich.groups import Keys
from agents.enrich.known_routes import KnownRoutes, on_road
from agents.enrich.ranking import Group
from agents.enrich.routes import RouteSpan
from agents.enrich.span import Span
from agents.names.scan import Found
from streams.records import Field


def by_road_names(
    field: Field, spans: Sequence[Span], routes: Iterable[Found], groups: Mapping[str, Group], keys: Keys
) -> None:
    """Keep, of the meanings of a place's name inside a known road's name, the places on that road."""
    for name in routes:
        inside = [
            groups[keys[field, span.start, span.end]]
            for span in spans
            if name.start <= span.start and span.end <= name.end and span.kind == "place" and span.meanings
        ]
        for group, meanings in zip(inside, on_road(name, [one.meanings for one in inside]), strict=True):
            group.meanings = meanings


def by_known_roads(
    field: Field,
    spans: Sequence[Span],
    roads: Iterable[RouteSpan],
    known: KnownRoutes,
    groups: Mapping[str, Group],
    keys: Keys,
) -> bool:
    """Whether names along a road, as they were placed on no known one, were given the places that lie on just one."""
    changed = False
    for road in roads:
        if known.of(tuple(entity.id for entity in road.waypoints)) is not None:
            continue
        # of two that begin together the longer one stands on the road, as everywhere
        ends = {span.start: span.end for span in reversed(spans) if span.kind == "place" and span.meanings}
        along = [groups[keys[field, start, ends[start]]] for start in road.starts]
        for group, place in zip(along, known.reading([one.meanings for one in along]), strict=False):
            changed = changed or len(group.meanings) > 1
            group.meanings = tuple(meaning for meaning in group.meanings if meaning.entity.id == place)
    return changed

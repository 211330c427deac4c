"""Which archived articles name something: from entities, countries and roads to the ids of articles, by index alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from streams.archive.schema import mentions

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Placed:
    """A mention with coordinates, in degrees."""

    article: str
    lat: float
    lon: float


def naming(connection: Connection, entities: Collection[str]) -> Iterator[tuple[str, str]]:
    """(entity, article) for every mention of one of the entities."""
    ids = sorted(entities)
    for start in range(0, len(ids), _AT_ONCE):
        some = mentions.c.entity.in_(ids[start : start + _AT_ONCE])
        rows = connection.execute(select(mentions.c.entity, mentions.c.article).where(some)).all()
        yield from ((entity, article) for entity, article in rows)


def placed_in(connection: Connection, countries: Collection[str]) -> Iterator[str]:
    """The articles that place something in one of the countries."""
    wanted = (mentions.c.kind == "place", mentions.c.country.in_(sorted(countries)))
    for (article,) in connection.execute(select(mentions.c.article).where(*wanted).distinct()).all():
        yield article


def roads(connection: Connection) -> Iterator[tuple[str, frozenset[str]]]:
    """(article, ids of the places) for every road that an article names by its places."""
    chosen = select(mentions.c.article, mentions.c.waypoints).where(mentions.c.kind == "route")
    for article, waypoints in connection.execute(chosen):
        if waypoints != "[]":
            yield article, frozenset(json.loads(waypoints))


def unlinked(connection: Connection) -> Iterator[Placed]:
    """Everything placed whose entity nobody knows."""
    wanted = (mentions.c.entity.is_(None), mentions.c.lat.is_not(None))
    for row in connection.execute(select(mentions.c.article, mentions.c.lat, mentions.c.lon).where(*wanted)):
        yield Placed(row.article, row.lat, row.lon)


def placed_as(connection: Connection, entities: Collection[str]) -> Iterator[Placed]:
    """Where the mentions of these entities were placed."""
    columns = (mentions.c.article, mentions.c.lat, mentions.c.lon)
    ids = sorted(entities)
    for start in range(0, len(ids), _AT_ONCE):
        some = mentions.c.entity.in_(ids[start : start + _AT_ONCE])
        for row in connection.execute(select(*columns).where(some, mentions.c.lat.is_not(None))):
            yield Placed(row.article, row.lat, row.lon)


def entities_named(connection: Connection) -> list[str]:
    """Every entity that some article names, once: one step down the index for each, not one for each mention."""
    found = select(func.min(mentions.c.entity).label("entity")).cte("found", recursive=True)
    after = select(func.min(mentions.c.entity)).where(mentions.c.entity > found.c.entity).scalar_subquery()
    found = found.union_all(select(after).where(found.c.entity.is_not(None)))
    rows = connection.execute(select(found.c.entity).where(found.c.entity.is_not(None))).all()
    return [entity for (entity,) in rows]

"""Entities: what a name may mean, one entity by its id, and the places in a box."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from agents.names.entity import Entity
from newswatch.web.access import Reader
from newswatch.web.given_watch import shown
from newswatch.web.house import TheHouse
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Words

router = APIRouter(prefix="/entities", tags=["entities"])
Kind = Literal["place", "actor", "route"]
_MOST_PLACES = 20_000
_ARABIC = re.compile("[\u0621-\u063a\u0641-\u064a\u064b-\u0652 -]+")
"""Arabic's own letters: Persian, Kurdish and Urdu have others beside them."""


@router.get("", summary="What a name may mean")
def find(
    house: TheHouse,
    _: Reader,
    name: Annotated[Words, Query(description="In any spelling or script.")],
    kind: Annotated[Kind | None, Query(description="Only such.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Best first; `nearest` has known names like one that means nothing."""
    knowledge = house.knowledge()
    found = knowledge.find(name, kind)[:limit]
    nearest = [] if found else knowledge.nearest_names(name, kind)
    return {"entities": [shown(one) for one in found], "nearest": nearest}


@router.get("/complete", summary="Names that begin so")
def complete(
    house: TheHouse,
    _: Reader,
    begun: Annotated[Words, Query(description="The beginning of a name, in any script.")],
    kind: Annotated[Kind | None, Query(description="Only such.")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> dict[str, Any]:
    """For completion while somebody types; the likeliest first, each entity once."""
    found = house.knowledge().completer.complete(begun, kind, limit)
    return {"completions": [{"name": one.name, "entity": shown(one.entity)} for one in found]}


@router.get("/in-box", summary="The places in a box")
def in_box(
    house: TheHouse,
    _: Reader,
    south: Annotated[float, Query(ge=-90, le=90)],
    west: Annotated[float, Query(ge=-180, le=180)],
    north: Annotated[float, Query(ge=-90, le=90)],
    east: Annotated[float, Query(ge=-180, le=180)],
    limit: Annotated[int, Query(ge=1, le=_MOST_PLACES)] = 2_000,
    language: Annotated[Literal["en", "fr", "ar"], Query(description="Of the names, as far as they are known.")] = "en",
) -> dict[str, Any]:
    """The most peopled first; west > east crosses the date line."""
    found = house.knowledge().places_in_box(south, west, north, east, limit)
    first = sorted(found, key=lambda one: (-one.population, one.id))[:limit]
    return {
        "places": [
            {
                "id": one.id, "name": name_in(one, language), "lat": one.lat, "lon": one.lon, "country": one.country,
                "feature": one.feature, "population": one.population,
            }
            for one in first
        ]
    }  # fmt: skip


def name_in(entity: Entity, language: str) -> str:
    """What an entity is called in a language: names say no more of theirs than the letters that they are written in."""
    if language != "ar":
        return entity.name
    return next((name for name in entity.names if _ARABIC.fullmatch(name)), entity.name)


@router.get("/{entity}", summary="One entity")
def get(entity: Identity, house: TheHouse, _: Reader) -> dict[str, Any]:
    """With every known spelling; a road with its places."""
    found = house.knowledge().entity(entity)
    if found is None:
        raise Problem("not-found", f'there is no entity "{entity}"')
    places = [place for one in found.waypoints if (place := house.knowledge().entity(one)) is not None]
    return {"entity": shown(found), "places": [shown(one) for one in places]}

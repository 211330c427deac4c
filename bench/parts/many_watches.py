"""A million watches as an archive keeps them: definitions beside what they were resolved to."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice, starmap
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from agents.match.resolved import KeptWatch, ResolvedCondition, ResolvedWatch
from agents.names.gazetteer import Gazetteer
from streams.archive.engine import open_archive
from streams.archive.schema import watches
from streams.archive.watches import in_force

ACTORS = ("actor:islamic-state", "actor:hezbollah", "actor:syrian-army")
WORDS = ("convoy", "bridge", "grain", "hospital", "water", "bakery", "school", "fuel", "wheat", "clinic")
Place = tuple[str, float, float]
_PAGE = 10_000


def places_in(gazetteer: Gazetteer, south: float, west: float, north: float, east: float) -> list[Place]:
    """Ids and coordinates of the towns and villages in a box."""
    inside = (gazetteer.lat >= south) & (gazetteer.lat <= north) & (gazetteer.lon >= west) & (gazetteer.lon <= east)
    rows = np.flatnonzero(inside & (gazetteer.population < 50_000))
    return [
        (f"geonames:{int(gazetteer.ids[row])}", float(gazetteer.lat[row]), float(gazetteer.lon[row])) for row in rows
    ]


def make_watches(places: Sequence[Place], actors: Sequence[str], count: int, name: str) -> Iterator[ResolvedWatch]:
    """Half on single places, three in ten on two things at once (a fifth of these a phrase), the rest corridors."""
    chance = random.Random(7)
    for number in range(count):
        place = chance.choice(places)
        town = ResolvedCondition("town", ((place[0],),))
        kind = number % 10
        if kind < 5:
            yield ResolvedWatch(f"{name}-{number}", (town,), (), ())
        elif kind < 8:
            words = f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
            phrase, actor = (
                ResolvedCondition("phrase", words=words),
                ResolvedCondition("actor", ((chance.choice(actors),),)),
            )
            yield ResolvedWatch(f"{name}-{number}", (), (town, phrase if number % 50 in {5, 6, 7} else actor), ())
        else:
            others = [other for other in chance.sample(places, min(40, len(places))) if other[0] != place[0]]
            beside = sorted(others, key=lambda other: abs(other[1] - place[1]) + abs(other[2] - place[2]))[:2]
            stops = tuple((one[0],) for one in (place, *beside))
            yield ResolvedWatch(f"{name}-{number}", (ResolvedCondition("route", stops, 5.0),), (), ())


def written(watch: ResolvedWatch) -> str:
    """A definition as its owner may have written it."""
    groups: dict[str, Any] = {}
    for group in ("any", "all"):
        for condition in getattr(watch, group):
            groups.setdefault(group, []).append(_condition(condition))
    return json.dumps({"id": watch.id, **groups})


def _condition(condition: ResolvedCondition) -> dict[str, Any]:
    names = [ids[0] for ids in condition.ids]
    match condition.kind:
        case "route":
            return {"route": names, "corridor_km": condition.km}
        case "phrase":
            return {"phrase": condition.words}
    return {condition.kind: names[0]}


def keep(path: Path, made: Iterator[ResolvedWatch]) -> None:
    """Write watches to an archive."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    fixed = {"owner": "operator", "enabled": True, "removed": False, "revision": 1, "sequence": 1}
    with open_archive(f"sqlite:///{path}").begin() as connection:
        while some := list(islice(made, _PAGE)):
            rows = [
                {"id": one.id, "definition": written(one), "resolved": one.to_json(), **fixed,
                 "created_at": now, "changed_at": now}
                for one in some
            ]  # fmt: skip
            connection.execute(insert(watches), rows)


def kept(path: Path, count: int) -> Iterator[KeptWatch]:
    """The first so many watches of an archive, as a worker reads them."""
    with open_archive(f"sqlite:///{path}").read() as connection:
        yield from islice(starmap(KeptWatch, in_force(connection)), count)

"""A million watches as an archive keeps them: definitions beside what they were resolved to."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.match.resolved import ResolvedCondition, ResolvedWatch
from agents.names.gazetteer import Gazetteer

ACTORS = ("actor:islamic-state", "actor:hezbollah", "actor:syrian-army")
WORDS = ("convoy", "bridge", "grain", "hospital", "water", "bakery", "school", "fuel", "wheat", "clinic")
Place = tuple[str, float, float]


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


def keep(path: Path, watches: Iterator[ResolvedWatch]) -> None:
    """Write watches to a database."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE IF NOT EXISTS watches (id TEXT PRIMARY KEY, definition TEXT, resolved TEXT)")
        rows = ((watch.id, written(watch), watch.to_json()) for watch in watches)
        database.executemany("INSERT INTO watches VALUES (?, ?, ?)", rows)


def kept(path: Path, count: int) -> Iterator[ResolvedWatch]:
    """The first so many watches of a database."""
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT definition, resolved FROM watches ORDER BY rowid LIMIT ?", (count,))
        for definition, resolved in rows:
            yield ResolvedWatch.from_json(resolved, definition)

"""Which archived articles may fire a watch: found by postings, so that a watch is asked of few of a million.

Nothing that fires is left out; what is found too much, the matcher turns down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agents.match.compiled import CompiledWatch
from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.corridor import Corridor
from agents.match.route import Route
from streams.archive import postings

_Bounds = tuple[float, float, float, float]
"""South, west, north, east in degrees."""
_COUNTRY = 100_000
_ROAD = 10


@dataclass(slots=True)
class Wanted:
    """What an article must hold one of."""

    entities: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    roads: list[frozenset[str]] = field(default_factory=list)
    """The places of a road, two of which name it."""
    boxes: list[_Bounds] = field(default_factory=list)
    """Where something nobody knows would have to be placed."""
    words: bool = False
    """Whether words decide: any article may hold them."""

    def common(self) -> int:
        """A rough measure of how many articles this is; only the order matters."""
        return len(self.entities) + _COUNTRY * len(self.countries) + _ROAD * len(self.roads)


def wanted(watches: Iterable[CompiledWatch]) -> Wanted:
    """What an article must hold one of to fire one of the watches."""
    found = Wanted()
    for watch in watches:
        _add(found, _rarest(watch))
    return found


def candidates(
    connection: Connection, wanted: Wanted, unknown: Callable[[Sequence[str]], list[str]]
) -> set[str] | None:
    """The ids of the articles that may fire; None for all of them. `unknown` tells which entities no watch can know."""
    if wanted.words:
        return None
    found = {article for _, article in postings.naming(connection, wanted.entities)}
    if wanted.countries:
        found.update(postings.placed_in(connection, wanted.countries))
    if wanted.roads:
        found.update(_on_roads(connection, wanted.roads))
    if wanted.boxes:
        strange = unknown(postings.entities_named(connection))
        for placed in (*postings.unlinked(connection), *postings.placed_as(connection, strange)):
            if any(_inside(placed.lat, placed.lon, box) for box in wanted.boxes):
                found.add(placed.article)
    return found


def _rarest(watch: CompiledWatch) -> tuple[CompiledCondition, ...]:
    """One condition of `all`, or all of `any`: the choice with the fewest articles, words last."""
    choices: list[tuple[CompiledCondition, ...]] = [(condition,) for condition in watch.all]
    if watch.any:
        choices.append(watch.any)

    def cost(choice: tuple[CompiledCondition, ...]) -> tuple[bool, int]:
        one = Wanted()
        _add(one, choice)
        return one.words, one.common()

    return min(choices, key=cost)


def _add(found: Wanted, conditions: Iterable[CompiledCondition]) -> None:
    for condition in conditions:
        match condition:
            case Town():
                found.entities.update(condition.ids, condition.near)
                found.boxes += _boxes(condition.circle)
            case Actor():
                found.entities.update(condition.ids)
            case Route():
                found.entities.update(condition.places, condition.ids)
                found.roads.append(frozenset(condition.order))
                found.boxes += _boxes(condition.corridor)
            case Inside():
                found.entities.update(condition.places)
                if condition.country is not None:
                    found.countries.add(condition.country)
                if condition.shape is not None:
                    west, south, east, north = condition.shape.bounds
                    found.boxes.append((south, west, north, east))
            case Phrase():
                found.words = True


def _boxes(corridor: Corridor | None) -> list[_Bounds]:
    return [] if corridor is None else list(corridor.boxes)


def _on_roads(connection: Connection, wanted: list[frozenset[str]]) -> set[str]:
    """Articles that name a road by two of its places, or name two of its places at all."""
    places = frozenset().union(*wanted)
    found = {
        article
        for article, waypoints in postings.roads(connection)
        if any(len(waypoints & road) >= 2 for road in wanted)
    }
    named: dict[str, set[str]] = {}
    for entity, article in postings.naming(connection, places):
        named.setdefault(article, set()).add(entity)
    found.update(article for article, some in named.items() if any(len(some & road) >= 2 for road in wanted))
    return found


def _inside(lat: float, lon: float, box: _Bounds) -> bool:
    south, west, north, east = box
    return south <= lat <= north and (west <= lon <= east or west <= lon + 360 <= east or west <= lon - 360 <= east)

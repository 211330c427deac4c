"""From watches as they are written to watches as they are matched: names resolved, places found, postings laid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from agents.match.area import bbox_shape, parse_polygon
from agents.match.compiled import CompiledWatch, CompiledWatches
from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.corridor import Corridor
from agents.match.ground import Ground
from agents.match.phrase import PhraseScanner, fold
from agents.match.postings import lay_postings
from agents.match.resolve import Meaning, NameMeansNothing, NameProblem, Resolver
from agents.match.route import BIG_CITY, Route
from agents.match.watch import (
    ActorCondition,
    Area,
    AreaCondition,
    Condition,
    PhraseCondition,
    RouteCondition,
    TownCondition,
    Watch,
)
from agents.names.entity import Entity, Knowledge

__all__ = ["CompiledWatches", "NameProblem", "compile_watches"]

_GROUPS = ("any", "all", "none")


def compile_watches(watches: Sequence[Watch], knowledge: Knowledge) -> tuple[CompiledWatches, list[NameProblem]]:
    """The watches made ready for `match`, and what to tell their owners about the names in them.

    A watch with an error among its problems is left out; notes say which of several meanings was taken.
    """
    compiler = _Compiler(knowledge)
    compiled = [one for position, watch in enumerate(watches) if (one := compiler.watch(position, watch))]
    return (
        CompiledWatches(tuple(compiled), lay_postings(compiled), PhraseScanner(tuple(compiler.phrases)), knowledge),
        compiler.problems,
    )


class _Compiler:
    """Compiles one watch after another; conditions that ask the same are made once and shared."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.problems: list[NameProblem] = []
        self.phrases: dict[str, int] = {}
        self._knowledge = knowledge
        self._resolver = Resolver(knowledge)
        self._ground = Ground(knowledge)
        self._made: dict[str, _Made] = {}
        self._noted: set[str] = set()

    def watch(self, position: int, watch: Watch) -> CompiledWatch | None:
        """The watch with its names resolved, or None where one of them means nothing."""
        groups: dict[str, list[CompiledCondition]] = {group: [] for group in _GROUPS}
        complete = True
        for group in _GROUPS:
            for index, condition in enumerate(getattr(watch, group)):
                made = self._condition(condition)
                self._report(watch.id, position, (group, index), made)
                if made.condition is None:
                    complete = False
                else:
                    groups[group].append(made.condition)
        if not complete:
            return None
        return CompiledWatch(
            id=watch.id,
            any=tuple(groups["any"]),
            all=tuple(groups["all"]),
            none=tuple(groups["none"]),
            languages=frozenset(watch.languages),
            outlets=tuple(_host(outlet) for outlet in watch.outlets),
        )

    def _report(self, watch: str, position: int, where: tuple[str | int, ...], made: _Made) -> None:
        if made.error is not None:
            path = (*where, *made.error.step)
            self.problems.append(NameProblem(watch, position, path, "error", str(made.error)))
        for step, note in made.notes:
            if note not in self._noted:  # a name that many watches share is explained once
                self._noted.add(note)
                self.problems.append(NameProblem(watch, position, (*where, *step), "note", note))

    def _condition(self, condition: Condition) -> _Made:
        key = condition.model_dump_json()
        if key not in self._made:
            made = _Made()
            try:
                made.condition = self._make(condition, made.note)
            except NameMeansNothing as error:
                made.error = error
            self._made[key] = made
        return self._made[key]

    def _make(self, condition: Condition, note: _Note) -> CompiledCondition:
        match condition:
            case TownCondition():
                return self._town(condition, note)
            case RouteCondition():
                return self._route(condition, note)
            case ActorCondition():
                meaning = self._resolver.actor(condition.actor)
                note(("actor",), meaning.note)
                return Actor(meaning.entity, meaning.ids)
            case AreaCondition():
                return self._area(condition.area)
            case PhraseCondition():
                folded = fold(condition.phrase)
                return Phrase(condition.phrase, folded, self.phrases.setdefault(folded, len(self.phrases)))

    def _town(self, condition: TownCondition, note: _Note) -> Town:
        if condition.country is not None:
            self._country(condition.country, ("country",))
        meaning = self._resolver.town(condition.town, condition.country)
        note(("town",), meaning.note)
        place = meaning.entity
        if condition.within_km is None:
            return Town(place, meaning.ids)
        if place.lat is None or place.lon is None:
            raise NameMeansNothing(
                ("within_km",),
                f"nobody knows where {place.name} lies: leave within_km out, or add its lat and lon to a pack",
            )
        circle = Corridor(((place.lat, place.lon),), condition.within_km)
        return Town(place, meaning.ids, self._ground.on_corridor(circle), circle)

    def _route(self, condition: RouteCondition, note: _Note) -> Route:
        ids: tuple[str, ...] = ()
        if isinstance(condition.route, str):
            road, meanings = self._resolver.road(condition.route)
            name, ids = road.name, (road.id,)
        else:
            meanings = self._resolver.waypoints(condition.route)
            for index, meaning in enumerate(meanings):
                note(("route", index), meaning.note)
            name = " - ".join(meaning.entity.name for meaning in meanings)
        corridor = Corridor(tuple(_point(meaning.entity) for meaning in meanings), condition.corridor_km)
        waypoints = tuple(meaning.entity for meaning in meanings)
        doubles = tuple(meaning.ids for meaning in meanings)
        places = self._ground.on_corridor(corridor).union(*doubles)
        quiet = _quiet(meanings, ends_only=not ids)
        if ids:
            quiet |= self._ground.big_cities(places, BIG_CITY)
        quiet |= self._ground.parts_of(quiet, places)
        return Route(name, ids, waypoints, doubles, corridor, places - quiet, quiet)

    def _area(self, area: Area) -> Inside:
        if area.country is not None:
            return Inside(self._country(area.country, ("area", "country")).name, country=area.country)
        if area.bbox is not None:
            shape = bbox_shape(area.bbox)
            name = "the box {:g}, {:g}, {:g}, {:g}".format(*area.bbox)
        else:
            shape = parse_polygon(area.polygon or {})
            name = "the polygon"
        return Inside(name, shape=shape, places=self._ground.inside(shape))

    def _country(self, code: str, step: tuple[str | int, ...]) -> Entity:
        country = self._knowledge.entity(f"country:{code}")
        if country is None:
            raise NameMeansNothing(
                step, f'no country has the code "{code}": write its two letters of ISO 3166, such as SY for Syria'
            )
        return country


_Note = Callable[[tuple[str | int, ...], str], None]


class _Made:
    """What became of a condition: itself, or the error; and the notes."""

    def __init__(self) -> None:
        self.condition: CompiledCondition | None = None
        self.error: NameMeansNothing | None = None
        self.notes: list[tuple[tuple[str | int, ...], str]] = []

    def note(self, step: tuple[str | int, ...], text: str) -> None:
        if text:
            self.notes.append((step, text))


def _quiet(places: Sequence[Meaning], ends_only: bool) -> frozenset[str]:
    """The big cities of a road that do not fire it by being named alone."""
    asked = (places[0], places[-1]) if ends_only else places
    return frozenset(one for place in asked if place.entity.population >= BIG_CITY for one in place.ids)


def _point(place: Entity) -> tuple[float, float]:
    assert place.lat is not None
    assert place.lon is not None
    return place.lat, place.lon


def _host(outlet: str) -> str:
    """An outlet as hosts are kept in articles: `https://www.sana.sy/` is `sana.sy`."""
    host = (urlsplit(outlet).hostname or outlet) if "://" in outlet else outlet.split("/", 1)[0]
    return host.lower().removeprefix("www.").strip(".")

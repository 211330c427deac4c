"""From watches as they are written to watches as they are matched: names resolved, places found, postings laid."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from agents.match.compiled import CompiledWatch, CompiledWatches
from agents.match.ground import Ground
from agents.match.keys import EntityKeys
from agents.match.making import Maker
from agents.match.packed import PackedWatches
from agents.match.packing import Packer
from agents.match.resolve import Meaning, NameMeansNothing, NameProblem, Resolver
from agents.match.resolved import GROUPS, ResolvedCondition, ResolvedWatch
from agents.match.traces import Tracer
from agents.match.watch import (
    ActorCondition,
    AreaCondition,
    Condition,
    PhraseCondition,
    RouteCondition,
    TownCondition,
    Watch,
)
from agents.names.entity import Entity, Knowledge

__all__ = ["CompiledWatch", "CompiledWatches", "NameProblem", "WatchResolver", "compile_watches"]

_REMEMBERED = 10_000


def compile_watches(watches: Sequence[Watch], knowledge: Knowledge) -> tuple[CompiledWatches, list[NameProblem]]:
    """The watches made ready for `match`, and what to tell their owners about the names in them.

    A watch with an error among its problems is left out; notes say which of several meanings was taken.
    """
    resolver = WatchResolver(knowledge)
    keys, entities = EntityKeys(), Entities(knowledge)
    packer = Packer(Tracer(entities.entity, Ground(knowledge, keys), keys))
    for position, watch in enumerate(watches):
        resolved = resolver.resolve(watch, position)
        if resolved is not None:
            entities.learn(resolved.entities)
            packer.add(resolved, position)
    base = PackedWatches(packer.tables(), Maker(entities.entity, keys), keys)
    return CompiledWatches(base, knowledge), resolver.problems


class Entities:
    """What is known, and what only watches know."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._own: dict[str, Entity] = {}
        self._met: dict[str, Entity | None] = {}

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take what a watch brings."""
        self._own.update((entity.id, entity) for entity in entities)

    def entity(self, entity: str) -> Entity | None:
        """The entity of this id, or None."""
        own = self._own.get(entity)
        if own is not None:
            return own
        if entity not in self._met:
            if len(self._met) >= _REMEMBERED:
                self._met = {}
            self._met[entity] = self._knowledge.entity(entity)
        return self._met[entity]


class WatchResolver:
    """Resolves one watch after another; conditions that ask the same are resolved once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.problems: list[NameProblem] = []
        self._knowledge = knowledge
        self._resolver = Resolver(knowledge)
        self._made: dict[str, _Made] = {}
        self._noted: set[str] = set()

    def resolve(self, watch: Watch, position: int = 0) -> ResolvedWatch | None:
        """The watch with its names resolved, or None where one of them means nothing; see `problems`."""
        groups: dict[str, list[ResolvedCondition]] = {group: [] for group in GROUPS}
        entities: dict[str, Entity] = {}
        complete = True
        for group in GROUPS:
            for index, condition in enumerate(getattr(watch, group)):
                made = self._condition(condition)
                self._report(watch.id, position, (group, index), made)
                if made.condition is None:
                    complete = False
                else:
                    groups[group].append(made.condition)
                    entities.update((entity.id, entity) for entity in made.entities)
        if not complete:
            return None
        return ResolvedWatch(
            id=watch.id,
            any=tuple(groups["any"]),
            all=tuple(groups["all"]),
            none=tuple(groups["none"]),
            languages=watch.languages,
            outlets=tuple(_host(outlet) for outlet in watch.outlets),
            facts_only=watch.facts_only,
            entities=tuple(entities.values()),
            definition=watch.model_dump_json(exclude_defaults=True),
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
            if len(self._made) >= _REMEMBERED:
                self._made = {}
            made = _Made()
            try:
                made.condition = self._resolve(condition, made)
            except NameMeansNothing as error:
                made.error = error
            self._made[key] = made
        return self._made[key]

    def _resolve(self, condition: Condition, made: _Made) -> ResolvedCondition:
        match condition:
            case TownCondition():
                return self._town(condition, made)
            case RouteCondition():
                return self._route(condition, made)
            case ActorCondition():
                meaning = self._resolver.actor(condition.actor)
                made.take(("actor",), meaning)
                return ResolvedCondition("actor", (meaning.ids,))
            case AreaCondition():
                if condition.area.country is not None:
                    self._check_country(condition.area.country, ("area", "country"))
                area = condition.area.model_dump(exclude_none=True, mode="json")
                return ResolvedCondition("area", area=json.dumps(area, sort_keys=True))
            case PhraseCondition():
                return ResolvedCondition("phrase", words=condition.phrase)

    def _town(self, condition: TownCondition, made: _Made) -> ResolvedCondition:
        if condition.country is not None:
            self._check_country(condition.country, ("country",))
        meaning = self._resolver.town(condition.town, condition.country)
        made.take(("town",), meaning)
        place = meaning.entity
        if condition.within_km is not None and (place.lat is None or place.lon is None):
            raise NameMeansNothing(
                ("within_km",),
                f"nobody knows where {place.name} lies: leave within_km out, or add its lat and lon to a pack",
            )
        return ResolvedCondition("town", (meaning.ids,), condition.within_km)

    def _route(self, condition: RouteCondition, made: _Made) -> ResolvedCondition:
        road = ""
        if isinstance(condition.route, str):
            known, meanings = self._resolver.road(condition.route)
            road = known.id
            made.learn(known)
        else:
            meanings = self._resolver.waypoints(condition.route)
        for index, meaning in enumerate(meanings):
            made.take(("route", index), meaning)
        return ResolvedCondition("route", tuple(meaning.ids for meaning in meanings), condition.corridor_km, road)

    def _check_country(self, code: str, step: tuple[str | int, ...]) -> None:
        if not self._knowledge.knows(f"country:{code}"):
            raise NameMeansNothing(
                step, f'no country has the code "{code}": write its two letters of ISO 3166, such as SY for Syria'
            )


class _Made:
    """What became of a condition: itself, or the error; the notes, and what only this watch knows."""

    def __init__(self) -> None:
        self.condition: ResolvedCondition | None = None
        self.error: NameMeansNothing | None = None
        self.notes: list[tuple[tuple[str | int, ...], str]] = []
        self.entities: list[Entity] = []

    def take(self, step: tuple[str | int, ...], meaning: Meaning) -> None:
        if meaning.note:
            self.notes.append((step, meaning.note))
        self.learn(meaning.entity)

    def learn(self, entity: Entity) -> None:
        if entity.source.startswith("watch:"):
            self.entities.append(entity)


def _host(outlet: str) -> str:
    """An outlet as hosts are kept in articles: `https://www.sana.sy/` is `sana.sy`."""
    host = (urlsplit(outlet).hostname or outlet) if "://" in outlet else outlet.split("/", 1)[0]
    return host.lower().removeprefix("www.").strip(".")

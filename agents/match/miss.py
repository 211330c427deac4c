"""The nearest miss of a condition that does not hold: what came closest to it, and what was wanting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.corridor import Corridor, Degrees, distance_km
from agents.match.facts import MIN_CONFIDENCE, Facts, counts, is_sure
from agents.match.ground import is_point
from agents.match.phrase import fold
from agents.match.placing import how_far
from agents.match.route import Route
from agents.names.entity import Entity, Knowledge
from streams.records import Evidence, Mention

_LISTED, _FAR_KM = 5, 500.0
"""Actors that are told, and how far a place may be to be told of as the nearest."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a condition does not hold, with the spans of what came nearest; `nearness` orders misses, 0 to 1."""

    nearness: float
    reason: str
    evidence: tuple[Evidence, ...] = ()


def nearest_miss(condition: CompiledCondition, facts: Facts, knowledge: Knowledge) -> Miss:
    """What came nearest to a condition that does not hold."""
    match condition:
        case Town():
            return _best(_town(condition, facts, knowledge), f"{condition.place.name} is not named")
        case Actor():
            return _best(_actor(condition, facts), f"{condition.actor.name} is not named")
        case Route():
            silent = f"neither the road {condition.name} nor anything on it is named"
            return _best(_route(condition, facts, knowledge), silent)
        case Inside():
            return _best(_area(condition, facts, knowledge), "no place is named")
        case Phrase():
            return _phrase(condition, facts)


def _best(misses: Iterable[Miss], otherwise: str) -> Miss:
    return max(misses, key=lambda miss: miss.nearness, default=Miss(0.0, otherwise))


def _town(town: Town, facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    yield from _entity(town.place, town.ids, facts)
    yield from _namesakes(town.place, town.ids, facts, knowledge)
    if town.circle is not None:
        name = town.place.name
        yield from _nearest_place(
            town.circle,
            facts,
            knowledge,
            lambda mention, far: f"the nearest place named, {mention.name}, lies {far} from {name}",
            f"the watch asks for {town.circle.width_km:g} km",
        )
    elif town.place.lat is not None and town.place.lon is not None:
        yield from _elsewhere(town.place, (town.place.lat, town.place.lon), facts, knowledge)


def _elsewhere(town: Entity, here: Degrees, facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    """The place named nearest to a town that is not."""
    far = {distance_km(here, (one.lat or 0.0, one.lon or 0.0)): one for one in _placed(facts, knowledge)}
    nearest = min(far, default=_FAR_KM)
    if nearest < _FAR_KM:
        reason = (
            f"{town.name} is not named; the nearest place named, {far[nearest].name}, lies {nearest:.0f} km from it"
        )
        yield Miss(0.1, reason, (facts.evidence(far[nearest], f"{nearest:.0f} km away"),))


def _entity(entity: Entity, ids: Sequence[str], facts: Facts) -> Iterable[Miss]:
    """Readings of the entity itself that were too unsure, or the same word read as something else."""
    names = {fold(name) for name in (entity.name, *entity.names)}
    for mention in facts.enriched.mentions:
        if mention.entity in ids and is_sure(mention):
            reason = f"{mention.surface} is the name of something else here: of a body, a thing or a person"
            yield Miss(0.95, reason, (facts.evidence(mention, "bears the name"),))
        elif mention.entity in ids:
            reason = f"{mention.surface} was read as {entity.name} with confidence {_confidence(mention)}"
            wanting = f"a watch needs {MIN_CONFIDENCE:.2f}".replace("0.", ".")
            yield Miss(0.9 + mention.confidence / 100, f"{reason}, {wanting}", (facts.evidence(mention, "too unsure"),))
        elif fold(mention.surface) in names and (mention.kind != entity.kind or mention.entity is None):
            other = "an unknown " + mention.kind if mention.entity is None else f"the {mention.kind} {mention.name}"
            yield Miss(0.6, f"{mention.surface} was read as {other}", (facts.evidence(mention, f"read as {other}"),))


def _actor(actor: Actor, facts: Facts) -> Iterable[Miss]:
    yield from _entity(actor.actor, actor.ids, facts)
    others = {one.name: one for one in facts.enriched.mentions if one.kind == "actor" and one.entity not in actor.ids}
    if others:
        named = ", ".join(list(others)[:_LISTED]) + (" and more" if len(others) > _LISTED else "")
        evidence = tuple(facts.evidence(one, "another actor") for one in list(others.values())[:_LISTED])
        yield Miss(0.1, f"{actor.actor.name} is not named; the actors named are {named}", evidence)


def _namesakes(place: Entity, ids: Sequence[str], facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    """Mentions with the place's name that were placed elsewhere."""
    names = {fold(name) for name in (place.name, *place.names)}
    for mention in facts.enriched.mentions:
        if mention.kind != "place" or mention.entity is None or mention.entity in ids:
            continue
        if fold(mention.surface) in names or fold(mention.name) in names:
            where = _country(mention.country, knowledge)
            wanted = _country(place.country, knowledge)
            if where == wanted:
                where = f"{where} as {mention.name}{_apart(mention, place)}"
                wanted = f"another {place.name} there"
            reason = f"{mention.surface} was placed in {where} ({_confidence(mention)}), the watch is on {wanted}"
            yield Miss(0.8, reason, (facts.evidence(mention, f"placed in {where}"),))


def _route(route: Route, facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    for waypoint, ids in zip(route.waypoints, route.doubles, strict=True):
        yield from (miss for miss in _entity(waypoint, ids, facts) if not set(ids) & facts.named.keys())
        yield from _namesakes(waypoint, ids, facts, knowledge)
    for road in facts.enriched.mentions:
        if road.kind == "route" and counts(road) and road.entity and route.shares_with(road):
            reason = f"{road.surface} is named, but the sentence tells of another stretch of it than {route.name}"
            yield Miss(0.75, reason, (facts.evidence(road, "another stretch of the road"),))
    quiet = [mention for one in route.order if one in route.quiet for mention in facts.named.get(one, ())]
    if quiet:
        *others, last = dict.fromkeys(mention.name for mention in quiet)
        cities = f"{', '.join(others)} and {last} are" if others else f"{last} is"
        reason = f"of the road {route.name} only {cities} named"
        wanting = "a big city fires it only in a sentence that names another and speaks of a road"
        evidence = tuple(facts.evidence(mention, "a big city on the road") for mention in quiet)
        yield Miss(0.7, f"{reason}; {wanting}", evidence)
    yield from _nearest_place(
        route.corridor,
        facts,
        knowledge,
        lambda mention, far: f"the nearest place named, {mention.name}, lies {far} from the road {route.name}",
        f"the corridor reaches {route.corridor.width_km:g} km",
        leave_out=route.quiet,
    )


def _nearest_place(
    corridor: Corridor,
    facts: Facts,
    knowledge: Knowledge,
    say: Callable[[Mention, str], str],
    wanting: str,
    leave_out: frozenset[str] = frozenset(),
) -> Iterable[Miss]:
    placed = [mention for mention in _placed(facts, knowledge) if mention.entity not in leave_out]
    if placed:
        distances = corridor.distances_km(
            [place.lat or 0.0 for place in placed], [place.lon or 0.0 for place in placed]
        )
        position = int(distances.argmin())
        mention, far = placed[position], how_far(placed[position], corridor)
        nearness = 0.5 / (1.0 + max(0.0, float(distances[position]) - corridor.width_km) / 20.0)
        yield Miss(nearness, f"{say(mention, far)}; {wanting}", (facts.evidence(mention, f"{far} away"),))


def _area(area: Inside, facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    if area.country is None and area.shape is not None:
        yield from _outside(area, area.shape, facts, knowledge)
        return
    for mention in facts.enriched.mentions:
        if mention.kind == "place" and mention.country == area.country:
            unsure = f"was placed in {area.name} with confidence {_confidence(mention)}, too low to count"
            reason = f"{mention.surface} {'is the name of something else here' if is_sure(mention) else unsure}"
            yield Miss(0.9, reason, (facts.evidence(mention, "does not count"),))
    others = {country: mentions[0] for country, mentions in facts.countries.items()}
    if others:
        names = ", ".join(sorted(_country(country, knowledge) for country in others))
        evidence = tuple(
            facts.evidence(one, f"placed in {_country(one.country, knowledge)}") for one in others.values()
        )
        yield Miss(0.3, f"the places named lie in {names}, none in {area.name}", evidence)


def _outside(area: Inside, shape: BaseGeometry, facts: Facts, knowledge: Knowledge) -> Iterable[Miss]:
    for mention in _placed(facts, knowledge):
        edge = nearest_points(shape, shapely.Point(mention.lon, mention.lat))[0]
        away = distance_km((edge.y, edge.x), (mention.lat or 0.0, mention.lon or 0.0))
        reason = f"{mention.name} lies {away:.0f} km outside {area.name}"
        yield Miss(0.5 / (1.0 + away / 20.0), reason, (facts.evidence(mention, f"{away:.0f} km outside"),))


def _phrase(phrase: Phrase, facts: Facts) -> Miss:
    text = set(fold(f"{facts.field('title')} {facts.field('text')}").split())
    words = phrase.folded.split()
    there = [word for word in words if word in text]
    reason = f'the words "{phrase.words}" do not stand in the article'
    if there and len(words) > 1:
        missing = [word for word in words if word not in text]
        reason += f', "{" ".join(missing)}" is missing' if missing else " next to each other"
    return Miss(0.4 * len(there) / len(words), reason)


def _placed(facts: Facts, knowledge: Knowledge) -> list[Mention]:
    """Mentions that were placed somewhere small enough to measure from."""
    placed: list[Mention] = []
    for mention in facts.enriched.mentions:
        if mention.kind == "place" and mention.lat is not None and mention.lon is not None:
            entity = knowledge.entity(mention.entity) if mention.entity else None
            if counts(mention) and (entity is None or is_point(entity)):
                placed.append(mention)
    return placed


def _apart(mention: Mention, place: Entity) -> str:
    if mention.lat is None or mention.lon is None or place.lat is None or place.lon is None:
        return ""
    return f", {distance_km((mention.lat, mention.lon), (place.lat, place.lon)):.0f} km away"


def _country(code: str | None, knowledge: Knowledge) -> str:
    entity = knowledge.entity(f"country:{code}") if code else None
    return entity.name if entity else code or "an unknown country"


def _confidence(mention: Mention) -> str:
    return f"{mention.confidence:.2f}".removeprefix("0")

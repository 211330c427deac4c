"""Random watches and articles, and the hits by brute force: every watch asked of every article, by the rules as
docs/watches.md has them for people, without index, folding or entity sets."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from random import Random
from typing import Any

from builders import an_article
from small_world import WORLD

from agents.match.corridor import Corridor, distance_km
from agents.names.entity import Entity
from streams.records import EnrichedArticle, Mention

PLACES = [entity for entity in WORLD.entities.values() if entity.kind == "place"]
POINTS = [place for place in PLACES if place.feature not in {"country", "region", "river"}]
ACTORS = [entity for entity in WORLD.entities.values() if entity.kind == "actor"]
M5 = WORLD.entities["route:m5"]
DESERT = Entity(
    "route:desert",
    "route",
    "Desert road",
    waypoints=("place:aleppo", "place:khanasser", "place:athriya", "place:homs"),
)
UNKNOWN = Entity("place:unknown", "place", "Newton", ("Newton",), 35.74, 37.52, "SY", None, "village")
NAMELESS = Entity("", "place", "Nowhere", (), 35.0, 36.8, "SY", None, "village")
WORDS = ["grain", "silo", "olive", "harvest"]
SYRIAN = [place for place in POINTS if place.country == "SY" and place.feature != "quarter"]
STOPS = ["aleppo", "khanasser", "athriya", "hama", "homs", "rastan", "damascus", "labasa", "somosomo"]
BOXES = [
    [36.5, 34.5, 37.0, 35.3],
    [35.0, 33.0, 38.0, 36.5],
    [179.0, -18.0, -179.0, -16.0],
    [-10.0, 60.0, 40.0, 80.0],
]
Condition = dict[str, Any]
Expected = tuple[str, str, str, tuple[str, ...], tuple[tuple[int, int], ...]]
"""Watch, clause, reason, kinds, spans of the evidence in the text."""


def a_condition(chance: Random) -> Condition:
    match chance.randrange(6):
        case 0:
            return {"town": chance.choice(POINTS).id}
        case 1:
            return {"town": chance.choice(POINTS).id, "within_km": chance.choice([3.0, 12.0, 45.0, 200.0])}
        case 2:
            if chance.random() < 0.2:
                return {"route": "M5", "corridor_km": 6.0}
            stops = chance.sample(STOPS, chance.choice([2, 3, 4]))
            return {"route": [f"place:{one}" for one in stops], "corridor_km": chance.choice([2.0, 8.0, 30.0, 100.0])}
        case 3:
            area: dict[str, Any] = {"country": chance.choice(["SY", "LB", "FJ"])}
            return {"area": area if chance.random() < 0.5 else {"bbox": chance.choice(BOXES)}}
        case 4:
            return {"actor": chance.choice(ACTORS).name}
    return {"phrase": " ".join(chance.choices(WORDS, k=chance.choice([1, 2])))}


def a_watch(chance: Random, name: str) -> dict[str, Any]:
    some = [a_condition(chance) for _ in range(chance.randrange(4))]
    every = [a_condition(chance) for _ in range(chance.randrange(0 if some else 1, 3))]
    return {
        "id": name,
        "any": some,
        "all": every,
        "none": [a_condition(chance) for _ in range(chance.choice([0, 0, 1]))],
        "languages": chance.choice([[], [], ["fr"], ["en", "ar"]]),
        "outlets": chance.choice([[], [], ["example"], ["one.example", "two.example"]]),
        "facts_only": chance.random() < 0.2,
    }


def an_enriched(chance: Random, name: str) -> EnrichedArticle:
    """Sentences of names and words, each name a mention, with roads now and then."""
    mentions: list[Mention] = []
    text = ""
    for _ in range(chance.randint(1, 4)):
        text += chance.choice(["The road ", "Market: ", "A convoy: "])
        for _ in range(chance.randrange(4)):
            what = chance.choice(chance.choice([PLACES, ACTORS, WORDS, [UNKNOWN, NAMELESS]]))
            word = what if isinstance(what, str) else what.name
            if not isinstance(what, str):
                modality = chance.choice(["fact", "fact", "negated"])
                found = mention(what, len(text), word, chance.choice([0.9, 0.5, 0.49]))
                mentions.append(replace(found, modality=modality))
            text += word + " "
        match chance.randrange(8):
            case 0 | 1:
                text = _written_road(chance, text, mentions)
            case 2:
                road = chance.choice([M5, DESERT])
                mentions.append(mention(road, len(text), road.name, 0.9))
                text += road.name
        text = text.rstrip() + ". "
    language = chance.choice(["fr", "en", "ar"])
    outlet = chance.choice(["one.example", "www2.two.example", "example", "other.test", ""])
    article = an_article(name, title="", text=text, language=language, outlet=outlet)
    return EnrichedArticle(article, language, tuple(mentions), text)


def _written_road(chance: Random, text: str, mentions: list[Mention]) -> str:
    stops = chance.sample(SYRIAN, chance.choice([2, 3]))
    words = "-".join(stop.name for stop in stops)
    road = Entity("", "route", words, waypoints=tuple(stop.id for stop in stops))
    mentions.append(mention(road, len(text), words, 0.9))
    mentions.extend(mention(stop, len(text) + words.index(stop.name), stop.name, 0.9) for stop in stops)
    return text + words


def mention(entity: Entity, start: int, surface: str, confidence: float) -> Mention:
    return Mention(
        "text",
        start,
        start + len(surface),
        surface,
        entity.kind,
        entity.id or None,
        entity.name,
        entity.lat,
        entity.lon,
        entity.country,
        confidence,
        entity.waypoints,
    )


Proof = tuple[str, list[Mention] | list[tuple[int, int]]]
"""The reason, and what shows it."""


def expected(watch: dict[str, Any], enriched: EnrichedArticle) -> Expected | None:
    """The hit of a watch, or None."""
    outlet = enriched.article.outlet
    if watch["languages"] and enriched.language not in watch["languages"]:
        return None
    if watch["outlets"] and not any(f".{outlet}".endswith(f".{one}") for one in watch["outlets"]):
        return None
    if watch["facts_only"]:
        enriched = replace(enriched, mentions=tuple(one for one in enriched.mentions if one.modality == "fact"))
    some = [_proof(one, enriched) for one in watch["any"]]
    every = [_proof(one, enriched) for one in watch["all"]]
    if None in every or (some and not any(some)) or any(_proof(one, enriched) for one in watch["none"]):
        return None
    held = [(f"any[{at}]", watch["any"][at], proof) for at, proof in enumerate(some) if proof]
    reasons = [proof[0] for _, _, proof in held][:1] + [proof[0] for proof in every if proof]
    held += [(f"all[{at}]", watch["all"][at], proof) for at, proof in enumerate(every) if proof]
    kinds = {_kind(condition) for _, condition, _ in held}
    spans = {_span(one) for _, _, proof in held for one in proof[1]}
    return (
        watch["id"],
        f"{held[0][0]}.{_kind(held[0][1])}",
        "; ".join(dict.fromkeys(reasons)) + ".",
        tuple(kind for kind in ("route", "town", "actor", "area", "phrase") if kind in kinds),
        tuple(sorted(spans, key=lambda span: (span[0], -span[1]))),
    )


def _kind(condition: Condition) -> str:
    return next(kind for kind in ("route", "town", "actor", "area", "phrase") if kind in condition)


def _span(one: Mention | tuple[int, int]) -> tuple[int, int]:
    return one if isinstance(one, tuple) else (one.start, one.end)


def _proof(condition: Condition, enriched: EnrichedArticle) -> Proof | None:
    sure = [one for one in sorted(enriched.mentions, key=lambda one: one.start) if one.confidence >= 0.5]
    match _kind(condition):
        case "phrase":
            return _phrase(condition["phrase"], enriched.article.text)
        case "actor":
            return _named([one for one in sure if one.name == condition["actor"]])
        case "town":
            return _town(condition, sure)
        case "area":
            return _area(condition["area"], sure)
    return Road(condition, sure, enriched).proof()


def _named(mentions: list[Mention]) -> Proof | None:
    return (f"{mentions[0].name} is named", mentions) if mentions else None


def _phrase(phrase: str, text: str) -> Proof | None:
    spans = []
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if not text[start - 1].isalnum() and not text[end : end + 1].isalnum():
            spans.append((start, end))
        start = text.find(phrase, start + 1)
    return (f'The words "{phrase}" stand in the article', spans) if spans else None


def _town(condition: Condition, sure: list[Mention]) -> Proof | None:
    town = WORLD.entities[condition["town"]]
    own = [one for one in sure if one.entity == town.id]
    near = []
    if condition.get("within_km") is not None:
        key = json.dumps({"points": [town.id], "km": condition["within_km"]})
        near = [one for one in _known_first(sure) if one.entity != town.id and _on_line(key, one)]
    if own:
        return f"{town.name} is named", own + near
    return (f"{near[0].name} lies {_far(near[0], [town.id])} from {town.name}", near) if near else None


def _area(area: dict[str, Any], sure: list[Mention]) -> Proof | None:
    if "country" in area:
        inside = [one for one in sure if one.kind == "place" and one.country == area["country"]]
        name = WORLD.entities[f"country:{area['country']}"].name
    else:
        inside = [one for one in _known_first(sure) if _in_box(area["bbox"], one)]
        name = "the box {:g}, {:g}, {:g}, {:g}".format(*area["bbox"])
    return (f"{inside[0].name} lies in {name}", inside) if inside else None


def _known_first(sure: list[Mention]) -> list[Mention]:
    """What is placed somewhere small enough, known places before what was not known."""
    known = {place.id for place in POINTS}
    placed = [one for one in sure if one.entity in known]
    return placed + [one for one in sure if one.kind == "place" and one.entity not in WORLD.entities]


def _in_box(bbox: list[float], one: Mention) -> bool:
    west, south, east, north = bbox
    if one.lat is None or one.lon is None or not south <= one.lat <= north:
        return False
    return west <= one.lon <= east if west < east else one.lon >= west or one.lon <= east


def _on_line(key: str, one: Mention) -> bool:
    return one.lat is not None and one.lon is not None and _apart(key, one.lat, one.lon) <= json.loads(key)["km"]


@cache
def _apart(key: str, lat: float, lon: float) -> float:
    places = [WORLD.entities[one] for one in json.loads(key)["points"]]
    points = tuple((place.lat or 0.0, place.lon or 0.0) for place in places)
    if len(points) == 1:
        return distance_km(points[0], (lat, lon))
    return Corridor(points, 1.0).distance_km((lat, lon))


def _far(one: Mention, points: list[str]) -> str:
    away = _apart(json.dumps({"points": points, "km": 0}), one.lat or 0.0, one.lon or 0.0)
    return f"{away:.1f} km" if away < 10 else f"{away:.0f} km"


class Road:
    """A road on one article."""

    def __init__(self, condition: Condition, sure: list[Mention], enriched: EnrichedArticle) -> None:
        self.by_name = condition["route"] == "M5"
        self.stops: list[str] = list(M5.waypoints) if self.by_name else condition["route"]
        places = [WORLD.entities[stop] for stop in self.stops]
        self.name = M5.name if self.by_name else " - ".join(place.name for place in places)
        self.asked = {place.id for place in (places if self.by_name else (places[0], places[-1]))}
        self.big = {one for one in self.asked if WORLD.entities[one].population >= 100_000}
        self.key = json.dumps({"points": self.stops, "km": condition["corridor_km"]})
        self.sure = sure
        self.enriched = enriched

    def proof(self) -> Proof | None:
        named = [one for one in self.sure if self.by_name and one.entity == M5.id]
        joined = [
            (two, road)
            for two, road in self._neighbours()
            if two[0] in self.stops
            and two[1] in self.stops
            and (road.entity is None or (not self.by_name and self._straight(*two)))
        ]
        cities = self._two_cities()
        placed = [one for one in _known_first(self.sure) if not self._quiet(one) and _on_line(self.key, one)]
        shown = [*named, *(road for _, road in joined), *cities, *placed]
        return (self._reason(named, joined, cities, placed), shown) if shown else None

    def _neighbours(self) -> list[tuple[tuple[str, str], Mention]]:
        """Two places that follow each other on a road of the article, or lie on a known one; the same two together."""
        found: dict[tuple[str, str], list[Mention]] = {}
        for road in (one for one in self.enriched.mentions if one.confidence >= 0.5 and one.kind == "route"):
            known = road.entity is not None
            for one, other in self._meant(road) if known else pairwise(road.waypoints):
                found.setdefault((min(one, other), max(one, other)), []).append(road)
        return [(two, road) for two, roads in found.items() for road in roads]

    def _meant(self, road: Mention) -> list[tuple[str, str]]:
        """Of a known road every two places, but no stretch that only touches or misses the one its sentence names."""
        here = {one.entity for one in self.sure if self._sentence(one) == self._sentence(road)}
        stops = road.waypoints
        at = [stops.index(stop) for stop in stops if stop in here]
        two = list(combinations(stops, 2))
        if not at:
            return two
        spans = {pair: set(range(stops.index(pair[0]), stops.index(pair[1]) + 1)) for pair in two}
        meant = set(range(min(at), max(at) + 1))
        return [pair for pair in two if len(spans[pair] & meant) >= min(2, len(meant))]

    def _straight(self, one: str, other: str) -> bool:
        first, last = sorted((self.stops.index(one), self.stops.index(other)))
        way = [WORLD.entities[stop] for stop in self.stops[first : last + 1]]
        points = [(place.lat or 0.0, place.lon or 0.0) for place in way]
        along = sum(distance_km(here, there) for here, there in pairwise(points))
        return last - first == 1 or along <= 1.2 * distance_km(points[0], points[-1])

    def _quiet(self, one: Mention) -> bool:
        place = WORLD.entities.get(one.entity or "", UNKNOWN)
        quarter = one.entity == "place:sheikh-maqsoud" and self._has_big("place:aleppo")
        return one.entity in self.big or quarter or (self.by_name and place.population >= 100_000)

    def _has_big(self, city: str) -> bool:
        return city in self.big

    def _two_cities(self) -> list[Mention]:
        mentions = [one for one in self.enriched.mentions if one.confidence >= 0.5]
        roads = [road for road in self.enriched.mentions if road.kind == "route"]
        for one, other in combinations(sorted(self.big), 2):
            for there in (found for found in mentions if found.entity == other):
                for here in (found for found in mentions if found.entity == one):
                    start, end = min(here.start, there.start), max(here.end, there.end)
                    together = any(road.start <= start and end <= road.end for road in roads)
                    if self._sentence(here) == self._sentence(there) and not together and self._of_a_road(here):
                        return [here, there]
        return []

    def _sentence(self, one: Mention) -> int:
        return self.enriched.article.text.count(". ", 0, one.start)

    def _of_a_road(self, one: Mention) -> bool:
        sentence = self.enriched.article.text.split(". ")[self._sentence(one)]
        return sentence.startswith(("The road", "A convoy")) or any(name in sentence for name in (M5.name, DESERT.name))

    def _reason(
        self,
        named: list[Mention],
        joined: list[tuple[tuple[str, str], Mention]],
        cities: list[Mention],
        placed: list[Mention],
    ) -> str:
        if named:
            return f"The road {self.name} is named"
        if joined:
            return f"The road {self.name} is named by {self._both(*joined[0][0])}"
        own = list(dict.fromkeys(one.entity for one in placed if one.entity in self.stops))
        for one, other in combinations(own, 2):
            if self._together(one, other):
                return f"{self._both(one or '', other or '')} on the road {self.name} are named in one sentence"
        if cities and not own:
            both = self._both(cities[0].entity or "", cities[1].entity or "")
            return f"{both} on the road {self.name} are named in one sentence about a road"
        if own:
            last = [one for one in placed if one.entity == own[0]][-1]
            return f"{last.name} lies on the road {self.name}"
        return f"{placed[0].name} lies {_far(placed[0], self.stops)} from the road {self.name}"

    def _together(self, one: str | None, other: str | None) -> bool:
        where = {self._sentence(found) for found in self.sure if found.entity == one}
        return any(self._sentence(found) in where for found in self.sure if found.entity == other)

    def _both(self, one: str, other: str) -> str:
        return " and ".join(WORLD.entities[stop].name for stop in self.stops if stop in (one, other))

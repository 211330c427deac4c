"""The matcher against brute force: every watch asked of every article, by the rules as they are written for people."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

from builders import an_article
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import WORLD, compiled

from agents.match.backtest import backtest
from agents.match.corridor import Corridor, distance_km
from agents.match.explain import explain
from agents.match.matcher import match
from agents.names.entity import Entity
from streams.records import EnrichedArticle, Mention

PLACES = [entity for entity in WORLD.entities.values() if entity.kind == "place"]
POINTS = [place for place in PLACES if place.feature not in {"country", "region", "river"}]
ACTORS = [entity for entity in WORLD.entities.values() if entity.kind == "actor"]
WORDS = ["grain", "silo", "olive", "harvest"]
SYRIAN = [place for place in POINTS if place.country == "SY" and place.feature != "quarter"]
ROUTES = [
    route
    for count in (2, 3)
    for route in combinations(["aleppo", "khanasser", "athriya", "hama", "homs", "rastan", "damascus", "labasa"], count)
]


def town() -> st.SearchStrategy[dict[str, Any]]:
    within = st.one_of(st.none(), st.sampled_from([3.0, 12.0, 45.0, 200.0]))
    return st.builds(lambda place, km: {"town": place.id, "within_km": km}, st.sampled_from(POINTS), within)


def route() -> st.SearchStrategy[dict[str, Any]]:
    listed = st.builds(
        lambda places, km: {"route": [f"place:{place}" for place in places], "corridor_km": km},
        st.sampled_from(ROUTES),
        st.sampled_from([2.0, 8.0, 30.0, 100.0]),
    )
    return st.one_of(listed, st.just({"route": "M5", "corridor_km": 6.0}))


def area() -> st.SearchStrategy[dict[str, Any]]:
    boxes = [
        [36.5, 34.5, 37.0, 35.3],
        [35.0, 33.0, 38.0, 36.5],
        [179.0, -18.0, -179.0, -16.0],
        [-10.0, 60.0, 40.0, 80.0],
    ]
    return st.one_of(
        st.sampled_from(["SY", "LB", "FJ"]).map(lambda code: {"area": {"country": code}}),
        st.sampled_from(boxes).map(lambda box: {"area": {"bbox": box}}),
    )


PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(lambda words: {"phrase": " ".join(words)})
CONDITION = st.one_of(
    town(), route(), area(), st.sampled_from(ACTORS).map(lambda actor: {"actor": actor.name}), PHRASES
)
WATCH = st.fixed_dictionaries(
    {
        "any": st.lists(CONDITION, max_size=3),
        "all": st.lists(CONDITION, max_size=2),
        "none": st.lists(CONDITION, max_size=1),
        "languages": st.sampled_from([[], [], ["fr"], ["en", "ar"]]),
        "outlets": st.sampled_from([[], [], ["example"], ["one.example", "two.example"]]),
    }
).filter(lambda watch: bool(watch["any"] or watch["all"]))
UNKNOWN = Entity("place:unknown", "place", "Newton", ("Newton",), 35.74, 37.52, "SY", None, "village")


@st.composite
def articles(draw: st.DrawFn) -> EnrichedArticle:
    """Sentences of names and words, each name a mention, with roads now and then."""
    mentions: list[Mention] = []
    text = ""
    for _ in range(draw(st.integers(1, 4))):
        text += draw(st.sampled_from(["The road ", "Market: ", "A convoy: "]))
        for _ in range(draw(st.integers(0, 3))):
            what = draw(st.one_of(st.sampled_from([*PLACES, *ACTORS, UNKNOWN]), st.sampled_from(WORDS)))
            word = what if isinstance(what, str) else what.name
            if not isinstance(what, str):
                confidence = draw(st.sampled_from([0.9, 0.5, 0.49]))
                mentions.append(mention(what, len(text), word, confidence))
            text += word + " "
        if draw(st.integers(0, 4)) == 0:
            stops = draw(st.lists(st.sampled_from(SYRIAN), min_size=2, max_size=3, unique=True))
            words = "-".join(stop.name for stop in stops)
            road = Entity("", "route", words, waypoints=tuple(stop.id for stop in stops))
            mentions.append(mention(road, len(text), words, 0.9))
            for stop in stops:
                mentions.append(mention(stop, len(text) + words.index(stop.name), stop.name, 0.9))
            text += words
        elif draw(st.integers(0, 6)) == 0:
            mentions.append(mention(WORLD.entities["route:m5"], len(text), "M5", 0.9))
            text += "M5"
        text = text.rstrip() + ". "
    language = draw(st.sampled_from(["fr", "en", "ar"]))
    outlet = draw(st.sampled_from(["one.example", "www2.two.example", "example", "other.test", ""]))
    article = an_article("one", title="", text=text, language=language, outlet=outlet)
    return EnrichedArticle(article, language, tuple(mentions), text)


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


def fires(watch: dict[str, Any], enriched: EnrichedArticle) -> bool:
    """The rules in plain Python, without index, entity sets or folding."""
    outlet = enriched.article.outlet
    return (
        all(holds(one, enriched) for one in watch["all"])
        and (not watch["any"] or any(holds(one, enriched) for one in watch["any"]))
        and not any(holds(one, enriched) for one in watch["none"])
        and (not watch["languages"] or enriched.language in watch["languages"])
        and (not watch["outlets"] or any(f".{outlet}".endswith(f".{one}") for one in watch["outlets"]))
    )


def holds(condition: dict[str, Any], enriched: EnrichedArticle) -> bool:
    sure = [one for one in enriched.mentions if one.confidence >= 0.5]
    points = [one for one in sure if one.entity in {place.id for place in (*POINTS, UNKNOWN)}]
    if "phrase" in condition:
        words = enriched.article.text.lower().replace(".", " . ").replace(":", " : ").split()
        wanted = condition["phrase"].split()
        return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))
    if "actor" in condition:
        return any(one.name == condition["actor"] for one in sure)
    if "town" in condition:
        town = WORLD.entities[condition["town"]]
        near = condition["within_km"]
        return any(one.entity == town.id for one in sure) or (
            near is not None and any(apart(one, town) <= near for one in points)
        )
    if "area" in condition:
        return any(inside(condition["area"], one, points) for one in sure if one.kind == "place")
    return road_holds(condition, enriched, sure, points)


def apart(one: Mention, place: Entity) -> float:
    assert one.lat is not None
    assert one.lon is not None
    assert place.lat is not None
    assert place.lon is not None
    return distance_km((one.lat, one.lon), (place.lat, place.lon))


def inside(area: dict[str, Any], one: Mention, points: list[Mention]) -> bool:
    if "country" in area:
        return one.country == area["country"]
    west, south, east, north = area["bbox"]
    if one not in points or one.lat is None or one.lon is None or not south <= one.lat <= north:
        return False
    return west <= one.lon <= east if west < east else one.lon >= west or one.lon <= east


def road_holds(
    condition: dict[str, Any], enriched: EnrichedArticle, sure: list[Mention], points: list[Mention]
) -> bool:
    by_name = condition["route"] == "M5"
    stops = list(WORLD.entities["route:m5"].waypoints) if by_name else condition["route"]
    if by_name and any(one.entity == "route:m5" for one in sure):
        return True
    for road in (one for one in sure if one.kind == "route"):
        if any(one in stops and other in stops for one, other in pairwise(road.waypoints)):
            return True
    places = [WORLD.entities[stop] for stop in stops]
    big = {place.id for place in (places if by_name else [places[0], places[-1]]) if place.population >= 100_000}
    line = Corridor(tuple((place.lat or 0.0, place.lon or 0.0) for place in places), condition["corridor_km"])
    for one in points:
        quarter = one.entity == "place:sheikh-maqsoud" and "place:aleppo" in big
        big_on_named = by_name and WORLD.entities.get(one.entity or "", UNKNOWN).population >= 100_000
        if one.entity not in big and not quarter and not big_on_named and line.contains((one.lat or 0, one.lon or 0)):
            return True
    start = 0
    for sentence in enriched.article.text.split(". "):
        end = start + len(sentence)
        if sentence.startswith(("The road", "A convoy")):
            named = [one for one in sure if start <= one.start < end and one.entity in big]
            for one, other in combinations(named, 2):
                roads = [road for road in enriched.mentions if road.kind == "route"]
                together = any(
                    road.start <= min(one.start, other.start) and max(one.end, other.end) <= road.end for road in roads
                )
                if one.entity != other.entity and not together:
                    return True
        start = end + 2
    return False


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(WATCH, min_size=1, max_size=8), st.lists(articles(), min_size=1, max_size=4))
def test_hits_equal_brute_force(watches: list[dict[str, Any]], enriched: list[EnrichedArticle]) -> None:
    named = [{"id": f"w{number}", **watch} for number, watch in enumerate(watches)]
    made = compiled(*named)
    enriched = [replace(one, article=replace(one.article, id=f"a{number}")) for number, one in enumerate(enriched)]
    for one in enriched:
        found = match(one, made)
        assert [hit.watch for hit in found] == [watch["id"] for watch in named if fires(watch, one)], one.article.text
        by_watch = {hit.watch: hit for hit in found}
        for watch in named:
            said = explain(one, made, watch["id"])
            assert said.fires == (watch["id"] in by_watch)
            assert said.clause
            assert said.reason.endswith(".")
            evidence = said.evidence
            if said.fires:
                hit = by_watch[watch["id"]]
                assert (said.reason, said.clause, evidence) == (hit.reason, hit.clause, hit.evidence)
                assert evidence
            for piece in evidence:
                assert one.article.text[piece.start : piece.end] == piece.surface
        alone = [hit for watch in named for hit in match(one, compiled(watch))]
        assert alone == found
    replayed = [one.hit for one in backtest(enriched, made)]
    assert replayed == [hit for one in enriched for hit in match(one, made)]

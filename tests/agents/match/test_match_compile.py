"""Names in watches: what they are taken to mean, and what is said where they mean nothing or too much."""

from __future__ import annotations

from typing import Any

import pytest
from small_world import WORLD, compiled

from agents.match.compile import compile_watches
from agents.match.conditions import Actor, CompiledCondition, Inside, Town
from agents.match.resolve import NameProblem, doubles
from agents.match.route import Route
from agents.match.watch import Watch
from agents.names.entity import Entity


def problems_of(*conditions: dict[str, Any], group: str = "any") -> list[NameProblem]:
    watch = Watch.model_validate({"id": "w", "any": [{"phrase": "x"}], group: list(conditions)})
    return compile_watches([watch], WORLD)[1]


def condition(written: dict[str, Any]) -> CompiledCondition:
    return compiled({"id": "w", "any": [written]}).watches[0].any[0]


def route(*names: str, **more: Any) -> Route:
    made = condition({"route": list(names), **more})
    assert isinstance(made, Route)
    return made


def test_route_places_are_those_that_lie_together() -> None:
    made = route("Alep", "Khanasser", "Athriya")
    assert [place.id for place in made.waypoints] == ["place:aleppo", "place:khanasser", "place:athriya"]
    assert made.doubles[1] == ("place:khanasser", "place:khanasser-again")
    assert [place.id for place in route("Beyrouth", "Batroun", "Tripoli").waypoints][-1] == "place:tripoli-lb"


def a_port(number: int, lat: float, people: int, country: str = "CO") -> Entity:
    return Entity(
        id=f"geonames:{number}", kind="place", name="Buenaventura", names=("Buenaventura",), lat=lat, lon=-77.0,
        country=country, feature="city", population=people,
    )  # fmt: skip


def test_a_city_and_its_municipality_are_one_but_villages_of_one_name_are_not() -> None:
    city = a_port(1, 3.58, 430_000)
    assert doubles(city, [city, a_port(2, 3.88, 240_000)]) == ("geonames:1", "geonames:2")
    for other in (a_port(2, 3.88, 900), a_port(2, 4.58, 240_000), a_port(2, 3.88, 240_000, "EC")):
        assert doubles(city, [city, other]) == ("geonames:1",)


def test_corridor_holds_what_lies_near_but_no_river_region_or_big_end() -> None:
    made = route("Alep", "Khanasser", "Athriya", corridor_km=10)
    assert made.places == {
        "place:khanasser",
        "place:khanasser-again",
        "place:athriya",
        "place:rasm",
        "place:safira",
    }
    assert made.quiet == {"place:aleppo", "place:sheikh-maqsoud"}


def test_corridor_across_the_antimeridian_and_near_a_pole() -> None:
    assert "place:somosomo" in route("Labasa", "Naqelelevu", corridor_km=70).places
    assert "place:pyramiden" in route("Longyearbyen", "Ny-Ålesund", corridor_km=60).places


def test_a_road_by_its_name_has_its_packs_places() -> None:
    made = condition({"route": "m5"})
    assert isinstance(made, Route)
    assert made.ids == ("route:m5",)
    assert "place:rastan" in made.places
    assert {"place:damascus", "place:homs", "place:hama", "place:aleppo"} <= made.quiet


def test_listed_cities_on_the_way_count_and_ends_do_not() -> None:
    made = route("Damas", "Homs", "Hama")
    assert "place:homs" in made.places
    assert made.quiet == {"place:damascus", "place:hama"}


@pytest.mark.parametrize(
    ("written", "entity"),
    [
        ({"town": "Tripoli"}, "place:tripoli-ly"),
        ({"town": "Tripoli", "country": "LB"}, "place:tripoli-lb"),
        ({"town": "Tripoli, LB"}, "place:tripoli-lb"),
        ({"town": "place:tripoli-lb"}, "place:tripoli-lb"),
        ({"town": "khanasser", "country": "SY"}, "place:khanasser-far"),
        ({"town": "حمص"}, "place:homs"),
        ({"town": "province d'Alep"}, "place:aleppo-province"),
    ],
)
def test_a_town_narrows(written: dict[str, Any], entity: str) -> None:
    made = condition(written)
    assert isinstance(made, Town)
    assert made.ids[0] == entity


def test_places_near_a_town() -> None:
    made = condition({"town": "place:khanasser", "within_km": 12})
    assert isinstance(made, Town)
    assert made.near == {"place:khanasser", "place:khanasser-again", "place:rasm"}


def test_actor_and_areas() -> None:
    actor = condition({"actor": "DAECH"})
    assert isinstance(actor, Actor)
    assert actor.actor.id == "actor:islamic-state"
    country = condition({"area": {"country": "SY"}})
    assert isinstance(country, Inside)
    assert (country.name, country.country) == ("Syria", "SY")
    box = condition({"area": {"bbox": [37.4, 35.3, 37.9, 35.9]}})
    assert isinstance(box, Inside)
    assert "place:khanasser" in box.places
    assert "place:euphrates" not in box.places
    fiji = condition({"area": {"bbox": [179.0, -18, -179.0, -16]}})
    assert isinstance(fiji, Inside)
    assert fiji.places == {"place:labasa", "place:somosomo", "place:naqelelevu"}
    triangle = {"type": "Polygon", "coordinates": [[[36.5, 34.5], [37.0, 34.5], [36.7, 35.3], [36.5, 34.5]]]}
    polygon = condition({"area": {"polygon": triangle}})
    assert isinstance(polygon, Inside)
    assert polygon.places == {"place:homs", "place:rastan", "place:hama"}


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        (
            {"town": "Khanaserr"},
            ("any", 0, "town"),
            'no place called "Khanaserr" is known: '
            'did you mean "Khanaser" or "Khanasser"? If not, describe it in a pack',
        ),
        (
            {"town": "Xyzzy"},
            ("any", 0, "town"),
            'no place called "Xyzzy" is known: check the spelling, or describe it in a pack',
        ),
        (
            {"town": "Alep", "country": "LB"},
            ("any", 0, "town"),
            'no place called "Alep" is known in LB, only Aleppo, SY (2,098,000 people): change the country or the name',
        ),
        (
            {"town": "Syrie"},
            ("any", 0, "town"),
            '"Syrie" is a country: to watch it write  area: {country: SY}  in place of  town',
        ),
        (
            {"town": "Alep", "country": "UK"},
            ("any", 0, "country"),
            'no country has the code "UK": write its two letters of ISO 3166, such as SY for Syria',
        ),
        (
            {"area": {"country": "XX"}},
            ("any", 0, "area", "country"),
            'no country has the code "XX": write its two letters of ISO 3166, such as SY for Syria',
        ),
        (
            {"route": ["Alep", "Xyzzy"]},
            ("any", 0, "route", 1),
            'no place called "Xyzzy" is known: check the spelling, or describe it in a pack',
        ),
        (
            {"route": ["Alep", "Halab"]},
            ("any", 0, "route", 1),
            '"Halab" means a place that this route already has (Aleppo, SY (2,098,000 people)): '
            "leave it out, or write another",
        ),
        (
            {"route": "Alep"},
            ("any", 0, "route"),
            '"Alep" is a place, not a road: list two or more places in order, as in [Alep, ...]',
        ),
        (
            {"route": "M55"},
            ("any", 0, "route"),
            'no road called "M55" is known: did you mean "M5"? If not, describe it in a pack',
        ),
        (
            {"route": "Road without places"},
            ("any", 0, "route"),
            'the road "Road without places" has no line in its pack: list its places in order, as in [Alep, Khanasser]',
        ),
        (
            {"actor": "Daesch"},
            ("any", 0, "actor"),
            'no actor called "Daesch" is known: did you mean "Daesh" or "Daech"? If not, describe it in a pack',
        ),
    ],
)
def test_a_name_that_means_nothing(written: dict[str, Any], path: tuple[str | int, ...], message: str) -> None:
    (problem,) = problems_of(written)
    assert (problem.level, problem.path, problem.message) == ("error", path, message)


def test_a_name_that_means_several_places_says_which_it_took() -> None:
    (note,) = problems_of({"town": "Tripoli"})
    assert note.level == "note"
    assert note.path == ("any", 0, "town")
    assert note.message == (
        '"Tripoli" also means 1 other place; took Tripoli, LY (1,150,000 people). '
        "For Tripoli, LB (229,000 people) write  Tripoli, LB  instead"
    )
    (note,) = problems_of({"town": "Khanasser"})
    assert "write  place:khanasser  instead" in note.message
    assert problems_of({"town": "Tripoli, LB"}, {"town": "place:khanasser"}) == []


def test_the_neighbours_on_a_road_leave_nothing_to_note() -> None:
    assert problems_of({"route": ["Alep", "Khanasser", "Athriya"]}) == []


def test_errors_in_every_group_and_the_broken_watch_alone_is_left_out() -> None:
    watches = [
        Watch.model_validate({"id": "good", "any": [{"town": "Homs"}]}),
        Watch.model_validate(
            {"id": "bad", "all": [{"town": "Xyzzy"}, {"actor": "Nobody"}], "none": [{"route": ["Homs", "Xyzzy"]}]}
        ),
        Watch.model_validate({"id": "also-bad", "any": [{"town": "Xyzzy"}]}),
    ]
    made, problems = compile_watches(watches, WORLD)
    assert [watch.id for watch in made] == ["good"]
    assert [(problem.watch, problem.position, problem.path) for problem in problems] == [
        ("bad", 1, ("all", 0, "town")),
        ("bad", 1, ("all", 1, "actor")),
        ("bad", 1, ("none", 0, "route", 1)),
        ("also-bad", 2, ("any", 0, "town")),
    ]


def test_watches_that_ask_the_same_share_their_conditions() -> None:
    made = compiled({"id": "a", "any": [{"town": "Homs"}]}, {"id": "b", "all": [{"town": "Homs"}]})
    assert made.watches[0].any[0] is made.watches[1].all[0]
    assert made.get("b") == made.watches[1]
    assert made.get("c") is None
    assert len(made) == 2


def test_a_watch_is_posted_under_what_is_rarest() -> None:
    named = ["Rastan", "al-Safira", "Athriya", "Batroun"]
    made = compiled(
        *({"id": f"w{n}", "all": [{"actor": "Daech"}, {"town": name}]} for n, name in enumerate(named)),
        {"id": "country", "all": [{"area": {"country": "SY"}}, {"phrase": "grain silo"}]},
        {"id": "group", "all": [{"area": {"country": "SY"}}], "any": [{"town": "Labasa"}, {"phrase": "tea"}]},
    )
    postings = made.base.postings
    posted = {made.base.keys.entity(key) for key in postings.entities[0].tolist()}
    assert "actor:islamic-state" not in posted
    assert postings.countries[0].tolist() == []
    assert {"place:rastan", "place:batroun", "place:labasa"} <= posted

"""A road that is named, or that names can be on together, says which places those names mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.enrich.known_routes import KnownRoutes, on_road, road_of
from agents.names.entity import Entity
from agents.names.scan import Found, Meaning
from streams.records import EnrichedArticle

Read = Callable[..., EnrichedArticle]
BEIRUT, TRIPOLI_LEBANON, TRIPOLI_LIBYA = "geonames:276781", "geonames:266826", "geonames:2210247"


@pytest.mark.parametrize(
    "text",
    [
        "قطع محتجون أوتوستراد بيروت طرابلس ليلاً. وفي طرابلس أغلقت المدارس.",
        "Un camion a bloqué l'autoroute Beyrouth-Tripoli ; à Tripoli, les écoles ont fermé.",
        "Soldiers reopened the road between Tripoli and Beirut, and schools in Tripoli stayed shut.",
        "Des heurts ont éclaté à Beyrouth et à Tripoli.",
        "عقد الاجتماع في بيروت ثم انتقل الوفد إلى طرابلس.",
    ],
)
def test_tripoli_beside_beirut_is_in_lebanon(read: Read, text: str) -> None:
    places = {m.entity for m in read(text).mentions if m.kind == "place"}
    assert places == {BEIRUT, TRIPOLI_LEBANON}


@pytest.mark.parametrize(
    "text",
    ["Affrontements sur la route Tripoli-Misrata.", "The coastal road between Tripoli and Sirte is shut."],
)
def test_tripoli_on_a_libyan_road_is_in_libya(read: Read, text: str) -> None:
    assert TRIPOLI_LIBYA in {m.entity for m in read(text).mentions if m.kind == "place"}


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("La autopista Damasco-Alepo quedó cortada en Siria.", "autopista Damasco-Alepo"),
        ("Halep-Şam otoyolu kapandı.", "Halep-Şam otoyolu"),
        ("Погибшие были найдены на трассе Алеппо - Дамаск.", "трассе Алеппо - Дамаск"),
    ],
)
def test_a_road_called_by_two_places_in_one_language_is_the_same_in_others(read: Read, text: str, surface: str) -> None:
    roads = [(m.entity, m.surface) for m in read(text).mentions if m.kind == "route"]
    assert roads == [("route:m5", surface)]


def _place(place: str) -> Meaning:
    return Meaning(Entity(place, "place", place))


def _road(road: str, *waypoints: str) -> Entity:
    return Entity(road, "route", road, waypoints=waypoints)


def test_names_that_only_one_road_joins_have_one_reading() -> None:
    roads = KnownRoutes([_road("r", "a1", "b1", "c1"), _road("s", "a2", "d2")], lambda _: ())
    a, b, d = (_place("a1"), _place("a2")), (_place("b1"), _place("b9")), (_place("d2"),)
    assert roads.reading([a, b]) == ("a1", "b1")
    assert roads.reading([d, a]) == ("d2", "a2")
    assert roads.reading([b, d]) == (), "no road joins them"
    assert roads.reading([a, (_place("x"),)]) == (), "a place on no road"
    assert roads.reading([a, (*b, *d)]) == (), "two roads would do"


def test_of_two_roads_of_a_name_the_one_that_its_places_are_on_is_meant() -> None:
    roads = _road("r", "a1", "b1"), _road("s", "a2", "b2")
    name = Found(0, 3, "A-B", "A B", tuple(Meaning(road) for road in roads))
    inside = [(_place("a1"), _place("a2"), _place("a3")), (_place("b2"),), (_place("x"),)]
    assert on_road(name, inside) == [(_place("a2"),), (_place("b2"),), (_place("x"),)]
    assert road_of(name, ["b2"]).id == "s"
    assert road_of(name).id == "r"

"""Which place is taken: what stands around a name decides, and no text takes forever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.enrich.candidates import cells_around
from agents.enrich.learnt import ranking
from agents.enrich.locate import locate, prior
from agents.enrich.ranking import Evidence, Group
from agents.names.entity import Entity
from agents.names.scan import Meaning
from streams.records import EnrichedArticle, Mention

Read = Callable[..., EnrichedArticle]


def _town(number: int, lat: float, lon: float, people: int, country: str = "US", admin1: str = "US.IL") -> Entity:
    return Entity(f"geonames:{number}", "place", f"Town {number}", lat=lat, lon=lon, country=country, admin1=admin1,
                  feature="town", population=people, source="geonames")  # fmt: skip


SMALL, LARGE = _town(1, 40.0, -89.0, 8_000), _town(2, 44.0, 3.0, 90_000, "FR", "FR.76")
NEIGHBOURS = [_town(10 + at, 40.1 + at / 10, -89.1, 20_000) for at in range(3)]
BOTH = (Meaning(SMALL, main=True), Meaning(LARGE, main=True))


def _place(read: EnrichedArticle, surface: str) -> Mention:
    return next(m for m in read.mentions if m.kind == "place" and m.surface == surface)


def test_with_nothing_said_the_larger_is_meant() -> None:
    choice = locate({"any": Group(BOTH)}, Evidence())["any"]
    assert choice.entity is LARGE
    assert choice.reason.startswith("the best known of 2 places")


def test_other_places_near_by_outweigh_size() -> None:
    groups = {str(at): Group((Meaning(town, main=True),)) for at, town in enumerate(NEIGHBOURS)}
    choice = locate({**groups, "any": Group(BOTH)}, Evidence())["any"]
    assert choice.entity is SMALL
    assert choice.standing.neighbour
    assert choice.reason.startswith("near other places of the text")


def test_the_country_that_stands_after_the_name_decides() -> None:
    america = Entity("country:US", "place", "United States", country="US", feature="country")
    choice = locate({"any": Group(BOTH, within=[america])}, Evidence())["any"]
    assert (choice.entity, choice.standing.within) == (SMALL, True)


def test_the_outlets_country_breaks_a_tie() -> None:
    here, there = _town(1, 40.0, -89.0, 8_000), _town(2, 44.0, 3.0, 8_000, "FR", "FR.76")
    group = Group((Meaning(here, main=True), Meaning(there, main=True)))
    assert [
        locate({"any": group}, Evidence(outlet_country=code))["any"].entity.country for code in ("US", "FR")
    ] == ["US", "FR"]  # fmt: skip


def test_the_only_place_of_a_name_is_taken_and_said_to_be_far_from_the_others() -> None:
    groups = {"a": Group((Meaning(LARGE, main=True),)), "b": Group((Meaning(SMALL, main=True),))}
    choice = locate(groups, Evidence())["a"]
    assert choice.entity is LARGE
    assert choice.standing.alone
    assert choice.reason == "the only place of this name, far from the others"


def test_a_county_lies_amid_the_places_of_its_state() -> None:
    county = Entity("county:17001", "place", "Any County", country="US", admin1="US.IL", feature="county")
    groups = {str(at): Group((Meaning(town, main=True),)) for at, town in enumerate(NEIGHBOURS)}
    choice = locate({**groups, "any": Group((Meaning(county, main=True),))}, Evidence())["any"]
    assert (choice.lat, choice.lon) == (pytest.approx(40.2), pytest.approx(-89.1))
    alone = locate({"any": Group((Meaning(county, main=True),))}, Evidence())["any"]
    assert (alone.lat, alone.lon) == (None, None)


def test_the_same_text_always_gives_the_same_places() -> None:
    groups = {str(at): Group((Meaning(town, main=True), *BOTH)) for at, town in enumerate(NEIGHBOURS)}
    first = [choice.entity.id for choice in locate(groups, Evidence()).values()]
    assert all([choice.entity.id for choice in locate(groups, Evidence()).values()] == first for _ in range(3))
    assert locate({}, Evidence()) == {}


def test_a_text_of_very_many_names_is_read() -> None:
    groups = {
        str(at): Group((Meaning(_town(at, at % 80, at % 170, at), main=True), Meaning(SMALL), Meaning(LARGE)))
        for at in range(5_000)
    }
    assert len(locate(groups, Evidence())) == 5_000


def test_better_known_places_come_first() -> None:
    assert prior(Meaning(LARGE, main=True)) > prior(Meaning(SMALL, main=True)) > prior(Meaning(SMALL))
    assert prior(Meaning(SMALL, main=True, spellings=90)) > prior(Meaning(SMALL, main=True))
    pack = Entity("place:x", "place", "X", lat=36.0, lon=37.0, country="SY", source="pack:syria")
    assert prior(Meaning(pack, main=True)) > prior(Meaning(_town(3, 36.0, 37.0, 0), main=True))


def test_cells_overlap_their_neighbours() -> None:
    assert len(set(cells_around(30_040))) == 9
    assert 30_040 in cells_around(30_040)


def test_the_shipped_ranking_follows_what_the_text_says() -> None:
    weights = ranking().weights
    assert min(weights.within_country, weights.within_region, weights.near, weights.region, weights.follows) > 0
    assert weights.within_other_region < 0


@pytest.mark.parametrize(
    ("text", "surface", "country", "near"),
    [
        ("Police in Rochester, New York, closed a road.", "Rochester", "US", (43.2, -77.6)),
        ("Police in Rochester, NY, closed a road.", "Rochester", "US", (43.2, -77.6)),
        ("CHARLESTON, W.Va. -- The bridge reopened in Charleston on Friday.", "Charleston", "US", (38.3, -81.6)),
        ("A ferry left Portland, Maine, at noon.", "Portland", "US", (43.7, -70.3)),
        ("Une bombe a explosé à Tripoli, dans le nord du Liban.", "Tripoli", "LB", (34.4, 35.8)),
        ("Diplomats in Geneva said Washington would press for a truce.", "Geneva", "CH", (46.2, 6.1)),
        ("Leaders in Paris, Washington and London agreed.", "Washington", "US", (38.9, -77.0)),
        ("Leaders in Paris, Washington and London agreed.", "London", "GB", (51.5, -0.1)),
        ("A tornado hit Paris, Texas, on Sunday.", "Paris", "US", (33.7, -95.6)),
        ("Shells fell on Tal Rifaat and on Marea, north of Aleppo.", "Aleppo", "SY", (36.2, 37.2)),
    ],
)
def test_names_of_many_places(read: Read, text: str, surface: str, country: str, near: tuple[float, float]) -> None:
    found = _place(read(text), surface)
    assert found.country == country
    assert (found.lat, found.lon) == (pytest.approx(near[0], abs=0.3), pytest.approx(near[1], abs=0.3))


def test_a_state_with_a_citys_name_is_meant_after_a_town_of_it(read: Read) -> None:
    found = read("Police in Rochester, New York, closed a road; the mayor of New York said nothing.").mentions
    assert [m.entity for m in found if m.surface == "New York"] == ["region:US.new-york-state", "geonames:5128581"]


def test_a_list_of_capitals_is_no_town_in_a_state(read: Read) -> None:
    found = read("Envoys from Berlin, Washington, and Moscow met.").mentions
    assert [m.entity for m in found if m.surface == "Washington"] == ["geonames:4140963"]

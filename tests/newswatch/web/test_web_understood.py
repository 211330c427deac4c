"""A watch while it is written: what names mean, what else they may mean, and how they are spelled."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from newswatch.web.house import House
from newswatch.web.pages.condition_rows import narrowed
from newswatch.web.understood import understand


def names_of(house: House, *conditions: dict[str, Any], **rest: Any) -> dict[str, Any]:
    found = understand({"id": "x", "any": list(conditions), **rest}, house)
    return {one.at: one for one in found.names}


def test_a_typo_is_corrected(house: House) -> None:
    one = names_of(house, {"route": ["Alep", "Khanaser", "Athriya"]})["any[0].route[1]"]
    assert one.meant is not None
    assert one.meant.name == "Khanasser"
    assert one.corrections == ("Khanasser",)
    known = names_of(house, {"route": ["Alep", "خناصر"]})
    assert [one.corrections for one in known.values()] == [(), ()]


def test_a_name_that_means_nothing_has_the_nearest_and_hides_no_other(house: House) -> None:
    found = understand({"id": "x", "any": [{"town": "Khanasserabadpur"}, {"town": "Homs"}]}, house)
    first, second = found.names
    assert first.meant is None
    assert "Khanasser" in first.corrections
    assert second.meant is not None
    assert second.meant.name == "Homs"
    assert [one["at"] for one in found.mistakes] == ["any[0].town"]
    assert [one["geometry"]["type"] for one in found.features] == ["Point"]


def test_a_name_of_several_places_has_them_all_and_each_can_be_said(house: House) -> None:
    one = names_of(house, {"town": "Tripoli"})["any[0].town"]
    assert one.meant is not None
    countries = {other.country for other in (one.meant, *one.others)}
    assert {"LB", "LY"} <= countries
    for other in one.others:
        again = names_of(house, {"town": narrowed(one, other)})["any[0].town"]
        assert again.meant is not None
        assert again.meant.id == other.id


def test_an_actor_and_a_road_are_understood_and_what_must_not_be_is_not_drawn(house: House) -> None:
    found = understand({"id": "x", "any": [{"route": "M5"}, {"actor": "Hezbollah"}], "none": [{"town": "Homs"}]}, house)
    assert [one.meant.kind for one in found.names if one.meant] == ["route", "actor", "place"]
    assert {one["properties"]["kind"] for one in found.features} == {"corridor", "road"}
    assert found.mistakes == ()


def test_the_first_place_of_a_road_is_understood_before_the_others_are_written(house: House) -> None:
    found = understand({"id": "x", "any": [{"route": "Khanaser"}]}, house)
    assert [one.corrections for one in found.names] == [("Khanasser",)]
    assert "is a place, not a road" in found.mistakes[0]["message"]


def test_a_wrong_shape_is_told_with_its_place(house: House) -> None:
    found = understand({"id": "x", "any": [{"town": "Homs", "within_km": "far"}]}, house)
    assert [one["at"] for one in found.mistakes] == ["any[0].within_km"]
    assert understand({"id": "x", "any": [{"town": "Homs"}], "notify": ["nobody"]}, house).mistakes[0]["at"] == "notify"


def test_places_of_the_map_are_named_in_arabic_where_it_has_a_name(here: TestClient) -> None:
    box = {"south": 35.5, "north": 36.5, "west": 36.5, "east": 37.9, "limit": 40}
    names = {}
    for language in ("en", "ar"):
        asked = {**box, "language": language}
        places = here.get("/api/v1/entities/in-box", params=asked).json()["places"]
        names[language] = [one["name"] for one in places]
    assert "Aleppo" in names["en"]
    assert "حلب" in names["ar"]
    assert len(names["ar"]) == len(names["en"]) == 40


def test_of_a_wide_box_the_most_peopled_places_come(here: TestClient) -> None:
    world = {"south": -90, "north": 90, "west": -180, "east": 180, "limit": 300}
    places = here.get("/api/v1/entities/in-box", params=world).json()["places"]
    cities = {one["name"] for one in places}
    assert len(places) == 300
    assert {"Shanghai", "Lagos", "Delhi"} <= cities


def test_the_api_says_the_same(here: TestClient) -> None:
    asked = {"id": "x", "any": [{"route": ["Alep", "Khanaser"]}, {"town": "Tripoli"}]}
    told = here.post("/api/v1/watches/understand", json=asked).json()
    assert [(one["at"], one["corrections"]) for one in told["names"]][1] == ("any[0].route[1]", ["Khanasser"])
    assert len(told["names"][2]["others"]) > 1
    assert told["map"]["features"][0]["properties"]["kind"] == "corridor"
    begun = here.get("/api/v1/entities/complete", params={"begun": "khanas", "kind": "place"}).json()["completions"]
    assert begun[0]["entity"]["name"] == "Khanasser"

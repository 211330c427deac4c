"""Watches on the real gazetteer and packs."""

from __future__ import annotations

from typing import Any

import pytest

from agents.match.compile import compile_watches
from agents.match.conditions import Actor, CompiledCondition, Town
from agents.match.resolve import NameProblem
from agents.match.route import Route
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge, load_knowledge


@pytest.fixture(scope="module")
def knowledge() -> NamesKnowledge:
    return load_knowledge()


def made(knowledge: NamesKnowledge, **condition: Any) -> tuple[CompiledCondition, list[NameProblem]]:
    watches, problems = compile_watches([Watch.model_validate({"id": "w", "any": [condition]})], knowledge)
    assert len(watches) == 1, problems
    return watches.watches[0].any[0], problems


@pytest.mark.parametrize(
    "names",
    [
        ["Alep", "Khanasser", "Athriya"],
        ["Aleppo", "Khanaser", "Ithriya"],
        ["حلب", "خناصر", "أثريا"],
        ["Halab", "khanasser", "ATHRIYA"],
    ],
)
def test_one_road_in_any_spelling_and_script(knowledge: NamesKnowledge, names: list[str]) -> None:
    road, problems = made(knowledge, route=names, corridor_km=10)
    assert isinstance(road, Route)
    assert road.name == "Aleppo - Khanasser - Athriya"
    assert [place.country for place in road.waypoints] == ["SY", "SY", "SY"]
    assert "geonames:170063" in road.quiet
    assert "geonames:168351" in road.places
    assert problems == []


def test_neighbours_on_the_road_decide_between_namesakes(knowledge: NamesKnowledge) -> None:
    lebanon, _ = made(knowledge, route=["Beyrouth", "Tripoli"])
    libya, _ = made(knowledge, route=["Misrata", "Tripoli"])
    assert isinstance(lebanon, Route)
    assert isinstance(libya, Route)
    assert {place.country for place in lebanon.waypoints} == {"LB"}
    assert {place.country for place in libya.waypoints} == {"LY"}


def test_a_motorway_by_its_number(knowledge: NamesKnowledge) -> None:
    road, _ = made(knowledge, route="M5")
    assert isinstance(road, Route)
    assert {"geonames:170063", "geonames:170654", "geonames:169577"} <= road.quiet
    assert len(road.places) > 10


def test_a_town_and_a_note_of_its_namesakes(knowledge: NamesKnowledge) -> None:
    town, problems = made(knowledge, town="Tripoli", country="LY")
    assert isinstance(town, Town)
    assert (town.place.country, problems) == ("LY", [])
    _, (note,) = made(knowledge, town="Paris")
    assert note.level == "note"
    assert "took Paris, FR" in note.message


def test_an_actor_in_another_script(knowledge: NamesKnowledge) -> None:
    latin, _ = made(knowledge, actor="Daech")
    arabic, _ = made(knowledge, actor="داعش")
    assert isinstance(latin, Actor)
    assert isinstance(arabic, Actor)
    assert latin.ids == arabic.ids != ()


@pytest.mark.parametrize("code", ["SY", "FR", "NO", "US"])
def test_countries_are_known(knowledge: NamesKnowledge, code: str) -> None:
    area, problems = made(knowledge, area={"country": code})
    assert area.kind == "area"
    assert problems == []

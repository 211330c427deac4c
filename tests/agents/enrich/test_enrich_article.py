"""One article through the real models: every mention with its span, its entity and its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.records import EnrichedArticle, Mention

Read = Callable[..., EnrichedArticle]

ARTICLE = """Dans le désert du nord syrien, des unités de l’armée syrienne appuyées par le Hezbollah ont repris lundi \
plusieurs postes le long de la route reliant Alep à Khanasser et Athriya.
Selon un responsable local, Daech s’était infiltré de nuit sur cet axe, au sud du lac al-Jabbul. Les convois en \
provenance d’Alep attendaient à Khanasser depuis trois jours.
Des conseillers militaires iraniens et des combattants de la Brigade des Fatimides ont été vus près de la base \
aérienne d’al-Tabqa, tandis que les forces de défense nationale tenaient le village de Cheikh Halal.
La route Alep-Khanasser-Athriya a rouvert mardi. À Khanasser, le marché a repris. Le Nord reste sous tension et \
M. Jean Damas, géographe, juge l’accalmie fragile."""


def _km(one: Mention, lat: float, lon: float) -> float:
    assert one.lat is not None
    assert one.lon is not None
    return math.hypot((one.lat - lat) * 111, (one.lon - lon) * 111 * math.cos(math.radians(lat)))


@pytest.fixture(scope="module")
def mentions(read: Read) -> tuple[Mention, ...]:
    enriched = read(ARTICLE, language=None)
    assert enriched.language == "fr"
    assert all(ARTICLE[m.start : m.end] == m.surface for m in enriched.mentions)
    return enriched.mentions


def _spans(mentions: tuple[Mention, ...], surface: str, kind: str) -> list[int]:
    return [m.start for m in mentions if m.surface == surface and m.kind == kind]


def _every(surface: str) -> list[int]:
    found, at = [], ARTICLE.find(surface)
    while at >= 0:
        found.append(at)
        at = ARTICLE.find(surface, at + 1)
    return found


@pytest.mark.parametrize(
    ("surface", "lat", "lon"),
    [("Alep", 36.2, 37.16), ("Khanasser", 35.78, 37.5), ("Athriya", 35.37, 37.78), ("Cheikh Halal", 35.21, 37.53)],
)
def test_every_mention_of_a_place_is_found_and_placed(
    mentions: tuple[Mention, ...], surface: str, lat: float, lon: float
) -> None:
    assert _spans(mentions, surface, "place") == _every(surface)
    for mention in mentions:
        if mention.surface == surface and mention.kind == "place":
            assert mention.country == "SY"
            assert _km(mention, lat, lon) < 10
            assert mention.confidence > 0.7
            assert mention.reason


def test_a_lake_and_a_base_are_places_of_their_own(mentions: tuple[Mention, ...]) -> None:
    lake = next(m for m in mentions if m.surface == "lac al-Jabbul")
    assert _km(lake, 36.06, 37.53) < 10
    base = next(m for m in mentions if m.surface == "base \\\naérienne d’al-Tabqa".replace("\\\n", ""))
    town = next(m for m in mentions if m.surface == "al-Tabqa")
    assert base.entity != town.entity
    assert _km(base, 35.76, 38.57) < 10
    assert _km(town, 35.84, 38.55) < 10


def test_the_road_is_one_entity_with_its_waypoints_in_order(mentions: tuple[Mention, ...]) -> None:
    roads = [m for m in mentions if m.kind == "route"]
    assert [road.surface for road in roads] == [
        "route reliant Alep à Khanasser et Athriya",
        "route Alep-Khanasser-Athriya",
    ]
    assert len({road.entity for road in roads}) == 1
    by_surface = {m.surface: m.entity for m in mentions if m.kind == "place"}
    wanted = tuple(by_surface[name] for name in ("Alep", "Khanasser", "Athriya"))
    assert {road.waypoints for road in roads} == {wanted}


@pytest.mark.parametrize(
    ("surface", "entity"),
    [
        ("armée syrienne", "actor:syrian-army"),
        ("Daech", "actor:islamic-state"),
        ("Hezbollah", "actor:hezbollah"),
        ("Brigade des Fatimides", "actor:fatemiyoun"),
        ("conseillers militaires iraniens", "actor:iranian-advisers"),
        ("forces de défense nationale", "actor:national-defence-forces"),
    ],
)
def test_actors_are_linked(mentions: tuple[Mention, ...], surface: str, entity: str) -> None:
    assert [m.entity for m in mentions if m.surface == surface and m.kind == "actor"] == [entity]


def test_what_is_no_place_is_none(mentions: tuple[Mention, ...]) -> None:
    places = {m.surface for m in mentions if m.kind == "place"}
    assert not places & {"L’", "Nord", "Le Nord", "Daech", "Damas", "Jean Damas", "syrien", "Fatimides", "M"}


def test_reading_twice_gives_the_same(read: Read) -> None:
    assert read(ARTICLE) == read(ARTICLE)


@pytest.mark.shared
def test_the_seed_article(read: Read, shared_dir: Path) -> None:
    text = (shared_dir / "seed" / "article.fr.txt").read_text(encoding="utf-8")
    mentions = read(text).mentions
    places = [m for m in mentions if m.kind == "place"]
    for name in ("Alep", "Khanasser", "Athriya", "al-Jabbul", "al-Tabqa", "al-Hammam", "al-Khattab", "Cheikh Halal"):
        found = [m for m in places if m.surface == name]
        assert len(found) == text.count(name), name
        assert all(m.country == "SY" for m in found)
    roads = [m for m in mentions if m.kind == "route"]
    assert len(roads) == 3
    assert len({(road.entity, road.waypoints) for road in roads}) == 1
    assert len(roads[0].waypoints) == 3
    actors = {m.entity for m in mentions if m.kind == "actor"}
    for name in ("islamic-state", "hezbollah", "harakat-al-nujaba", "fatemiyoun", "syrian-army",
                 "national-defence-forces", "iranian-advisers"):  # fmt: skip
        assert f"actor:{name}" in actors
    assert not {m.surface for m in places} & {"L’", "jusqu’", "Nord", "Daech"}

"""French and Spanish: bodies of a people, ministries, places by their kind, names that a language gives elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.enrich.known_bodies import kind_of_body, known_bodies
from agents.names.knowledge import NamesKnowledge
from streams.records import EnrichedArticle

Read = Callable[..., EnrichedArticle]


def _found(read: Read, text: str, language: str) -> set[tuple[str, str, str | None]]:
    return {(m.kind, m.surface, m.entity) for m in read(text, language=language).mentions}


@pytest.mark.parametrize(
    ("language", "text", "surface", "entity"),
    [
        ("es", "El Ejército sirio entró en la ciudad de Homs el lunes.", "Ejército sirio", "actor:syrian-army"),
        ("es", "El ejército ruso bombardeó la ciudad durante la noche.", "ejército ruso", "actor:russian-military"),
        ("fr", "L'armée rwandaise a franchi la frontière dans la nuit.", "armée rwandaise", "actor:rwandan-army"),
        ("fr", "La police militaire russe tient le barrage depuis lundi.", "police militaire russe", None),
        (
            "fr",
            "Le ministère russe de la Défense dément les faits.",
            "ministère russe de la Défense",
            "actor:russian-defence-ministry",
        ),
        ("fr", "L'Université d'Alep a rouvert ses portes lundi.", "Université d'Alep", None),
        ("fr", "L'Union africaine a condamné le coup d'État.", "Union africaine", "actor:african-union"),
        (
            "es",
            "La Fiscalía General de la República abrió una investigación.",
            "Fiscalía General de la República",
            None,
        ),
    ],
)
def test_bodies_are_actors(read: Read, language: str, text: str, surface: str, entity: str | None) -> None:
    assert ("actor", surface, entity) in _found(read, text, language)


@pytest.mark.parametrize(
    ("text", "whole", "inner"),
    [
        ("Une attaque a eu lieu dans la province de Kandahar.", "province de Kandahar", "Kandahar"),
        ("Des tirs près de l'aéroport de Goma ont été entendus.", "aéroport de Goma", "Goma"),
        ("Le département de la Drôme est placé en vigilance.", "département de la Drôme", "Drôme"),
    ],
)
def test_a_kind_and_a_name_are_one_place_and_the_name_another(read: Read, text: str, whole: str, inner: str) -> None:
    places = {m.surface: m for m in read(text, language="fr").mentions if m.kind == "place"}
    assert {whole, inner} <= places.keys()
    assert places[whole].country == places[inner].country


def test_a_name_means_what_its_language_calls_so(read: Read) -> None:
    mexico = next(m for m in read("À Mexico, la présidente promet des renforts.", language="fr").mentions)
    assert mexico.entity == "geonames:3530597"
    country = next(m for m in read("The president of Mexico promised more troops.", language="en").mentions)
    assert country.entity == "country:MX"


def test_a_city_that_is_a_function_word_elsewhere_is_found(read: Read) -> None:
    text = "De Nice à Tours, les trains sont rares."
    assert [m.surface for m in read(text, language="fr").mentions if m.kind == "place"] == ["Nice", "Tours"]


def test_an_article_does_not_hide_an_actor(read: Read) -> None:
    text = "La Croix-Rouge libanaise manque de sang, la Maison Blanche se tait."
    actors = [(m.surface, m.entity) for m in read(text, language="fr").mentions]
    assert actors == [("Croix-Rouge libanaise", "actor:lebanese-red-cross"), ("Maison Blanche", "actor:white-house")]


def test_known_bodies_by_kind_and_country(knowledge: NamesKnowledge) -> None:
    bodies = known_bodies(knowledge)
    assert bodies["army", "SY"].id == "actor:syrian-army"
    assert bodies["army", "CD"].id == "actor:fardc"
    assert kind_of_body("fuerzas armadas") == kind_of_body("Armée") == "army"
    assert kind_of_body("soldats") == ""

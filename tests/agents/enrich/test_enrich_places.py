"""Hard cases: which place is meant, and what is no place at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streams.records import EnrichedArticle, Mention

Read = Callable[..., EnrichedArticle]


def _place(enriched: EnrichedArticle, surface: str) -> Mention:
    return next(m for m in enriched.mentions if m.kind == "place" and m.surface == surface)


@pytest.mark.parametrize(
    ("text", "surface", "country"),
    [
        ("The mayor of Athens, Ga., said the bridge near Winterville would reopen.", "Athens", "US"),
        ("Protesters marched in Athens, and Greece's parliament in the capital was closed.", "Athens", "GR"),
        ("Police in London, Ontario, are looking for a driver who fled.", "London", "CA"),
        ("Des pluies ont noyé Tripoli ; le gouvernement libyen a envoyé des secours à Misrata.", "Tripoli", "LY"),
        ("L'armée libanaise s'est déployée à Tripoli et à Beyrouth.", "Tripoli", "LB"),
        ("Georgia's president spoke in Tbilisi about the war with Russia.", "Georgia", "GE"),
        ("Storms crossed Georgia, hitting Atlanta and Savannah.", "Georgia", "US"),
    ],
)
def test_the_text_decides_which_place(read: Read, text: str, surface: str, country: str) -> None:
    assert _place(read(text), surface).country == country


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("Le maire de la ville, Jean Tours, a quitté la réunion.", "Tours"),
        ("Les frappes russes visent les Syriens ; un général iranien est mort.", "Syriens"),
        ("Police said the North was calm and the Center was open.", "Police"),
        ("Police said the North was calm and the Center was open.", "North"),
        ("Sa tante Paris Dubois vit seule.", "Of"),
        ("Daech s'est emparé du poste.", "Daech"),
        ("Mr. Jordan said nothing about it.", "Jordan"),
    ],
)
def test_what_is_no_place_is_not_placed(read: Read, text: str, absent: str) -> None:
    assert absent not in [m.surface for m in read(text).mentions if m.kind == "place"]


def test_a_place_inside_an_organisation_is_marked(read: Read) -> None:
    enriched = read("Students of Damascus University in Syria went back to class after the strike.")
    found = [m for m in enriched.mentions if m.surface == "Damascus"]
    assert found
    assert "organisation" in found[0].reason or found[0].confidence >= 0.5


def test_repeats_are_all_found(read: Read) -> None:
    text = "Khanasser fell. Then Khanasser was retaken, and the people of Khanasser came home to Khanasser."
    assert len([m for m in read(text).mentions if m.surface == "Khanasser"]) == 4


def test_title_and_text_are_separate_fields(read: Read) -> None:
    enriched = read("Les habitants sont rentrés à Khanasser.", title="Khanasser reprise")
    assert {(m.field, m.start) for m in enriched.mentions if m.surface == "Khanasser"} == {("title", 0), ("text", 29)}


def test_the_fingerprint_is_of_the_words(read: Read) -> None:
    one = read("L'armée avance vers Alep.", title="Syrie")
    same = read("l’ARMEE avance, vers Alep", title="syrie !")
    other = read("L'armée recule vers Alep.", title="Syrie")
    assert one.fingerprint == same.fingerprint != other.fingerprint

"""Which language, and what is found where there is a model and where there is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.enrich.language import identify
from streams.records import EnrichedArticle

Read = Callable[..., EnrichedArticle]


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("Les combats ont repris près de Khanasser", None, "fr"),
        ("Fighting resumed near Khanasser on Monday", None, "en"),
        ("تجدد القتال قرب خناصر", None, "ar"),
        ("Los combates se reanudaron cerca de Alepo", None, "es"),
        ("Бои возобновились под Алеппо", None, "ru"),
        ("Halep yakınlarında çatışmalar yeniden başladı", None, "tr"),
        ("درگیری‌ها در نزدیکی حلب از سر گرفته شد", None, "fa"),
        ("Bei Aleppo wird wieder gekämpft", None, "de"),
        ("Khanasser", "fr", "fr"),
        ("L'armée avance vers Khanasser après de longs combats dans le désert", "en", "fr"),
        ("Homs", None, "en"),
        ("Homs", "fr", "fr"),
        ("Explosion in Homs", "fr", "en"),
        ("Explosion à Alep", None, "fr"),
        ("SDF FIGHTERS ENTER RAQQA", None, "en"),
        ("حمص", None, "ar"),
        ("انفجار در دمشق", None, "fa"),
        ("12 345", "ar", "ar"),
        ("12 345", None, "und"),
        ("", None, "und"),
        ("", "FR-be", "fr"),
        ("Fighting resumed near the town of Khanasser (خناصر) on Monday", "ar", "en"),
    ],
)
def test_languages_are_told_offline(text: str, hint: str | None, language: str) -> None:
    assert identify("", text, hint) == language


@pytest.mark.parametrize(
    ("text", "language", "places", "roads"),
    [
        (
            "Convoys moved on the Aleppo-Khanasser-Ithriya road on Monday, and shells fell near Saraqib.",
            "en",
            ["Aleppo", "Khanasser", "Ithriya", "Saraqib"],
            ["Aleppo-Khanasser-Ithriya road"],
        ),
        (
            "أغلق الجيش السوري طريق حلب خناصر أثريا، ووصلت تعزيزات للرقة وبحلب.",
            "ar",
            ["حلب", "خناصر", "أثريا", "لرقة", "حلب"],
            ["طريق حلب خناصر أثريا"],
        ),
        (
            "La carretera entre Damasco y Homs sigue cortada y hubo disparos cerca de Alepo.",
            "es",
            ["Damasco", "Homs", "Alepo"],
            ["carretera entre Damasco y Homs"],
        ),
        ("Die Straße zwischen Aleppo und Damaskus bleibt gesperrt.", "de", ["Aleppo", "Damaskus"], None),
        ("Дорога Алеппо — Дамаск закрыта, бои идут в Идлибе.", "ru", ["Алеппо", "Дамаск", "Идлибе"], None),
        ("Halep-Şam yolu kapandı, çatışmalar Rakka'da sürüyor.", "tr", ["Halep", "Şam", "Rakka"], ["Halep-Şam yolu"]),
    ],
)
def test_places_and_roads_are_found_in_any_script(
    read: Read, text: str, language: str, places: list[str], roads: list[str] | None
) -> None:
    enriched = read(text)
    assert enriched.language == language
    assert [m.surface for m in enriched.mentions if m.kind == "place"] == places
    assert {m.country for m in enriched.mentions if m.kind == "place"} == {"SY"}
    if roads is not None:
        assert [m.surface for m in enriched.mentions if m.kind == "route"] == roads


def test_a_road_has_one_id_in_any_language_and_direction(read: Read) -> None:
    texts = (
        "La route entre Homs et Palmyre est fermée.",
        "The road from Palmyra to Homs is closed.",
        "طريق حمص تدمر مغلق",
    )
    ids = {m.entity for text in texts for m in read(text).mentions if m.kind == "route"}
    assert len(ids) == 1
    assert None not in ids


def test_german_genitives_of_towns_are_places_and_other_words_are_not(read: Read) -> None:
    text = (
        "In Aleppos Altstadt und in Kiews Vororten wurde wegen des Vertrags der Hamas und des Bundestags gestritten, "
        "auch in Raqqas Norden."
    )
    found = [(m.surface, m.name) for m in read(text, "de").mentions if m.kind == "place"]
    assert found == [("Aleppos", "Aleppo"), ("Kiews", "Kyiv"), ("Raqqas", "Raqqa")]

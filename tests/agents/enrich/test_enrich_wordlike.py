"""Arabic names that are words too, and the spans of actors that texts describe."""

from __future__ import annotations

import pytest

from agents.enrich.bodies import acts, bodies, members_end, with_article
from agents.enrich.wordlike import is_described
from agents.names.key import fold
from agents.names.knowledge import NamesKnowledge
from agents.names.words import arabic_word

_PEOPLES = {"Syrian": "SY", "Turkish": "TR", "Turks": "TR", "turque": "TR"}


@pytest.mark.parametrize(
    ("plain", "kind"),
    [("السفيره", "quality"), ("سفيره", "quality"), ("الباب", "thing"), ("المدينه", "never"), ("حلب", "")],
)
def test_arabic_words_are_told_with_and_without_the_article(plain: str, kind: str) -> None:
    assert arabic_word(plain) == kind


def test_an_adjective_after_a_name_describes_a_thing() -> None:
    assert is_described("السفيرة الأميركية", 7)
    assert not is_described("السفيرة الواقعة شرق حلب", 7)
    assert not is_described("السفيرة اليوم", 7)


@pytest.mark.parametrize(
    ("text", "language", "surfaces"),
    [
        (
            "Syrian troops and the regime met Turkish officials.",
            "en",
            ["Syrian troops", "the regime", "Turkish officials"],
        ),
        ("Two Turks said the Global Coalition left.", "en", ["Turks"]),
        ("L'armée turque avance ; the regime.", "fr", ["armée turque"]),
        ("Sarkis's own army and U.S. special forces", "en", ["U.S. special forces", "Sarkis's own army"]),
    ],
)
def test_described_bodies(text: str, language: str, surfaces: list[str]) -> None:
    found = [text[body.start : body.end] for body in bodies(text, language, _PEOPLES.get)]
    assert [surface for surface in surfaces if surface not in found] == []


def test_articles_members_and_acts() -> None:
    text = "The Syrian army and the SDF fighters said Russia has left."
    assert with_article(text, 4, 15) == 0
    assert with_article(text, 24, 27) == 24
    assert members_end(text, 27) == 36
    assert acts(text, text.index(" has"))
    assert not acts(text, text.index(" left"))


@pytest.mark.parametrize("text", ["A DHL van", "The TIP jar", "Ko is here", "A DAM burst"])
def test_a_described_town_is_not_found_by_codes_that_geonames_gives_it(knowledge: NamesKnowledge, text: str) -> None:
    found = knowledge.scan(fold(text), text)
    assert not [
        name.surface
        for name in found
        if any(m.entity.source.startswith("pack:") and not m.alias for m in name.meanings)
    ]


@pytest.mark.parametrize(
    ("text", "known"), [("THAT IS IN PLACE", False), ("IS fighters fled", True), ("the IS cell", True)]
)
def test_an_acronym_that_is_a_word_is_no_name_amid_capitals(knowledge: NamesKnowledge, text: str, known: bool) -> None:
    assert any(name.surface == "IS" for name in knowledge.scan(fold(text), text)) is known

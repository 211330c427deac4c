"""Names in text: word borders, clitics, case, abbreviations, endings."""

from __future__ import annotations

import pytest

from agents.names.key import fold
from agents.names.knowledge import NamesKnowledge
from agents.names.scan import Found, longest


def _scan(knowledge: NamesKnowledge, text: str) -> list[Found]:
    found = longest(knowledge.scan(fold(text), text))
    assert all(text[name.start : name.end] == name.surface for name in found)
    return found


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Venus d'Alep et de l’Ithriya", ["Alep", "Ithriya"]),
        ("entre Alep-Khanasser", ["Alep", "Khanasser"]),
        ("ينتقلون من وحلب وبحلب", ["حلب", "حلب"]),
        ("للرقة والرقة بالرقة", ["لرقة", "الرقة", "الرقة"]),
        ("في ألمانيا وبألمانيا", ["ألمانيا", "ألمانيا"]),
        ("قالت ألوية العمالقة", ["ألوية العمالقة"]),
        ("قوات الحركة الشعبية لتحرير السودان - شمال", ["الحركة الشعبية لتحرير السودان - شمال"]),
        ("в Алеппо и Дамаске", ["Алеппо", "Дамаске"]),
        ("Halep'te ve Halep'ten", ["Halep", "Halep"]),
        ("DAMASCUS (wire)", ["DAMASCUS"]),
        ("Athens, Ga.", ["Athens", "Ga."]),
        ("near St. Louis, Mo.", ["St. Louis", "Mo."]),
        ("im Norden Syriens", ["Syriens"]),
    ],
)
def test_names_are_cut_right(knowledge: NamesKnowledge, text: str, surfaces: list[str]) -> None:
    found = [name.surface for name in _scan(knowledge, text)]
    assert [surface for surface in found if surface in surfaces] == surfaces


@pytest.mark.parametrize("text", ["a comparison", "alepin", "halepensis", "il est parti", "they are in on it", "حلبات"])
def test_parts_of_words_and_small_words_are_no_names(knowledge: NamesKnowledge, text: str) -> None:
    assert _scan(knowledge, text) == []


def test_an_acronym_counts_only_as_written(knowledge: NamesKnowledge) -> None:
    assert any(
        meaning.entity.id == "actor:islamic-state"
        for name in _scan(knowledge, "ISIS attacked")
        for meaning in name.meanings
    )
    assert not [
        name
        for name in _scan(knowledge, "Isis the goddess, and it is late")
        if any(meaning.entity.id == "actor:islamic-state" for meaning in name.meanings)
    ]


def test_repeats_are_all_found(knowledge: NamesKnowledge) -> None:
    assert len(_scan(knowledge, "Alep " * 50)) == 50

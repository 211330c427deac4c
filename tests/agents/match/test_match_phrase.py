"""Phrases: folding, whole words, exact spans."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.match.phrase import FoldedText, PhraseScanner, fold


def found(phrase: str, text: str) -> list[str]:
    scanner = PhraseScanner([fold(phrase)])
    return [text[start:end] for _, (start, end) in scanner.find(FoldedText(text))]


@pytest.mark.parametrize(
    ("phrase", "text", "surfaces"),
    [
        ("savon d'Alep", "Le SAVON D’ALEP se vend bien.", ["SAVON D’ALEP"]),
        (
            "savon d'Alep",
            "un savon\u00a0d'Ale\u0301p, deux savon  d'alep",
            ["savon\u00a0d'Ale\u0301p", "savon  d'alep"],
        ),
        ("savon d'Alep", "un savon\nd'Alep", ["savon\nd'Alep"]),
        ("savon d'Alep", "savons d'Alep, savon d'Alepine", []),
        ("Alep", "d'Alep, Alep-Khanasser (Alep)", ["Alep", "Alep", "Alep"]),
        ("ete", "L'ÉTÉ commence; été\u0301", ["ÉTÉ", "été\u0301"]),
        ("coeur", "Au cœur de la ville", ["cœur"]),
        ("check-point", "un check\u2011point, un checkpoint", ["check\u2011point"]),
        ("strasse", "Die STRAẞE ist gesperrt", ["STRAẞE"]),
        ("ﬁn", "la fin", ["fin"]),
        ("route", "rou\u00adte et route\u200b", ["rou\u00adte", "route"]),
        ("الطريق", "أُغلق الطَّريق والطريق", ["الطَّريق", "الطريق"]),
        ("صابون حلب", "وصابون حلب مشهور", ["صابون حلب"]),
        ("طريق", "على الطريق وبالطريق وللطريق", ["طريق", "طريق", "طريق"]),
        ("لب", "كلب", []),
        ("١٢٣", "الرقم 123", ["123"]),
        ("İstanbul", "istanbul ISTANBUL İstanbul", ["istanbul", "ISTANBUL", "İstanbul"]),
        ("дорога", "ДОРОГА закрыта", ["ДОРОГА"]),
        ("阿勒颇", "阿勒颇公路已关闭", ["阿勒颇"]),
        ("C++", "written in C++ and C", ["C++"]),
    ],
)
def test_phrase_is_found_as_it_stands(phrase: str, text: str, surfaces: list[str]) -> None:
    assert found(phrase, text) == surfaces


def test_many_phrases_in_one_pass_even_overlapping() -> None:
    scanner = PhraseScanner([fold(one) for one in ("roadside bomb", "bomb attack", "bomb", "attack in")])
    text = FoldedText("A roadside bomb attack in the north.")
    assert sorted(number for number, _ in scanner.find(text)) == [0, 1, 2, 3]


def test_no_phrases_find_nothing() -> None:
    assert PhraseScanner([]).find(FoldedText("anything")) == []


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


LETTERS = st.characters(codec="utf-8", categories=("L", "M", "N", "P", "Z", "Cf", "Cc"))


@given(st.text(LETTERS, max_size=30), st.text(LETTERS, min_size=1, max_size=12), st.text(LETTERS, max_size=30))
def test_span_of_what_is_found_folds_to_the_phrase(before: str, phrase: str, after: str) -> None:
    folded = fold(phrase).strip()
    if not any(character.isalnum() for character in folded):
        return
    text = f"{before} {phrase} {after}"
    spans = [span for _, span in PhraseScanner([folded]).find(FoldedText(text))]
    assert spans
    for start, end in spans:
        assert fold(text[start:end]).strip() == folded

"""Words that articles are searched by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.match.terms import asked, terms


def finds(question: str, text: str) -> bool:
    """What an index does: of each word one beginning is that of a term."""
    there = terms(text)
    return all(any(term.startswith(one) for one in words for term in there) for words in asked(question))


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("eleve", "Les élèves d'Alep", True),
        ("ÉLÈVE alep", "Les élèves d'Alep", True),
        ("oeuvre", "une Œuvre", True),
        ("حلب", "طريق الى حلب", True),
        ("حلب", "وصلوا إلى وحلب وبحلب", True),
        ("المدينة", "في مدينة كبيرة", True),
        ("مدينه", "بالمدينة", True),
        ("حَلَب", "حلب", True),
        ("آب", "شهر اب", True),
        ("2026", "عام ٢٠٢٦", True),
        ("中国", "在中国的道路", True),
        ("alep homs", "Alep seulement", False),
        ("lep", "Alep", False),
    ],
)
def test_words_are_found_however_they_are_written(question: str, text: str, found: bool) -> None:
    assert finds(question, text) is found


@given(st.text(max_size=60))
def test_every_text_is_found_by_its_own_words_and_terms_are_plain(text: str) -> None:
    assert finds(text, text)
    assert all(term.isalnum() and len(term) <= 60 for term in terms(text))
    assert all(word.isalnum() for words in asked(text) for word in words)


def test_no_words_ask_nothing() -> None:
    assert asked(" -!? ") == []

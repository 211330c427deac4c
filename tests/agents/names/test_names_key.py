"""Folding keeps a way back to the text, and one key joins the spellings of one name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.names.key import fold, name_key, spelling


@given(st.text(alphabet=st.characters(), max_size=200))
def test_every_folded_letter_comes_from_a_place_in_the_text(text: str) -> None:
    folded = fold(text)
    assert folded.text.startswith(" ")
    assert folded.text.endswith(" ")
    last = -1
    for offset in range(1, len(folded.text) - 1):
        at = folded.original(offset)
        assert last < at < len(text)
        assert folded.text[offset] == spelling(f"a{text[at]}a")[1:2] or folded.text[offset] in (" ", text[at])
        last = at


def test_marks_that_vanish_shift_the_offsets() -> None:
    text = "قصف حَلَب ثمّ الرقـــة"
    folded = fold(text)
    at = folded.text.index("حلب")
    assert text[folded.original(at) : folded.original(at + 2) + 1] == "حَلَب"
    at = folded.text.index("الرقه")
    assert text[folded.original(at) : folded.original(at + 4) + 1] == "الرقـــة"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Al-Ḥasakah", "al Hasakah"),
        ("Idleb", "IDLEB"),
        ("L’Ithriya", "l'ithriya"),
        ("حَلَب", "حلب"),
        ("الرقة", "الرقه"),
        ("إدلب", "ادلب"),
        ("Şanlıurfa", "Sanliurfa"),
        ("Deir ez-Zor", "Deir Zor"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Aleppo", "Idlib"), ("Homs", "Hama"), ("حلب", "حماة")])
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)

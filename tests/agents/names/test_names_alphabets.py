"""Folding by alphabets gives what folding letter by letter gives."""

from hypothesis import given
from hypothesis import strategies as st

from agents.names.alphabets import ARABIC, CYRILLIC, LATIN
from agents.names.key import _FOLDING, _GONE, fold

ALPHABETS = (LATIN, ARABIC, CYRILLIC)


def letter_by_letter(text: str) -> str:
    return _GONE.sub("", text).translate(_FOLDING)


@given(st.one_of(st.text(), *(st.text(st.sampled_from(alphabet._characters)) for alphabet in ALPHABETS)))
def test_text_of_any_alphabet_or_none(text: str) -> None:
    assert fold(text).text == f" {letter_by_letter(text)} "


def test_every_letter_of_an_alphabet_has_one_byte_and_no_mark_vanishes() -> None:
    for alphabet in ALPHABETS:
        letters = alphabet._characters
        assert len(set(letters)) == len(letters) <= 256
        assert len(alphabet.encoded(letters)) == len(letters)
        assert not _GONE.search(letters)

"""Names folded many at once, for the compiler, come out as they do one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.names import folding
from agents.names.compile_part import _spellings
from agents.names.gazetteer import Gazetteer
from agents.names.key import fold, name_key, spelling
from agents.names.knowledge import NamesKnowledge
from agents.names.spellings import place_spellings

_NAMES = st.lists(
    st.one_of(st.text(max_size=12), st.sampled_from(["Al-Bāb", "الباب", "St. Louis", "\U00013000", "a - b"]))
)


@given(names=_NAMES)
def test_many_names_are_folded_as_one_by_one(names: list[str]) -> None:
    assert folding.apart(names) == [fold(name).text[1:-1] for name in names]
    assert folding.spellings(names) == [spelling(name) for name in names]
    assert folding.keys(folding.spellings(names)) == [name_key(name) for name in names]


def _both(name: str, *, arab: bool) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    (spaced,) = folding.apart([name])
    latin = name.isascii() or (name != "" and max(name) < "\u0370")
    mine = set(_spellings(name, spaced, spelling(name), latin=latin, arab=arab))
    return mine, set(place_spellings(name, articles=arab))


def test_names_of_the_gazetteer_are_spelled_by_the_one_rule(knowledge: NamesKnowledge) -> None:
    gazetteer: Gazetteer = knowledge.gazetteer
    for row in range(0, len(gazetteer), 211):
        for name in gazetteer.names(row):
            mine, rule = _both(name, arab=gazetteer.country(row) == "SY")
            assert mine == rule, name


@given(name=st.text(min_size=1, max_size=10), arab=st.booleans())
def test_any_name_is_spelled_by_the_one_rule(name: str, arab: bool) -> None:
    mine, rule = _both(name, arab=arab)
    assert mine == rule

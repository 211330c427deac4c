"""How many outlets tell a story by themselves."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.alert.outlets import independent_outlets, origin_of, publisher


@dataclass(frozen=True)
class Telling:
    article: str
    origin: str
    copy_of: str | None = None


def test_copies_count_once_with_what_they_copy() -> None:
    first = Telling("a", "one.ex")
    copies = [Telling("b", "two.ex", "a"), Telling("c", "three.ex", "b")]
    assert independent_outlets([]) == 0
    assert independent_outlets([first, *copies]) == 1
    assert independent_outlets([first, *copies, Telling("d", "one.ex")]) == 1
    assert independent_outlets([first, *copies, Telling("d", "four.ex")]) == 2


def test_copies_of_what_is_gone_count_once() -> None:
    assert independent_outlets([Telling("b", "two.ex", "gone"), Telling("c", "three.ex", "gone")]) == 1


@pytest.mark.parametrize(
    ("outlet", "text", "origin"),
    [
        ("en.sana.sy", "A convoy left.", "sana"),
        ("news.bbc.co.uk", "A convoy left.", "bbc.co.uk"),
        ("paper.example", "ALEP (AFP) - Un convoi est parti.", "afp"),
        ("paper.example", "دمشق (رويترز) - غادرت قافلة.", "reuters"),
        ("paper.example", "Un convoi est parti, avec AFP", "afp"),
        ("paper.example", "The tassel and the sanatorium were sold.", "paper.example"),
    ],
)
def test_who_tells(outlet: str, text: str, origin: str) -> None:
    assert origin_of(outlet, text) == origin


def test_publishers() -> None:
    assert [publisher(one) for one in ("", "a.b.c.org", "x.com.tr", "y.x.com.tr")] == [
        "",
        "c.org",
        "x.com.tr",
        "x.com.tr",
    ]


_TELLINGS = st.lists(
    st.builds(Telling, st.sampled_from("abcdef"), st.sampled_from(["x", "y"]), st.none() | st.sampled_from("abcdefg")),
    unique_by=lambda one: one.article,
)


@given(_TELLINGS)
def test_never_more_than_tellings_never_none_of_some_and_order_is_nothing(tellings: list[Telling]) -> None:
    count = independent_outlets(tellings)
    assert bool(tellings) <= count <= len(tellings)
    assert independent_outlets([one for one in tellings if one.copy_of is None]) <= len(tellings)

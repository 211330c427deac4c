"""Expressions asked only where their words stand find what they find everywhere."""

import importlib
import pkgutil
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agents.enrich
from agents.enrich.literals import heads, tails
from agents.enrich.prefilter import Cued, Ending


def _expressions(kind):
    found = []
    for module in pkgutil.iter_modules(agents.enrich.__path__):
        for name, value in vars(importlib.import_module(f"agents.enrich.{module.name}")).items():
            listed = value.items() if isinstance(value, dict) else [("", value)]
            found += [pytest.param(one, id=f"{module.name}{name}{key}") for key, one in listed if isinstance(one, kind)]
    return found


ENDINGS, CUED = _expressions(Ending), _expressions(Cued)
LETTERS = "aeinorstuldcàéABCDLMPRS'’ -.,\n\u00a0بمنالفيةقرو0123"


def _words(pattern: str) -> list[str]:
    """Words that an expression speaks of, and some that it does not."""
    own = re.findall(r"[^\W\d_]{2,}", re.sub(r"\\[A-Za-z]", " ", pattern))
    return [*sorted(set(own)), "the", "Homs", "Syrian", "l'"]


def _texts(words: list[str]) -> st.SearchStrategy[str]:
    piece = st.one_of(st.sampled_from(words), st.sampled_from([word.title() for word in words]), st.text(LETTERS))
    gap = st.sampled_from(["", " ", " ", " ", "  ", "\n", "'", "’", "-", ", ", ". "])
    return st.lists(st.tuples(piece, gap), max_size=8).map(lambda parts: "".join(a + b for a, b in parts))


@pytest.mark.parametrize("ending", ENDINGS)
def test_endings(ending: Ending) -> None:
    plain = ending._pattern

    @given(_texts(_words(plain.pattern)))
    def same(before: str) -> None:
        wanted, found = plain.search(before), ending.search(before)
        assert ending.ends(before) is (wanted is not None)
        assert (found and found.span()) == (wanted and wanted.span())

    same()


@pytest.mark.parametrize("cued", CUED)
def test_cued(cued: Cued) -> None:
    plain = cued._pattern

    @given(_texts(_words(plain.pattern)))
    def same(text: str) -> None:
        assert [match.span() for match in cued.finditer(text)] == [match.span() for match in plain.finditer(text)]
        middle = len(text) // 2
        wanted, found = plain.search(text, middle), cued.search(text, middle)
        assert (found and found.span()) == (wanted and wanted.span())

    same()


def test_expressions_of_the_package_are_told_apart_by_their_words() -> None:
    assert len(ENDINGS) >= 5
    assert len(CUED) >= 8
    assert all(cued.values[0].cues for cued in CUED)


def test_text_that_cannot_be_scanned_is_searched() -> None:
    streets = Cued(r"\b(?:Street|Road) \d+\b")
    for odd in ("İ", "\ud83d"):  # longer in small letters; half a character
        assert [match.group() for match in streets.finditer(f"{odd} Street 5")] == ["Street 5"]


def test_what_expressions_begin_and_end_with() -> None:
    assert heads(r"\b(?:army|air forces?) [A-Z]") == {"army ", "air force ", "air forces "}
    assert heads(r"\w+ army") is None
    assert {one.text for one in tails(r"\b(?:in|near)\s+(?:the )?$") or ()} == {"in ", "near ", "in the ", "near the "}
    assert tails(r"in \w+$") is None


def test_many_starts_take_time_in_proportion() -> None:
    armies = Cued(r"\barmy(?: [a-z]+)? of [A-Z]")

    def seconds(times: int) -> float:
        text = "army army " * times
        began = time.perf_counter()
        at = 0
        while match := armies.search(text, at):
            at = match.end()
        for word in range(0, len(text), 500):
            assert armies.search(text, len(text) - 1 - word % 50) is None
        return time.perf_counter() - began

    seconds(1_000)
    few, many = (min(seconds(times) for _ in range(3)) for times in (2_000, 20_000))
    assert many < 60 * few

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.match.rows import Rows
from agents.match.texts import Texts, all_of, chosen


def texts(*written: str) -> Texts:
    encoded = [one.encode() for one in written]
    starts = np.cumsum([0, *map(len, encoded)])
    return all_of(Rows(starts.astype(np.int32), np.frombuffer(b"".join(encoded), dtype=np.uint8)))


def read(some: Texts) -> list[str]:
    return [some.text(number) for number in range(len(some))]


def test_what_is_merged_is_not_copied() -> None:
    held = texts(*(f"road {number}" for number in range(100)))
    merged = chosen([held, texts("a new one")], np.array([*range(5, 100), 100]))
    assert merged.pieces[0].values is held.pieces[0].values
    assert read(merged) == [*(f"road {number}" for number in range(5, 100)), "a new one"]


def test_what_is_no_longer_in_use_is_let_go() -> None:
    merged = chosen([texts(*(f"road {number}" for number in range(100)))], np.arange(10))
    assert merged.held == 10
    assert read(merged) == [f"road {number}" for number in range(10)]


def test_many_small_pieces_become_one() -> None:
    found = texts(*(f"road {number}" for number in range(300)))
    for number in range(200):
        found = chosen([found, texts(f"change {number}")], np.arange(len(found) + 1))
        assert len(found.pieces) <= 64
    assert read(found) == [*(f"road {number}" for number in range(300)), *(f"change {number}" for number in range(200))]


WRITTEN = st.lists(st.text(max_size=5), min_size=1, max_size=6)


@given(st.lists(WRITTEN, min_size=1, max_size=4), st.data())
def test_merging_again_and_again_keeps_what_was_chosen(parts: list[list[str]], data: st.DataObject) -> None:
    expected = [one for part in parts for one in part]
    found = chosen([texts(*part) for part in parts], np.arange(len(expected)))
    for _ in range(3):
        numbers = data.draw(
            st.lists(st.integers(0, len(expected) - 1), min_size=1, max_size=len(expected), unique=True)
        )
        expected = [expected[number] for number in numbers]
        found = chosen([found], np.array(numbers))
        assert read(found) == expected

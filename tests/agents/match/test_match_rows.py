"""Lists of different lengths in one array, against the same done plainly."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agents.match.rows import Rows, expanded, repeated

LENGTHS = st.lists(st.integers(0, 5), max_size=40)


@given(LENGTHS)
def test_each_number_is_repeated_as_often_as_its_length_says(lengths: list[int]) -> None:
    expected = [number for number, length in enumerate(lengths) for _ in range(length)]
    assert repeated(np.array(lengths, dtype=np.int64)).tolist() == expected


@given(LENGTHS)
def test_each_value_knows_its_row(lengths: list[int]) -> None:
    starts = np.concatenate(([0], np.cumsum(np.array(lengths, dtype=np.int64))))
    rows = Rows(starts.astype(np.int32), np.arange(int(starts[-1])))
    assert rows.owners().tolist() == [row for row in range(len(rows)) for _ in rows.row(row)]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(-3, 6)), max_size=20))
def test_ranges_are_written_out_and_empty_ones_left_out(ranges: list[tuple[int, int]]) -> None:
    begins = np.array([begin for begin, _ in ranges], dtype=np.int64)
    ends = begins + np.array([length for _, length in ranges], dtype=np.int64)
    which, numbers = expanded(begins, ends)
    expected = [(at, one) for at, (begin, length) in enumerate(ranges) for one in range(begin, begin + length)]
    assert list(zip(which.tolist(), numbers.tolist(), strict=True)) == expected

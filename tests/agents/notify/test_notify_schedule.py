"""When a failed delivery is tried again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from builders import NOON

from agents.notify.schedule import LONGEST, next_attempt


def attempts(chance: float = 0.0, takes: timedelta = timedelta()) -> list[timedelta]:
    """When a delivery that always fails is tried, from when it was owed."""
    found, now = [timedelta()], NOON + takes
    for number in range(1, 100):
        again = next_attempt(number, None, NOON, now, chance)
        if again is None:
            return found
        assert again >= now
        found.append(again - NOON)
        now = again + takes
    raise AssertionError("it is tried for ever")


def test_pauses_grow_over_a_day_and_then_it_is_exhausted() -> None:
    seconds = [one.total_seconds() for one in attempts()]
    assert seconds == [0, 5, 305, 2105, 9305, 27_305, 56_105, 84_905, 86_400]


@pytest.mark.parametrize("chance", [0.0, 0.3, 0.999])
def test_chance_only_ever_adds_up_to_a_fifth_and_the_last_attempt_is_after_a_day(chance: float) -> None:
    given = attempts(chance, takes=timedelta(seconds=10))
    assert given[-1] == LONGEST
    for plain, late in pairwise(given[:-1]):
        ideal = next_attempt(1 + given.index(plain), None, NOON, NOON + plain, 0.0)
        assert ideal is not None
        pause = ideal - NOON - plain
        assert pause <= late - plain - timedelta(seconds=10) <= pause * 1.2


def test_an_endpoint_that_comes_and_goes_is_tried_for_a_day_however_often_it_fails() -> None:
    assert next_attempt(50, None, NOON, NOON + timedelta(minutes=1), 0.0) is not None
    assert next_attempt(2, None, NOON, NOON + LONGEST, 0.0) is None


@pytest.mark.parametrize(("wish", "expected"), [(90, 90), (1, 5), (-4, 5), (1e9, 6 * 3600), (1e300, 6 * 3600)])
def test_the_endpoints_own_wish_is_honoured_within_bounds(wish: float, expected: float) -> None:
    assert next_attempt(1, wish, NOON, NOON, 0.0) == NOON + timedelta(seconds=expected)

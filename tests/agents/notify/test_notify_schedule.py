"""When a failed delivery is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOON

from agents.notify.schedule import next_attempt


def pauses(chance: float = 0.0) -> list[timedelta]:
    found = []
    for attempts in range(1, 100):
        again = next_attempt(attempts, None, NOON, chance)
        if again is None:
            return found
        found.append(again - NOON)
    raise AssertionError("it is tried for ever")


def test_pauses_grow_over_about_a_day_and_then_it_is_exhausted() -> None:
    given = pauses()
    assert given == sorted(given)
    assert given[0] == timedelta(seconds=5)
    assert timedelta(hours=20) < sum(given, timedelta()) < timedelta(hours=30)


def test_chance_only_ever_adds_up_to_a_fifth() -> None:
    for plain, late in zip(pauses(0.0), pauses(0.999), strict=True):
        assert plain < late <= plain * 1.2


@pytest.mark.parametrize(("wish", "expected"), [(90, 90), (1, 5), (-4, 5), (1e9, 6 * 3600), (1e300, 6 * 3600)])
def test_the_endpoints_own_wish_is_honoured_within_bounds(wish: float, expected: float) -> None:
    assert next_attempt(1, wish, NOON, 0.0) == NOON + timedelta(seconds=expected)

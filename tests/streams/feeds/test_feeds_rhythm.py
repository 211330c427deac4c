from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.feeds.rhythm import (
    HOURS,
    Rhythm,
    decode_rhythm,
    encode_rhythm,
    hour_of_week,
    next_poll_minutes,
    observed,
    overdue,
    rate,
    weekly,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def watched(weeks: int, hourly: dict[int, int], seed: int = 1) -> Rhythm:
    """A feed polled once an hour that brings so many items in these hours of the day."""
    rng = random.Random(seed)
    rhythm = observed(Rhythm(), MONDAY, [], 15)
    for hour in range(1, weeks * HOURS + 1):
        now = MONDAY + timedelta(hours=hour)
        times = [now - timedelta(minutes=rng.random() * 59) for _ in range(hourly.get((hour - 1) % 24, 0))]
        rhythm = observed(rhythm, now, list(times), 15)
    return rhythm


def test_a_week_in_parts_tells_when_a_feed_is_busy() -> None:
    assert weekly(Rhythm()) == ()
    week = weekly(watched(3, {9: 8, 10: 4}))
    assert len(week) == 42
    assert [round(rate) for rate in week[:6]] == [0, 0, 3, 0, 0, 0]  # 12 items within 8 to 12 h of a Monday
    assert week[2::6] == pytest.approx([week[2]] * 7, rel=0.2)


def test_hours_of_the_week_are_utc() -> None:
    assert hour_of_week(MONDAY) == 0
    assert hour_of_week(MONDAY.astimezone(tz=datetime.now().astimezone().tzinfo)) == 0
    assert hour_of_week(MONDAY - timedelta(minutes=1)) == 167


def test_hours_of_the_day_are_learned() -> None:
    rhythm = watched(2, {9: 6, 10: 6})
    assert rate(rhythm, MONDAY + timedelta(days=15, hours=9, minutes=30)) > 3
    assert rate(rhythm, MONDAY + timedelta(days=15, hours=3)) < 0.3
    busy = next_poll_minutes(rhythm, MONDAY + timedelta(days=15, hours=9, minutes=10))
    night = next_poll_minutes(rhythm, MONDAY + timedelta(days=15, hours=2))
    assert 9 <= busy <= 15
    assert night > 40


def test_a_batch_at_the_full_hour_is_waited_for() -> None:
    rhythm = observed(Rhythm(), MONDAY, [], 15)
    for hour in range(1, 2 * HOURS):
        at = MONDAY + timedelta(hours=hour)
        rhythm = observed(rhythm, at + timedelta(minutes=3), [at + timedelta(minutes=1)] * 5, 15)
    now = MONDAY + timedelta(days=20, minutes=5)
    assert 50 <= next_poll_minutes(rhythm, now) <= 60


def test_a_burst_shortens_the_wait_for_a_while() -> None:
    rhythm = watched(2, dict.fromkeys(range(24), 1))
    now = MONDAY + timedelta(weeks=2)
    quiet = next_poll_minutes(rhythm, now)
    burst = observed(rhythm, now + timedelta(minutes=20), [now + timedelta(minutes=m) for m in range(1, 13)], 15)
    assert next_poll_minutes(burst, now + timedelta(minutes=20)) < quiet / 2


def test_the_first_document_tells_of_the_past() -> None:
    hourly = [MONDAY - timedelta(hours=hour) for hour in range(1, 11)]
    rare = [MONDAY - timedelta(hours=31 * day) for day in range(1, 11)]
    often = next_poll_minutes(observed(Rhythm(), MONDAY, list(hourly), 10), MONDAY)
    seldom = next_poll_minutes(observed(Rhythm(), MONDAY, list(rare), 10), MONDAY)
    assert often < 40 < seldom


def test_a_silent_source_is_overdue_by_its_own_rhythm() -> None:
    rhythm = watched(2, dict.fromkeys(range(8, 20), 4))
    evening = MONDAY + timedelta(weeks=2, hours=-2)
    assert overdue(rhythm, evening) < 0.5  # nights are always silent
    assert overdue(rhythm, MONDAY + timedelta(weeks=2, hours=9)) < 1
    assert overdue(rhythm, MONDAY + timedelta(weeks=2, hours=40)) > 1
    assert overdue(Rhythm(), MONDAY) == 0
    assert overdue(observed(Rhythm(), MONDAY, [MONDAY], 1), MONDAY + timedelta(days=90)) == 0  # too little is known


@given(
    st.lists(
        st.tuples(
            st.floats(0, 10_000),
            st.lists(st.one_of(st.none(), st.floats(-1e5, 1e5)), max_size=20),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)
def test_whatever_comes_the_wait_stays_in_its_bounds_and_rests_in_the_archive(
    polls: list[tuple[float, list[float | None], int]],
) -> None:
    rhythm, now = Rhythm(), MONDAY
    for minutes, dates, document in polls:
        now += timedelta(minutes=minutes)
        given_dates = [None if date is None else now + timedelta(minutes=date) for date in dates]
        rhythm = observed(rhythm, now, given_dates, document)
        assert 5 <= next_poll_minutes(rhythm, now) <= 60
        assert overdue(rhythm, now) >= 0
        assert all(count >= 0 for count in (*rhythm.items, *rhythm.hours, *rhythm.slots))
        kept = decode_rhythm(encode_rhythm(rhythm))
        assert next_poll_minutes(kept, now) == pytest.approx(next_poll_minutes(rhythm, now), abs=0.5)


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"items": [1]}', '{"items": "x"}', '{"strange": 1}', "null"])
def test_a_damaged_rhythm_begins_anew(damaged: str) -> None:
    assert decode_rhythm(damaged) == Rhythm()

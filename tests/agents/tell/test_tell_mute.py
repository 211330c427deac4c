"""Mute times by the clock on the wall, checked minute by minute against one that only reads that clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tell.mute import is_always, muted_until
from agents.tell.pace import DAYS, Digest, MuteWindow, minutes_of
from agents.tell.slots import next_digest, period_of

ZONES = ("UTC", "Europe/Paris", "Asia/Damascus", "America/New_York", "Asia/Kolkata")
TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
WINDOWS = st.builds(
    MuteWindow,
    days=st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True).map(tuple),
    start=TIMES,
    end=TIMES,
    time_zone=st.sampled_from(ZONES),
)
# No clock is put forward or back in this week, so that the clock's reading alone decides.
WEEK = datetime(2026, 6, 1, tzinfo=UTC)
NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)


def reads_as_muted(window: MuteWindow, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(window.time_zone))
    minute, start, end = local.hour * 60 + local.minute, minutes_of(window.start), minutes_of(window.end)
    today, yesterday = DAYS[local.weekday()] in window.days, DAYS[local.weekday() - 1] in window.days
    if start < end:
        return today and start <= minute < end
    return (today and minute >= start) or (yesterday and minute < end)


@given(windows=st.lists(WINDOWS, min_size=1, max_size=3), minute=st.integers(0, 7 * 1440 - 1))
def test_a_mute_time_ends_when_no_window_has_the_clocks_reading(windows: list[MuteWindow], minute: int) -> None:
    now = WEEK + timedelta(minutes=minute)
    until = muted_until(windows, now)
    if until is None:
        assert not any(reads_as_muted(one, now) for one in windows)
        return
    if until - now < timedelta(days=7):  # else the windows leave no minute
        assert not any(reads_as_muted(one, until) for one in windows)
    step = now
    while step < min(until, now + timedelta(days=7)):
        assert any(reads_as_muted(one, step) for one in windows), step
        step += timedelta(minutes=7)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # Paris puts its clocks forward at 01:00Z on 29 March and back at 01:00Z on 25 October.
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (datetime(2026, 3, 29, 5, tzinfo=UTC), None),
        (datetime(2026, 3, 28, 20, 59, tzinfo=UTC), None),
    ],
)
def test_a_night_ends_by_the_clock_when_clocks_are_changed(now: datetime, until: datetime | None) -> None:
    nights = MuteWindow(start="22:00", end="07:00", time_zone="Europe/Paris")
    assert muted_until([nights], now) == until


def test_only_windows_that_leave_no_minute_are_always() -> None:
    assert is_always([MuteWindow()])
    assert not is_always([MuteWindow(end="23:59")])
    assert is_always([MuteWindow(start="22:00", end="06:00"), MuteWindow(start="06:00", end="22:00")])
    assert not is_always([MuteWindow(days=("mon",))])
    assert not is_always([])


def test_a_window_that_ends_when_it_begins_lasts_a_day() -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday
    assert muted_until([MuteWindow(days=("mon",), start="06:00", end="06:00")], now) == datetime(
        2026, 6, 2, 6, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        (Digest(every="hour"), datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 13, tzinfo=UTC)),
        (Digest(every="hour", at="00:20"), NINE, NINE + timedelta(minutes=20)),
        (
            Digest(every="day", at="07:30", time_zone="Europe/Paris"),
            datetime(2026, 10, 24, 6, tzinfo=UTC),
            datetime(2026, 10, 25, 6, 30, tzinfo=UTC),  # the clocks were put back in between
        ),
        (Digest(every="day", at="07:30"), datetime(2026, 6, 1, 7, tzinfo=UTC), datetime(2026, 6, 1, 7, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_digest_is_due_at_its_next_time(digest: Digest, now: datetime, due: datetime) -> None:
    assert next_digest(digest, now) == due


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from(ZONES), TIMES)
def test_a_daily_digest_is_due_within_a_day_and_an_hour(naive: datetime, zone: str, at: str) -> None:
    now = naive.replace(tzinfo=UTC)
    due = next_digest(Digest(every="day", at=at, time_zone=zone), now)
    assert timedelta(0) < due - now <= timedelta(hours=25)


def test_a_period_is_of_the_clock() -> None:
    now = datetime(2026, 6, 1, 12, 34, 56, tzinfo=UTC)
    assert period_of("hour", now) == (datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 13, tzinfo=UTC))
    assert period_of("day", now)[1] == datetime(2026, 6, 2, tzinfo=UTC)
    assert period_of("minute", now)[0] == datetime(2026, 6, 1, 12, 34, tzinfo=UTC)

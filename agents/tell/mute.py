"""Weekly mute times: whether an instant lies in one, and when it ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.tell.pace import DAYS, MuteWindow, minutes_of

_WEEK = 7 * 24 * 60
_FAR = timedelta(days=9)


def muted_until(windows: Sequence[MuteWindow], now: datetime) -> datetime | None:
    """When the mute time around `now` ends (UTC), windows that touch taken together; None outside of one."""
    until = now
    while True:
        ends = [end for window in windows for start, end in _around(window, until) if start <= until < end]
        if not ends or until - now > _FAR:
            return until if until > now else None
        until = max(ends)


def is_always(windows: Iterable[MuteWindow]) -> bool:
    """Whether windows, each taken by its own clock, leave no minute of the week."""
    left = set(range(_WEEK)) if (windows := list(windows)) else {0}
    offset = {window.time_zone: _offset(window.time_zone) for window in windows}
    for window in windows:
        start, length = _span(window)
        for day in window.days:
            begin = DAYS.index(day) * 1440 + start - offset[window.time_zone]
            left.difference_update((begin + minute) % _WEEK for minute in range(length))
    return not left


def _span(window: MuteWindow) -> tuple[int, int]:
    """Its start in minutes after midnight, and its length."""
    start, end = minutes_of(window.start), minutes_of(window.end)
    return start, end - start if end > start else end + 1440 - start


def _around(window: MuteWindow, at: datetime) -> Iterable[tuple[datetime, datetime]]:
    """The times of a window that begin on the days about an instant, by the clock on its wall."""
    zone = ZoneInfo(window.time_zone)
    today = at.astimezone(zone).date()
    start, length = _span(window)
    for back in (-1, 0, 1, 2):
        day = today - timedelta(days=back)
        if DAYS[day.weekday()] in window.days:
            yield on_the_wall(day, start, zone), on_the_wall(day, start + length, zone)


def on_the_wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in `zone` shows so many minutes after the midnight of `day`.

    Where the clock shows it twice it is the first time; where it never does, as long after the leap as it should be.
    """
    days, rest = divmod(minutes, 1440)
    there = day + timedelta(days=days)
    local = datetime(there.year, there.month, there.day, rest // 60, rest % 60, tzinfo=zone)
    return local.astimezone(UTC)


def _offset(zone: str) -> int:
    offset = datetime(2026, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta(0)
    return int(offset.total_seconds() // 60)

"""When a digest is due and when a limit's period ends. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from agents.tell.mute import on_the_wall
from agents.tell.pace import PERIODS, Digest, Period, minutes_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_digest(digest: Digest, now: datetime) -> datetime:
    """The first time after `now` at which a digest is due, in UTC."""
    zone = ZoneInfo(digest.time_zone)
    at = minutes_of(digest.at)
    if digest.every == "hour":
        local = now.astimezone(zone)
        due = local.replace(minute=at % 60, second=0, microsecond=0).astimezone(UTC)
        return due if due > now else due + timedelta(hours=1)
    today = now.astimezone(zone).date()
    return next(due for day in range(-1, 4) if (due := on_the_wall(today + timedelta(days=day), at, zone)) > now)


def period_of(per: Period, now: datetime) -> tuple[datetime, datetime]:
    """The beginning and the end of the period that `now` lies in, by the clock in UTC."""
    length = PERIODS[per]
    start = _EPOCH + (now - _EPOCH) // length * length
    return start, start + length

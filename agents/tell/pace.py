"""How often and when alerts may be told: the `pace` of a watch or an endpoint as a person writes it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
Severity = Literal["info", "warning", "critical"]
Period = Literal["minute", "hour", "day"]
PERIODS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


def minutes_of(time: str) -> int:
    """Minutes since midnight of a time such as `07:30`; 1440 for `24:00`."""
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _time(time: str) -> str:
    if not _TIME.fullmatch(time):
        raise PydanticCustomError(
            "plain", '"{time}" is no time of day: write one from 00:00 to 24:00 in quotes, such as "07:30"',
            {"time": time},
        )  # fmt: skip
    return time


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError(
            "plain", '"{zone}" is no time zone: write one of the tz database, such as Europe/Paris or UTC',
            {"zone": name},
        ) from None  # fmt: skip
    return name


TimeOfDay = Annotated[str, AfterValidator(_time)]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_zone)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MuteWindow(_Strict):
    """A weekly time in which nothing is told: what comes meanwhile is told when it ends."""

    days: tuple[Day, ...] = DAYS
    """The days on which it begins."""
    start: TimeOfDay = "00:00"
    end: TimeOfDay = "24:00"
    """Where this is not later than `start` it is the next day's."""
    time_zone: TimeZone = "UTC"


class Limit(_Strict):
    """At most so many alerts in each period (of the clock, in UTC); the rest is told in one when it ends."""

    alerts: int = Field(ge=1, le=100_000, strict=True)
    per: Period = "hour"


class Digest(_Strict):
    """Everything of an hour or a day in one."""

    every: Literal["hour", "day"]
    at: TimeOfDay = "00:00"
    """Of a day: when. Of an hour its minutes count."""
    time_zone: TimeZone = "UTC"


class Group(_Strict):
    """Alerts of one theatre within a short time are told in one."""

    by: Literal["theatre", "country"] = "theatre"
    seconds: float = Field(default=30.0, gt=0, le=3600, strict=True)
    """How long the first waits for others."""


def _not_always(mute: tuple[MuteWindow, ...]) -> tuple[MuteWindow, ...]:
    from agents.tell.mute import is_always  # noqa: PLC0415 - it reads the shapes above

    if is_always(mute):
        raise PydanticCustomError("plain", "these windows mute the whole week: leave some time, or disable the watch")
    return mute


class Pace(_Strict):
    """What a watch may say of how its alerts are told."""

    repeat_hours: float | None = Field(default=None, ge=0.1, le=8760, strict=True)
    """An alert that is open and not acknowledged is told again after so long; never where left out."""
    mute: Annotated[tuple[MuteWindow, ...], AfterValidator(_not_always)] = ()
    limit: Limit | None = None
    digest: Digest | None = None
    at_once: tuple[Severity, ...] = ()
    """Severities that wait for no mute time, limit, digest or group."""


class EndpointPace(Pace):
    """What an endpoint may say of how alerts are told to it."""

    group: Group | None = None

    @model_validator(mode="after")
    def _one_way_to_gather(self) -> EndpointPace:
        if self.group is not None and self.digest is not None:
            raise PydanticCustomError(
                "plain", "a digest gathers everything, so that a group never comes about: keep one of the two"
            )
        return self

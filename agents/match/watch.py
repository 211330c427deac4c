"""What can be watched: the shape of a watch as a person writes it (DESIGN of the `watches:` section)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
WatchId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TownCondition(_Strict):
    """The town itself is named, or, with `within_km`, something is placed that near to it."""

    town: Name
    country: CountryCode | None = None
    within_km: float | None = Field(default=None, gt=0, le=500)


class RouteCondition(_Strict):
    """The road is named in either direction, or something is placed within `corridor_km` of its line."""

    route: tuple[Name, ...] | Name
    """Its waypoints in order (two or more), or one name of a road that a pack knows, such as `M5`."""
    corridor_km: float = Field(default=5.0, gt=0, le=100)


class ActorCondition(_Strict):
    """The actor is named in any of its names."""

    actor: Name


class Area(_Strict):
    """A country, a box (west, south, east, north in degrees) or a GeoJSON polygon."""

    country: CountryCode | None = None
    bbox: tuple[float, float, float, float] | None = None
    polygon: dict[str, Any] | None = None


class AreaCondition(_Strict):
    """Something is placed inside the area."""

    area: Area


class PhraseCondition(_Strict):
    """The words stand in the text, whatever their case and accents."""

    phrase: Name


Condition = TownCondition | RouteCondition | ActorCondition | AreaCondition | PhraseCondition
Severity = Literal["info", "warning", "critical"]


class Watch(_Strict):
    """What a person asked to be told of."""

    id: WatchId
    name: str = ""
    any: tuple[Condition, ...] = ()
    """At least one of these, where there are any."""
    all: tuple[Condition, ...] = ()
    """Every one of these."""
    none: tuple[Condition, ...] = ()
    """None of these."""
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...] = ()
    outlets: tuple[Name, ...] = ()
    sources: int = Field(default=1, ge=1, le=100)
    severity: Severity = "warning"
    notify: tuple[Name, ...] = ()
    """Ids of endpoints; empty means every endpoint."""

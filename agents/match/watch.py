"""What can be watched: the shape of a watch as a person writes it (the `watches:` section of the settings file)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from agents.match.area import check_bbox, parse_polygon
from agents.tell.pace import Pace

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
WatchId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
ConditionKind = Literal["route", "town", "actor", "area", "phrase"]
CONDITION_KINDS: tuple[ConditionKind, ...] = get_args(ConditionKind)
"""The key that says what a condition is, in the order in which hits name them."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TownCondition(_Strict):
    """The town itself is named, or, with `within_km`, something is placed that near to it."""

    town: Name
    """Any spelling; `Tripoli, LB` narrows it to a country as `country` does, `geonames:170063` is exact."""
    country: CountryCode | None = None
    within_km: float | None = Field(default=None, gt=0, le=500, strict=True)


class RouteCondition(_Strict):
    """The road is named in either direction, or something is placed within `corridor_km` of its line."""

    route: tuple[Name, ...] | Name
    """Its waypoints in order (two or more), or one name of a road that a pack knows, such as `M5`."""
    corridor_km: float = Field(default=5.0, gt=0, le=100, strict=True)

    @field_validator("route")
    @classmethod
    def _two_or_more(cls, route: tuple[str, ...] | str) -> tuple[str, ...] | str:
        if not isinstance(route, str) and not 2 <= len(route) <= 50:
            raise PydanticCustomError(
                "plain",
                "a route needs 2 to 50 places and this has {count}: "
                "list its places in order, as in [Alep, Khanasser], or give one name of a known road without brackets",
                {"count": len(route)},
            )
        return route


class ActorCondition(_Strict):
    """The actor is named in any of its names."""

    actor: Name


class Area(_Strict):
    """A country, a box or a GeoJSON polygon."""

    country: CountryCode | None = None
    bbox: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees; west > east crosses the antimeridian."""
    polygon: dict[str, Any] | None = None

    @field_validator("bbox")
    @classmethod
    def _real_box(cls, bbox: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if bbox is not None and (mistake := check_bbox(bbox)):
            raise PydanticCustomError("plain", "{mistake}", {"mistake": mistake})
        return bbox

    @field_validator("polygon")
    @classmethod
    def _real_polygon(cls, polygon: dict[str, Any] | None) -> dict[str, Any] | None:
        if polygon is not None:
            try:
                parse_polygon(polygon)
            except ValueError as error:
                raise PydanticCustomError("plain", "{mistake}", {"mistake": str(error)}) from error
        return polygon

    @model_validator(mode="after")
    def _one_of(self) -> Area:
        given = [name for name in ("country", "bbox", "polygon") if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "plain",
                "an area is one of country, bbox or polygon and this has {given}: keep one, "
                "and write a condition of its own for each other",
                {"given": " and ".join(given) or "none"},
            )
        return self


class AreaCondition(_Strict):
    """Something is placed inside the area."""

    area: Area


class PhraseCondition(_Strict):
    """The words stand in the title or the text, whatever their case and accents, as whole words."""

    phrase: Name

    @field_validator("phrase")
    @classmethod
    def _has_letters(cls, phrase: str) -> str:
        if not any(character.isalnum() for character in phrase):
            raise PydanticCustomError(
                "plain", "a phrase without a letter or digit never stands in a text: write words", {}
            )
        return phrase


def condition_kind(condition: Any) -> str | None:
    """What a condition is, by the first key that says so; None where no key does."""
    for kind in CONDITION_KINDS:
        if (kind in condition) if isinstance(condition, dict) else hasattr(condition, kind):
            return kind
    return None


# The tags are in angle brackets so that the place of an error never reads like a key of the file.
Condition = Annotated[
    Annotated[RouteCondition, Tag("<route>")]
    | Annotated[TownCondition, Tag("<town>")]
    | Annotated[ActorCondition, Tag("<actor>")]
    | Annotated[AreaCondition, Tag("<area>")]
    | Annotated[PhraseCondition, Tag("<phrase>")],
    Discriminator(lambda condition: f"<{kind}>" if (kind := condition_kind(condition)) else None),
]
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The least severe first."""


class SeverityBySources(_Strict):
    """From how many independent outlets on an alert is more severe than its watch says."""

    warning: int | None = Field(default=None, ge=2, le=100, strict=True)
    critical: int | None = Field(default=None, ge=2, le=100, strict=True)

    @model_validator(mode="after")
    def _rises(self) -> SeverityBySources:
        if self.warning is None and self.critical is None:
            raise PydanticCustomError(
                "plain", "this says nothing: give a number of outlets, as in {{critical: 3}}, or leave it out", {}
            )
        if self.warning is not None and self.critical is not None and self.warning >= self.critical:
            raise PydanticCustomError(
                "plain", "critical from {critical} outlets on leaves no room for warning from {warning} on: "
                "critical needs more of them, or leave warning out",
                {"critical": self.critical, "warning": self.warning},
            )  # fmt: skip
        return self


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
    """Only from these hosts and their subdomains."""
    facts_only: bool = Field(default=False, strict=True)
    """Only what the text tells as a fact: not what it denies, plans or supposes, nor what is past or figurative."""
    sources: int = Field(default=1, ge=1, le=100, strict=True)
    severity: Severity = "warning"
    severity_by_sources: SeverityBySources | None = None
    """More severe from so many independent outlets on; it does not go down again when fewer tell it."""
    notify: tuple[Name, ...] = ()
    """Ids of endpoints; empty means every endpoint."""
    close_after_hours: float | None = Field(default=None, ge=0.1, le=8760, strict=True)
    """An alert of which nothing more is told closes after so long; as the settings say where left out."""
    pace: Pace = Pace()
    """How often and when its alerts are told."""

    @model_validator(mode="after")
    def _watches_something(self) -> Watch:
        if not self.any and not self.all:
            raise PydanticCustomError(
                "plain",
                'watch "{watch}" watches nothing: give it at least one condition under "any" or "all"',
                {"watch": self.id},
            )
        return self

    @field_validator("severity_by_sources")
    @classmethod
    def _becomes_more_severe(cls, steps: SeverityBySources | None, info: ValidationInfo) -> SeverityBySources | None:
        severity = info.data.get("severity", SEVERITIES[0])
        for less in SEVERITIES[: SEVERITIES.index(severity) + 1]:
            if getattr(steps, less, None) is not None:
                raise PydanticCustomError(
                    "plain",
                    "the watch is {severity} from its first source on, so {less} says nothing here: leave it out, or "
                    'give a lower "severity"',
                    {"severity": severity, "less": less},
                )
        return steps

    def severity_at(self, sources: int) -> Severity:
        """How severe an alert is that so many independent outlets tell."""
        for severity in reversed(SEVERITIES):
            needed = getattr(self.severity_by_sources, severity, None)
            if needed is not None and sources >= needed:
                return severity
        return self.severity

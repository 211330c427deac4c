"""What the settings say of how alerts live and are told, as the stages take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from agents.match.watch import Watch
from agents.tell.facts import Inhibition, Ways, Whose
from agents.tell.pace import EndpointPace, Pace

CLOSE_AFTER = timedelta(hours=72)
_EVERYTHING_AT_ONCE = EndpointPace()


@dataclass(frozen=True, slots=True)
class EndpointRules:
    """How one endpoint is told."""

    pace: EndpointPace = _EVERYTHING_AT_ONCE
    keeps_state: bool = False
    """Whether it keeps an alert as firing until it hears of its end (Alertmanager)."""
    bundles: bool = True
    """Whether several alerts can go to it in one; else each goes by itself, one after another."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How alerts live and are told."""

    endpoints: Mapping[str, EndpointRules] = field(default_factory=dict)
    inhibitions: tuple[Inhibition, ...] = ()
    close_after: timedelta = CLOSE_AFTER
    theatres: Mapping[str, str] = field(default_factory=dict)

    def of(self, endpoint: str) -> EndpointRules:
        """Those of an endpoint; one that the settings do not have is told everything at once."""
        return self.endpoints.get(endpoint, _PLAIN)


_PLAIN = EndpointRules()
_EVERYBODY = Rules()


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who is told of alerts, as the settings have it at one moment."""

    endpoints: tuple[str, ...] = ()
    """Ids of every endpoint, for watches that name none."""
    rules: Rules = _EVERYBODY


class WatchRules(BaseModel):
    """What an alert's watch says of it, kept with the alert: who tells it later does not have the watch."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    close_after_hours: float | None = None
    pace: Pace = Pace()

    @classmethod
    def of(cls, watch: Watch) -> WatchRules:
        """Those of a watch."""
        return cls(close_after_hours=watch.close_after_hours, pace=watch.pace)

    def kept(self) -> str | None:
        """As the archive keeps them; None where the watch says nothing."""
        return None if self == _NOTHING else self.model_dump_json(exclude_defaults=True)

    def closes_at(self, rules: Rules, now: datetime) -> datetime:
        """When an alert closes that was heard of now, unless it is heard of again."""
        own = self.close_after_hours
        return now + (rules.close_after if own is None else timedelta(hours=own))


def kept_rules(text: str | None) -> WatchRules:
    """The inverse of `WatchRules.kept`."""
    return _NOTHING if text is None else WatchRules.model_validate_json(text)


_NOTHING = WatchRules()


def ways(endpoint: EndpointRules, watch: WatchRules, watch_id: str) -> Ways:
    """What endpoint and watch say, taken together: mute times of both, the endpoint's digest before the watch's."""
    digest = endpoint.pace.digest or watch.pace.digest
    return Ways(
        mute=(*endpoint.pace.mute, *watch.pace.mute),
        digest=digest,
        digest_of="" if endpoint.pace.digest else watch_id if digest else "",
        group=endpoint.pace.group,
        at_once=frozenset((*endpoint.pace.at_once, *watch.pace.at_once)),
        keeps_state=endpoint.keeps_state,
    )


def repeat_every(endpoint: EndpointRules, watch: WatchRules) -> timedelta | None:
    """How often an open alert is told again: as the endpoint says, else as the watch does."""
    hours = endpoint.pace.repeat_hours or watch.pace.repeat_hours
    return None if hours is None else timedelta(hours=hours)


def limit_key(whose: Whose, watch: str, endpoint: str) -> str:
    """What a limit counts by: the alerts to an endpoint, or those of one watch to it."""
    return f"{endpoint} of {watch}" if whose == "watch" else endpoint

"""The frozen records that the stages of telling read: one notice, and what stands around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agents.tell.labels import Labels
from agents.tell.matchers import Matcher, match_all
from agents.tell.pace import Digest, Group, Limit, MuteWindow
from streams.records import Alert

Whose = Literal["watch", "endpoint"]
ENDINGS = ("retracted", "closed")


@dataclass(frozen=True, slots=True)
class Notice:
    """A revision of an alert on its way to an endpoint."""

    alert: Alert
    why: str
    """The reason of the revision: `opened`, `new_source`, `corrected`, `repeated`, ..."""
    endpoint: str
    labels: Labels
    now: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """A person's word that alerts which meet every matcher are not to be told for a while."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str

    def quiets(self, labels: Labels, now: datetime) -> bool:
        """Whether it is in force and an alert of these labels meets it."""
        return self.starts_at <= now < self.ends_at and match_all(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert of the one kind stands, those of the other are not told."""

    by: tuple[Matcher, ...]
    quiets: tuple[Matcher, ...]
    equal: tuple[str, ...]
    """Labels of which both must have a value in common."""
    lasting: timedelta
    """After the wider alert was last told."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert that stands open and that an endpoint was told of, as inhibition sees it."""

    alert: Alert
    labels: Labels
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Handling:
    """What a person has said of an alert."""

    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Earlier revisions of the alert that wait for the endpoint."""

    together: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A limit, and how many alerts its period has had."""

    limit: Limit
    whose: Whose
    key: str
    had: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """How alerts of one watch may be told to one endpoint: what both say, taken together."""

    mute: tuple[MuteWindow, ...] = ()
    digest: Digest | None = None
    digest_of: str = ""
    """The watch whose digest it is; empty for the endpoint's own."""
    group: Group | None = None
    at_once: frozenset[str] = frozenset()
    keeps_state: bool = False
    """Whether the endpoint keeps alerts as firing until it hears of their end (Alertmanager)."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a notice."""

    ways: Ways = Ways()
    told: bool = False
    """Whether an earlier revision was told to the endpoint, or is on its way."""
    waiting: Waiting | None = None
    handling: Handling = Handling()
    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    standing: tuple[Standing, ...] = ()
    counted: tuple[Counted, ...] = ()
    theatre: str = ""
    """Of the alert, by the endpoint's grouping; empty where it has no place."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notice, and why."""

    action: Literal["send", "hold", "drop"]
    reason: str
    """Its name in the metric and the archive."""
    detail: str = ""
    """Which silence, alert, limit or time it was, for a person."""
    by: str = ""
    """The id of that silence or alert."""
    until: datetime | None = None
    """When what is held is told."""
    together: str = ""
    """What is held under one name is told in one."""

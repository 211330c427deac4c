"""A simple model of what one endpoint without a pace is told of alerts: plain words for what the stages must do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

OPEN = ("opened", "updated", "corrected")
TOLD = ("pending", "delivered", "told_with")


@dataclass
class ModelAlert:
    """One alert, and what became of each of its revisions for the endpoint."""

    watch: str
    status: str = "opened"
    told_at: datetime | None = None
    closes_at: datetime | None = None
    acknowledged: bool = False
    snoozed_until: datetime | None = None
    held_until: datetime | None = None
    repeat_at: datetime | None = None
    outcomes: dict[int, str] = field(default_factory=dict)
    inhibited_by: dict[int, str] = field(default_factory=dict)
    revision: int = 0

    @property
    def is_told(self) -> bool:
        """Whether the endpoint had anything of it."""
        return any(one in TOLD for one in self.outcomes.values())

    @property
    def held(self) -> list[int]:
        """The revisions that wait."""
        return [revision for revision, one in self.outcomes.items() if one == "held"]


@dataclass
class Model:
    """Every alert, by its id; `silenced` are the watches that a silence in force names."""

    repeat: timedelta
    close_after: timedelta
    inhibits_for: timedelta
    alerts: dict[str, ModelAlert] = field(default_factory=dict)
    silences: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def tell(self, alert: str, status: str, why: str, now: datetime) -> None:
        """A further revision."""
        one = self.alerts[alert]
        one.status, one.revision = status, one.revision + 1
        one.outcomes[one.revision] = self._outcome(alert, status, now)
        one.told_at = now
        is_over = status in ("retracted", "closed")
        if is_over:
            one.acknowledged, one.snoozed_until = False, None
        one.repeat_at = None if is_over else now + self.repeat
        if why not in ("repeated", "snooze_ended"):
            one.closes_at = None if is_over else now + self.close_after
        if status == "retracted":
            self._tell_what_it_quieted(alert)

    def _outcome(self, alert: str, status: str, now: datetime) -> str:
        one = self.alerts[alert]
        ending = status in ("retracted", "closed")
        takes_back = (one.is_told or bool(one.held)) and status in ("corrected", "retracted")
        if ending and not one.is_told and not one.held:
            return "never_told"
        if not takes_back:
            wider = self._wider(alert, now)
            if wider and not ending:
                one.inhibited_by[one.revision] = wider
                return "inhibited"
            if any(watch == one.watch and now < until for watch, until in self.silences.values()):
                return "silenced"
            if one.acknowledged and not ending:
                return "acknowledged"
            if one.snoozed_until and now < one.snoozed_until:
                one.held_until = one.snoozed_until
                return "held"
        for revision in one.held:
            one.outcomes[revision] = "told_with"
        return "pending"

    def _wider(self, alert: str, now: datetime) -> str | None:
        if self.alerts[alert].watch != "town":
            return None
        stand = [
            (other.told_at, name)
            for name, other in self.alerts.items()
            if other.watch == "country" and other.status in OPEN and other.is_told
            and other.told_at is not None and now - other.told_at < self.inhibits_for
        ]  # fmt: skip
        return min(stand, key=lambda one: (-one[0].timestamp(), one[1]))[1] if stand else None

    def _tell_what_it_quieted(self, retracted: str) -> None:
        for one in self.alerts.values():
            mine = [revision for revision, by in one.inhibited_by.items() if by == retracted]
            mine = [revision for revision in mine if one.outcomes[revision] == "inhibited"]
            if mine and one.status in OPEN and not one.is_told:
                one.outcomes[max(mine)] = "pending"

    def run_due(self, now: datetime, elsewhere: Collection[str]) -> None:
        """What the clock does: ends of snoozes, what waited, repeats, closings.

        `elsewhere` are the alerts that were told again to other endpoints, and not to this one.
        """
        for name in sorted(self.alerts):
            one = self.alerts[name]
            if one.snoozed_until and one.snoozed_until <= now:
                silent = one.told_at is not None and one.told_at < one.snoozed_until
                one.snoozed_until = None
                if not one.held and one.status in OPEN and not one.acknowledged and silent:
                    self.tell(name, "updated", "snooze_ended", now)
        for one in self.alerts.values():
            if one.held and one.held_until is not None and one.held_until <= now:
                self._release(one)
        for name in sorted(self.alerts):
            self._repeat(name, now, name in elsewhere)
        closing = [name for name, one in self.alerts.items() if one.closes_at and one.closes_at <= now]
        for name in sorted(closing, key=lambda name: (self.alerts[name].closes_at, name)):
            self.tell(name, "closed", "closed", now)

    def _release(self, one: ModelAlert) -> None:
        *older, newest = one.held
        if one.status == "retracted" and not one.is_told:
            one.outcomes |= dict.fromkeys((*older, newest), "withdrawn_before_told")
            return
        for revision in (*older, newest):
            one.outcomes[revision] = "told_with"
        one.outcomes[newest] = "pending"

    def _repeat(self, name: str, now: datetime, elsewhere: bool) -> None:
        one = self.alerts[name]
        is_due = one.repeat_at is not None and one.repeat_at <= now
        assert is_due or not elsewhere, "told again before its time"
        if not is_due:
            return
        one.repeat_at = now + self.repeat
        before = dict(one.outcomes), dict(one.inhibited_by), one.held_until
        is_owed = bool(one.held) or "pending" in one.outcomes.values()
        one.revision += 1
        outcome = self._outcome(name, "updated", now)
        one.revision -= 1
        one.outcomes, one.inhibited_by, one.held_until = before
        assert not (elsewhere and one.acknowledged), "told again though somebody sees to it"
        if outcome == "pending" and not is_owed:
            assert not elsewhere, "told again to others only"
            self.tell(name, "updated", "repeated", now)
        elif elsewhere:
            one.status, one.told_at, one.revision = "updated", now, one.revision + 1

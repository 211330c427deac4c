"""What stands around revisions, read from the archive, and the verdict on each of them for each endpoint."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agents.tell.facts import Around, Counted, Handling, Inhibition, Notice, Silence, Standing, Verdict, Waiting, Whose
from agents.tell.labels import Labels, labels_of
from agents.tell.matchers import Matcher, parse_matcher
from agents.tell.pace import Limit
from agents.tell.rules import Rules, WatchRules, limit_key, ways
from agents.tell.slots import period_of
from agents.tell.stages import decide
from agents.tell.theatre import theatre_of
from streams.archive import alert_lives, handled, held, silences, tallies, watches
from streams.archive.handled import Handled
from streams.archive.held import Earlier
from streams.archive.silences import KeptSilence
from streams.archive.tallies import Period
from streams.records import Alert

_ON_THEIR_WAY = ("pending", "delivered", "bundled")
FILE = "file"
"""The owner of watches in the settings file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A revision, and who may be told of it."""

    alert: Alert
    why: str
    """The reason of the revision."""
    watch: WatchRules
    scope: str
    endpoints: tuple[str, ...]
    earlier: tuple[Earlier, ...]
    """What the endpoints were owed of it before."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a revision for an endpoint, and the limits that it counts for."""

    verdict: Verdict
    counted: tuple[Counted, ...]


class Surroundings:
    """What the stages ask of, for all that one transaction tells: as many statements for many revisions as for one."""

    def __init__(self, connection: Connection, rules: Rules, now: datetime, asked: Sequence[Asked]) -> None:
        self._rules = rules
        self._now = now
        self._silences = tuple(silence_of(one) for one in silences.in_force(connection, now))
        matchers = [one for silence in self._silences for one in silence.matchers]
        matchers += [one for rule in rules.inhibitions for one in (*rule.by, *rule.quiets)]
        needs_owner = any(one.label == "owner" for one in matchers) or any(
            "owner" in rule.equal for rule in rules.inhibitions
        )
        self._owners: dict[str, str] | None = {} if needs_owner else None
        self._know_owners(connection, {one.alert.watch for one in asked})
        self._labels = {one.alert.id: self._labels_of(one.alert, one.scope) for one in asked}
        self._handled = handled.handled_among(connection, [one.alert.id for one in asked if one.earlier])
        self._had = tallies.had(connection, {one for each in asked for one in self._periods(each)})
        self.counted: dict[Period, int] = {}
        """The limits for which something was told, and how many they have had with it."""
        self._wider = self._read_wider(connection)
        self._told = held.told_to(connection, [one.alert.id for one in self._wider]) if self._wider else set()

    def judge(self, one: Asked) -> dict[str, Judged]:
        """For each endpoint the verdict on a revision; what has been judged to be told before counts already."""
        said = self._handled.get(one.alert.id, Handled())
        handling = Handling(said.acknowledged_by, said.acknowledged_at, said.snoozed_until, said.snoozed_by)
        found = {}
        for endpoint in sorted(set(one.endpoints)):
            about = self._rules.of(endpoint)
            mine = [before for before in one.earlier if before.endpoint == endpoint]
            counted = self._counted(one, endpoint)
            around = Around(
                ways=ways(about, one.watch, one.alert.watch),
                told=any(before.state in _ON_THEIR_WAY for before in mine),
                waiting=_waiting(mine),
                handling=handling,
                silences=self._silences,
                inhibitions=self._rules.inhibitions,
                standing=tuple(other for other in self._wider if (other.alert.id, endpoint) in self._told),
                counted=counted,
                theatre=theatre_of(one.alert, about.pace.group.by, self._rules.theatres) if about.pace.group else "",
            )
            verdict = decide(Notice(one.alert, one.why, endpoint, self._labels[one.alert.id], self._now), around)
            found[endpoint] = Judged(verdict, counted)
        self._count(one, found)
        return found

    def _count(self, one: Asked, judged: dict[str, Judged]) -> None:
        for endpoint, each in judged.items():
            if each.verdict.action == "send":
                self._told.add((one.alert.id, endpoint))
            if each.verdict.action == "send" or each.verdict.reason == "grouped":
                for limit in each.counted:
                    period = limit.key, limit.ends_at
                    self._had[period] += 1
                    self.counted[period] = self._had[period]

    def _labels_of(self, alert: Alert, scope: str) -> Labels:
        return labels_of(alert, self._owners.get(alert.watch, FILE) if self._owners is not None else "", scope)

    def _know_owners(self, connection: Connection, of: Collection[str]) -> None:
        if self._owners is not None:
            self._owners |= watches.owners_of(connection, sorted(set(of) - self._owners.keys()))

    def _read_wider(self, connection: Connection) -> list[Standing]:
        """Alerts that stand and that some rule lets quiet one of those asked of, the newest first."""
        found: dict[str, Standing] = {}
        for rule in self._rules.inhibitions:
            if not any(all(one.matches(labels) for one in rule.quiets) for labels in self._labels.values()):
                continue
            since = self._now - rule.lasting
            stand = alert_lives.open_alerts(connection, since, _values(rule, "watch"), _values(rule, "scope"))
            self._know_owners(connection, {one.alert.watch for one in stand})
            for one in stand:
                if one.alert.id not in found:
                    labels = self._labels_of(one.alert, one.scope)
                    if all(matcher.matches(labels) for matcher in rule.by):
                        found[one.alert.id] = Standing(one.alert, labels, one.told_at)
        return list(found.values())

    def _counted(self, one: Asked, endpoint: str) -> tuple[Counted, ...]:
        return tuple(
            Counted(limit, whose, key, self._had[key, ends_at], ends_at)
            for limit, whose, key, ends_at in self._limits(one, endpoint)
        )

    def _periods(self, one: Asked) -> list[Period]:
        return [(key, ends_at) for endpoint in one.endpoints for _, _, key, ends_at in self._limits(one, endpoint)]

    def _limits(self, one: Asked, endpoint: str) -> list[tuple[Limit, Whose, str, datetime]]:
        limits: tuple[tuple[Whose, Limit | None], ...] = (
            ("watch", one.watch.pace.limit),
            ("endpoint", self._rules.of(endpoint).pace.limit),
        )
        return [
            (limit, whose, limit_key(whose, one.alert.watch, endpoint), period_of(limit.per, self._now)[1])
            for whose, limit in limits
            if limit is not None
        ]


def silence_of(kept: KeptSilence) -> Silence:
    """A silence as the stages read it."""
    matchers: tuple[Matcher, ...] = tuple(parse_matcher(one) for one in kept.matchers)
    return Silence(kept.id, matchers, kept.starts_at, kept.ends_at, kept.author, kept.comment)


def _waiting(earlier: Sequence[Earlier]) -> Waiting | None:
    waiting = [one for one in earlier if one.state == "held" and one.together is not None]
    return Waiting(waiting[-1].together or "", waiting[-1].due_at, waiting[-1].reason) if waiting else None


def _values(rule: Inhibition, label: str) -> tuple[str, ...]:
    """The one value that a rule's wider alert must have of a label, where it says so."""
    return tuple(one.value for one in rule.by if one.label == label and one.operator == "=")

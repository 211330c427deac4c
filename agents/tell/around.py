"""What stands around a revision, read from the archive, and the verdict on it for each endpoint."""

from __future__ import annotations

from collections.abc import Sequence
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
from streams.archive.held import Earlier
from streams.archive.silences import KeptSilence
from streams.records import Alert

_ON_THEIR_WAY = ("pending", "delivered", "bundled")
FILE = "file"
"""The owner of watches in the settings file."""


class Surroundings:
    """Reads what the stages ask of; made anew for each transaction."""

    def __init__(self, connection: Connection, rules: Rules, now: datetime) -> None:
        self._connection = connection
        self._rules = rules
        self._now = now
        self._silences = tuple(silence_of(one) for one in silences.in_force(connection, now))
        matchers = [one for silence in self._silences for one in silence.matchers]
        matchers += [one for rule in rules.inhibitions for one in (*rule.by, *rule.quiets)]
        self._needs_owner = any(one.label == "owner" for one in matchers) or any(
            "owner" in rule.equal for rule in rules.inhibitions
        )

    def verdicts(
        self,
        alert: Alert,
        why: str,
        watch: WatchRules,
        scope: str,
        endpoints: Sequence[str],
        earlier: Sequence[Earlier],
    ) -> dict[str, tuple[Verdict, tuple[Counted, ...]]]:
        """For each endpoint the verdict on a revision, and the limits that it counts for."""
        labels = self._labels(alert, scope)
        said = handled.handled(self._connection, alert.id) if earlier else handled.Handled()
        handling = Handling(said.acknowledged_by, said.acknowledged_at, said.snoozed_until, said.snoozed_by)
        wider = self._wider(alert.id)
        found = {}
        for endpoint in sorted(set(endpoints)):  # limits are locked in one order everywhere
            about = self._rules.of(endpoint)
            counted = self._counted(alert, watch, endpoint)
            mine = [one for one in earlier if one.endpoint == endpoint]
            around = Around(
                ways=ways(about, watch, alert.watch),
                told=any(one.state in _ON_THEIR_WAY for one in mine),
                waiting=_waiting(mine),
                handling=handling,
                silences=self._silences,
                inhibitions=self._rules.inhibitions,
                standing=self._told_of(wider, endpoint),
                counted=counted,
                theatre=theatre_of(alert, about.pace.group.by, self._rules.theatres) if about.pace.group else "",
            )
            found[endpoint] = decide(Notice(alert, why, endpoint, labels, self._now), around), counted
        return found

    def _labels(self, alert: Alert, scope: str) -> Labels:
        return labels_of(alert, self._owner(alert.watch), scope)

    def _owner(self, watch: str) -> str:
        if not self._needs_owner:
            return ""
        return watches.owners_of(self._connection, [watch]).get(watch, FILE)

    def _wider(self, alert: str) -> list[Standing]:
        """Alerts that stand and that some rule lets quiet others."""
        found: dict[str, Standing] = {}
        for rule in self._rules.inhibitions:
            since = self._now - rule.lasting
            named = _values(rule, "watch"), _values(rule, "scope")
            for one in alert_lives.open_alerts(self._connection, since, *named):
                if one.alert.id != alert and one.alert.id not in found:
                    labels = self._labels(one.alert, one.scope)
                    if all(matcher.matches(labels) for matcher in rule.by):
                        found[one.alert.id] = Standing(one.alert, labels, one.told_at)
        return list(found.values())

    def _told_of(self, wider: Sequence[Standing], endpoint: str) -> tuple[Standing, ...]:
        if not wider:
            return ()
        told = held.told_to_endpoint(self._connection, [one.alert.id for one in wider], endpoint)
        return tuple(one for one in wider if one.alert.id in told)

    def _counted(self, alert: Alert, watch: WatchRules, endpoint: str) -> tuple[Counted, ...]:
        found = []
        limits: tuple[tuple[Whose, Limit | None], ...] = (
            ("watch", watch.pace.limit),
            ("endpoint", self._rules.of(endpoint).pace.limit),
        )
        for whose, limit in limits:
            if limit is not None:
                key = limit_key(whose, alert.watch, endpoint)
                ends_at = period_of(limit.per, self._now)[1]
                found.append(Counted(limit, whose, key, tallies.had(self._connection, key, ends_at), ends_at))
        return tuple(found)


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

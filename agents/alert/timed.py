"""What is due by the clock: snoozes that end, what was held, alerts to be told again, alerts that close.

What is due stands in the archive. Each kind is done in a transaction of its own that locks its rows (others pass over
them), decides, and moves them on: several may do this at once, what is interrupted was not done, and what was done is
due no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.alert import lifecycle
from agents.alert.transaction import keep_decision
from agents.tell.around import Surroundings
from agents.tell.owe import Owing, owe
from agents.tell.release import release_due
from agents.tell.rules import Rules, kept_rules
from agents.tell.stages import snooze_of
from streams.archive import alert_lives, handled, held, holds, repeats, tallies
from streams.archive.alert_lives import KeptAlert
from streams.archive.engine import Archive
from streams.archive.repeats import Repeat
from streams.records import Alert

_TALLIES_KEPT = timedelta(days=2)


@dataclass(slots=True)
class Done:
    """What was due and is done."""

    closed: list[Alert] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """By name, what became of each revision for each endpoint."""


def run_due(archive: Archive, rules: Rules, now: datetime, limit: int = 200) -> Done:
    """Do what is due, at most `limit` of each kind; nothing is locked where nothing is. Raises ArchiveUnavailable."""
    done = Done()
    for look, act in _KINDS:
        with archive.read() as connection:
            is_due = look(connection, now)
        if is_due:
            with archive.begin() as connection:
                act(connection, rules, now, limit, done)
    return done


def _end_snoozes(connection: Connection, rules: Rules, now: datetime, limit: int, done: Done) -> None:
    for alert in sorted(handled.snoozes_over(connection, now, limit)):
        standing = alert_lives.standing(connection, alert)
        said = handled.handled(connection, alert)
        if standing is None or said.snoozed_until is None or said.snoozed_until > now:
            continue  # somebody else was quicker
        handled.snooze(connection, alert, None, None)
        earlier = held.earlier(connection, alert)
        if any(one.state == "held" and one.together == snooze_of(alert) for one in earlier):
            continue  # it has news, which is told now
        last_told = standing.alert.updated or standing.alert.opened
        silent_since = last_told < said.snoozed_until
        if standing.status in alert_lives.OPEN and said.acknowledged_by is None and silent_since:
            done.notices += _tell_again(connection, standing, "snooze_ended", None, rules, now)


def _tell_again(
    connection: Connection,
    standing: KeptAlert,
    why: str,
    endpoints: tuple[str, ...] | None,
    rules: Rules,
    now: datetime,
) -> list[str]:
    decision = lifecycle.told_again(standing.alert, why, now)
    keep_decision(connection, decision, standing.closes_at)
    owing = Owing(decision.alert, why, kept_rules(standing.pace), standing.scope, endpoints)
    return owe(connection, [owing], rules, now)


def _release(connection: Connection, rules: Rules, now: datetime, limit: int, done: Done) -> None:
    done.notices += release_due(connection, rules, now, limit)


def _repeat(connection: Connection, rules: Rules, now: datetime, limit: int, done: Done) -> None:
    for alert in sorted(repeats.alerts_due(connection, now, limit)):
        standing = alert_lives.standing(connection, alert)  # first, as whoever tells of an alert does
        due = [one for one in repeats.repeats_of(connection, alert) if one.due_at <= now]
        if standing is None or not due:
            continue
        if standing.status not in alert_lives.OPEN:
            repeats.end_repeats(connection, alert)
            continue
        outcomes = _outcomes(connection, standing, due, rules, now)
        again = tuple(endpoint for endpoint, outcome in outcomes.items() if outcome == "repeated")
        for one in due:
            repeats.turn_done(connection, one, now + one.every, outcomes[one.endpoint])
        done.notices += [outcome for outcome in outcomes.values() if outcome != "repeated"]
        if again:
            done.notices += _tell_again(connection, standing, "repeated", again, rules, now)


def _outcomes(
    connection: Connection, standing: KeptAlert, due: list[Repeat], rules: Rules, now: datetime
) -> dict[str, str]:
    """For each endpoint whether it is told again, or why not."""
    earlier = held.earlier(connection, standing.alert.id)
    alert = lifecycle.told_again(standing.alert, "repeated", now).alert
    endpoints = [one.endpoint for one in due]
    verdicts = Surroundings(connection, rules, now).verdicts(
        alert, "repeated", kept_rules(standing.pace), standing.scope, endpoints, earlier
    )
    owed = {one.endpoint for one in earlier if one.state in ("pending", "held")}
    outcomes = {}
    for endpoint, (verdict, _) in verdicts.items():
        waits = verdict.action == "drop" or verdict.reason == "snoozed"
        outcomes[endpoint] = "still_owed" if endpoint in owed else verdict.reason if waits else "repeated"
    return outcomes


def _close(connection: Connection, rules: Rules, now: datetime, limit: int, done: Done) -> None:
    for one in alert_lives.quiet(connection, now, limit):
        if one.status == "waiting":
            alert_lives.keep(connection, one.alert, "waiting", None)  # it waits on without a time
            continue
        decision = lifecycle.closed(one.alert, now)
        keep_decision(connection, decision, None)
        owing = Owing(decision.alert, decision.reason, kept_rules(one.pace), one.scope)
        done.notices += owe(connection, [owing], rules, now)
        done.closed.append(decision.alert)


def _forget(connection: Connection, _rules: Rules, now: datetime, _limit: int, _done: Done) -> None:
    tallies.forget(connection, now - _TALLIES_KEPT)


_Look = Callable[[Connection, datetime], bool]
_Act = Callable[[Connection, Rules, datetime, int, Done], None]
_KINDS: tuple[tuple[_Look, _Act], ...] = (
    (lambda connection, now: bool(handled.snoozes_over(connection, now, 1)), _end_snoozes),
    (holds.has_due, _release),
    (lambda connection, now: bool(repeats.alerts_due(connection, now, 1)), _repeat),
    (alert_lives.has_quiet, _close),
    (lambda connection, now: tallies.has_old(connection, now - _TALLIES_KEPT), _forget),
)
"""In this order: a snooze looks whether something waits for its end before that is told."""

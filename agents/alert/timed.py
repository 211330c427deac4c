"""What is due by the clock: snoozes that end, what was held, alerts to be told again, alerts that close.

What is due stands in the archive. Each alert is done in a transaction of its own that locks it (others pass over it),
decides, and moves it on: several may do this at once, what is interrupted was not done, and what was done is due no
more. One alert a transaction also keeps the order in which locks are taken: alert, limits, what waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.alert import lifecycle
from agents.alert.transaction import keep_decision
from agents.tell.around import Asked, Surroundings
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
    _each(archive, _snoozes_over, _end_snooze, rules, now, limit, done)
    # a snooze looks whether something waits for its end before that is told
    if archive.glance(lambda connection: holds.has_due(connection, now)):
        with archive.begin() as connection:
            done.notices += release_due(connection, rules, now, limit)
    _each(archive, _repeats_due, _repeat, rules, now, limit, done)
    _each(archive, alert_lives.quiet, _close, rules, now, limit, done)
    before = now - _TALLIES_KEPT
    if archive.glance(lambda connection: tallies.has_old(connection, before)):
        with archive.begin() as connection:
            tallies.forget(connection, before)
    return done


_Look = Callable[[Connection, datetime, int], list[str]]
_Act = Callable[[Connection, KeptAlert, Rules, datetime, Done], None]


def _each(archive: Archive, look: _Look, act: _Act, rules: Rules, now: datetime, limit: int, done: Done) -> None:
    for alert in archive.glance(lambda connection: look(connection, now, limit)):
        with archive.begin() as connection:
            standing = alert_lives.standing_if_free(connection, alert)  # first, as whoever tells of an alert does
            if standing is not None:
                act(connection, standing, rules, now, done)


def _snoozes_over(connection: Connection, now: datetime, limit: int) -> list[str]:
    return sorted(handled.snoozes_over(connection, now, limit))


def _repeats_due(connection: Connection, now: datetime, limit: int) -> list[str]:
    return sorted(repeats.alerts_due(connection, now, limit))


def _end_snooze(connection: Connection, standing: KeptAlert, rules: Rules, now: datetime, done: Done) -> None:
    alert = standing.alert.id
    said = handled.handled(connection, alert)
    if said.snoozed_until is None or said.snoozed_until > now:
        return  # somebody else was quicker
    handled.snooze(connection, alert, None, None)
    earlier = held.earlier(connection, [alert])[alert]
    # these have news, which is told now
    waiting = {one.endpoint for one in earlier if one.state == "held" and one.together == snooze_of(alert)}
    rest = tuple(sorted({one.endpoint for one in earlier} - waiting))
    last_told = standing.alert.updated or standing.alert.opened
    silent_since = last_told < said.snoozed_until
    if standing.status in alert_lives.OPEN and said.acknowledged_by is None and silent_since and rest:
        done.notices += _tell_again(connection, standing, "snooze_ended", rest, rules, now)


def _tell_again(
    connection: Connection,
    standing: KeptAlert,
    why: str,
    endpoints: tuple[str, ...],
    rules: Rules,
    now: datetime,
) -> list[str]:
    decision = lifecycle.told_again(standing.alert, why, now)
    keep_decision(connection, decision, standing.closes_at)
    owing = Owing(decision.alert, why, kept_rules(standing.pace), standing.scope, endpoints)
    return owe(connection, [owing], rules, now)


def _repeat(connection: Connection, standing: KeptAlert, rules: Rules, now: datetime, done: Done) -> None:
    alert = standing.alert.id
    due = [one for one in repeats.repeats_of(connection, alert) if one.due_at <= now]
    if not due:
        return
    if standing.status not in alert_lives.OPEN:
        repeats.end_repeats(connection, [alert])
        return
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
    earlier = held.earlier(connection, [standing.alert.id])[standing.alert.id]
    alert = lifecycle.told_again(standing.alert, "repeated", now).alert
    endpoints = tuple(one.endpoint for one in due)
    asked = Asked(alert, "repeated", kept_rules(standing.pace), standing.scope, endpoints, tuple(earlier))
    judged = Surroundings(connection, rules, now, [asked]).judge(asked)
    owed = {one.endpoint for one in earlier if one.state in ("pending", "held")}
    outcomes = {}
    for endpoint, one in judged.items():
        waits = one.verdict.action == "drop" or one.verdict.reason == "snoozed"
        outcomes[endpoint] = "still_owed" if endpoint in owed else one.verdict.reason if waits else "repeated"
    return outcomes


def _close(connection: Connection, one: KeptAlert, rules: Rules, now: datetime, done: Done) -> None:
    if one.closes_at is None or one.closes_at > now:
        return
    if one.status == "waiting":
        alert_lives.keep(connection, one.alert, "waiting", None)  # it waits on without a time
        return
    decision = lifecycle.closed(one.alert, now)
    keep_decision(connection, decision, None)
    owing = Owing(decision.alert, decision.reason, kept_rules(one.pace), one.scope)
    done.notices += owe(connection, [owing], rules, now)
    done.closed.append(decision.alert)

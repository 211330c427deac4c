"""What each endpoint is owed of a revision, decided and kept in the transaction that makes the revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agents.tell.around import Surroundings
from agents.tell.facts import ENDINGS, Verdict
from agents.tell.rules import Rules, WatchRules, repeat_every
from streams.archive import alert_lives, deliveries, handled, held, holds, repeats, tallies
from streams.archive.deliveries import Begun
from streams.archive.held import Earlier
from streams.ids import delivery_id
from streams.records import Alert

_WIDEST_FIRST = ("country", "area")


@dataclass(frozen=True, slots=True)
class Owing:
    """A revision that is told."""

    alert: Alert
    why: str
    """The reason of the revision."""
    watch: WatchRules
    scope: str
    endpoints: tuple[str, ...] | None = None
    """Who is told; None for whoever was to be told of an earlier revision."""


def owe(connection: Connection, owings: Sequence[Owing], rules: Rules, now: datetime) -> list[str]:
    """Keep revisions and what each endpoint is owed of them; the name of every verdict.

    Wider alerts come first, so that one article's country-wide alert quiets its towns'.
    """
    if not owings:
        return []
    surroundings = Surroundings(connection, rules, now)
    names: list[str] = []
    for owing in sorted(owings, key=lambda one: one.scope not in _WIDEST_FIRST):
        names += _owe_one(connection, owing, rules, surroundings, now)
    return names


def _owe_one(
    connection: Connection, owing: Owing, rules: Rules, surroundings: Surroundings, now: datetime
) -> list[str]:
    alert = owing.alert
    alert_lives.keep_revision(connection, alert, owing.why, now)
    earlier = held.earlier(connection, alert.id) if alert.revision > 1 else []
    endpoints = owing.endpoints
    if endpoints is None:
        endpoints = tuple(sorted({one.endpoint for one in earlier}))
    verdicts = surroundings.verdicts(alert, owing.why, owing.watch, owing.scope, endpoints, earlier)
    deliveries.add_deliveries(connection, alert, verdicts, now, _begun(connection, alert, verdicts, earlier, now))
    for endpoint, (verdict, counted) in verdicts.items():
        if verdict.action == "send" or verdict.reason == "grouped":
            for one in counted:
                tallies.count(connection, one.key, one.ends_at)
        every = repeat_every(rules.of(endpoint), owing.watch)
        if every is not None and alert.status not in ENDINGS:
            repeats.set_repeat(connection, alert.id, endpoint, every, now + every)
    if alert.status in ENDINGS:  # should it be told again, that is a new life: what was said of this one is over
        repeats.end_repeats(connection, alert.id)
        handled.forget(connection, alert.id)
    names = [verdict.reason for verdict, _ in verdicts.values()]
    if alert.status == "retracted" and rules.inhibitions:
        names += _tell_what_it_quieted(connection, alert.id, now)
    return names


def _begun(
    connection: Connection,
    alert: Alert,
    verdicts: Mapping[str, tuple[Verdict, object]],
    earlier: Sequence[Earlier],
    now: datetime,
) -> dict[str, Begun]:
    """How the deliveries begin that are not simply owed."""
    begun: dict[str, Begun] = {}
    for endpoint in sorted(verdicts):  # holds are locked in one order everywhere
        verdict = verdicts[endpoint][0]
        if verdict.action == "drop":
            begun[endpoint] = Begun("suppressed", verdict.reason, verdict.detail, verdict.by, now)
        elif verdict.action == "hold" and verdict.until is not None:
            due_at = holds.join_hold(connection, endpoint, verdict.together, verdict.until)
            begun[endpoint] = Begun("held", verdict.reason, verdict.detail, verdict.by, due_at, verdict.together)
        else:
            waiting = {one.id for one in earlier if one.endpoint == endpoint and one.state == "held"}
            held.tell_with(connection, waiting, delivery_id(alert.id, alert.revision, endpoint))
    return begun


def _tell_what_it_quieted(connection: Connection, retracted: str, now: datetime) -> list[str]:
    """A wider alert was taken back: what it alone kept from endpoints, and still stands, is told after all."""
    newest = {(alert, endpoint): one for alert, endpoint, one in held.dropped_because_of(connection, retracted)}
    due = set()
    for (alert, endpoint), delivery in newest.items():
        standing = alert_lives.as_it_stands(connection, alert)
        if standing is None or standing.status not in alert_lives.OPEN:
            continue
        if not held.told_to_endpoint(connection, [alert], endpoint):
            due.add(delivery)
    held.owe_after_all(connection, due, "inhibitor_ended", now)
    return ["inhibitor_ended"] * len(due)

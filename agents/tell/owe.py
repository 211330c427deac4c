"""What each endpoint is owed of revisions, decided and kept in the transaction that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from sqlalchemy import Connection

from agents.tell.around import Asked, Judged, Surroundings
from agents.tell.facts import ENDINGS
from agents.tell.rules import Rules, WatchRules, repeat_every
from streams.archive import alert_lives, deliveries, handled, held, holds, repeats, tallies
from streams.archive.alert_lives import Revision
from streams.archive.deliveries import Begun, Owed
from streams.archive.holds import Hold
from streams.archive.repeats import Turn
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

    Wider alerts come first, so that one article's country-wide alert quiets its towns'. A transaction calls this (or
    `owe_in_order`) once at most: limits and what waits are locked in one order everywhere.
    """
    return owe_in_order(connection, [owings], rules, now)[0]


def owe_in_order(
    connection: Connection, given: Sequence[Sequence[Owing]], rules: Rules, now: datetime
) -> list[list[str]]:
    """The same for several articles, each of which is judged after those before it, in as many statements as one.

    Of an alert one revision at most may be among them, and `rules` that let alerts quiet others take one article.
    """
    assert len(given) <= 1 or not rules.inhibitions, "what earlier articles quiet is read once for all"
    grouped = [sorted(owings, key=lambda one: one.scope not in _WIDEST_FIRST) for owings in given]
    ordered = [one for owings in grouped for one in owings]
    if not ordered:
        return [[] for _ in given]
    alert_lives.keep_revisions(connection, [Revision(one.alert, one.why) for one in ordered], now)
    asked = _asked(connection, ordered)
    surroundings = Surroundings(connection, rules, now, asked)
    judged = [(one, surroundings.judge(one)) for one in asked]
    _keep(connection, judged, now)
    if surroundings.counted:
        tallies.count(connection, surroundings.counted)
    _mind(connection, judged, rules, now)
    verdicts = iter([[each.verdict.reason for each in by_endpoint.values()] for _, by_endpoint in judged])
    names = [list(chain.from_iterable(islice(verdicts, len(owings)))) for owings in grouped]
    retracted = [one.alert.id for one in asked if one.alert.status == "retracted"]
    if retracted and rules.inhibitions:
        names[0] += _tell_what_they_quieted(connection, retracted, now)
    return names


def _asked(connection: Connection, owings: Sequence[Owing]) -> list[Asked]:
    later = [one.alert.id for one in owings if one.alert.revision > 1]
    earlier = held.earlier(connection, later) if later else {}
    found = []
    for one in owings:
        before = tuple(earlier.get(one.alert.id, ()))
        endpoints = one.endpoints
        if endpoints is None:
            endpoints = tuple(sorted({each.endpoint for each in before}))
        found.append(Asked(one.alert, one.why, one.watch, one.scope, endpoints, before))
    return found


_Verdicts = Sequence[tuple[Asked, dict[str, Judged]]]


def _keep(connection: Connection, judged: _Verdicts, now: datetime) -> None:
    """Keep the deliveries; what is told at once tells what waited of the same alert too."""
    joined: list[Hold] = []
    told_with: dict[str, str] = {}
    touched: set[tuple[str, str]] = set()
    for one, by_endpoint in judged:
        for endpoint, each in by_endpoint.items():
            verdict = each.verdict
            if verdict.action == "hold" and verdict.until is not None:
                joined.append(Hold(endpoint, verdict.together, verdict.until))
            elif verdict.action == "send":
                waiting = [before for before in one.earlier if before.endpoint == endpoint and before.state == "held"]
                carrier = delivery_id(one.alert.id, one.alert.revision, endpoint)
                told_with |= {before.id: carrier for before in waiting}
                touched |= {(endpoint, before.together) for before in waiting if before.together is not None}
    due = holds.join_holds(connection, joined, touched) if joined or touched else {}
    owed = [
        Owed(one.alert, endpoint, _begun(each, endpoint, due, now))
        for one, by_endpoint in judged
        for endpoint, each in by_endpoint.items()
    ]
    deliveries.add_deliveries(connection, owed, now)
    held.tell_with(connection, told_with)


def _begun(judged: Judged, endpoint: str, due: dict[tuple[str, str], datetime], now: datetime) -> Begun | None:
    """How a delivery begins that is not simply owed."""
    verdict = judged.verdict
    if verdict.action == "drop":
        return Begun("suppressed", verdict.reason, verdict.detail, verdict.by, now)
    if verdict.action == "hold":
        due_at = due[endpoint, verdict.together]
        return Begun("held", verdict.reason, verdict.detail, verdict.by, due_at, verdict.together)
    return None


def _mind(connection: Connection, judged: _Verdicts, rules: Rules, now: datetime) -> None:
    """When open alerts are told again; of those that are over nothing is told or known any more."""
    turns = []
    for one, by_endpoint in judged:
        for endpoint in by_endpoint:
            every = repeat_every(rules.of(endpoint), one.watch)
            if every is not None and one.alert.status not in ENDINGS:
                turns.append(Turn(one.alert.id, endpoint, every, now + every))
    repeats.set_repeats(connection, turns)
    over = [one.alert.id for one, _ in judged if one.alert.status in ENDINGS]
    if over:  # should they be told again, that is a new life: what was said of this one is over
        repeats.end_repeats(connection, over)
        handled.forget(connection, over)


def _tell_what_they_quieted(connection: Connection, retracted: Sequence[str], now: datetime) -> list[str]:
    """Wider alerts were taken back: what they alone kept from endpoints, and still stands, is told after all."""
    dropped = [row for one in retracted for row in held.dropped_because_of(connection, one)]
    newest = {(alert, endpoint): delivery for alert, endpoint, delivery in dropped}
    told = held.told_to(connection, {alert for alert, _ in newest})
    due = set()
    for (alert, endpoint), delivery in newest.items():
        standing = alert_lives.as_it_stands(connection, alert)
        if standing is not None and standing.status in alert_lives.OPEN and (alert, endpoint) not in told:
            due.add(delivery)
    held.owe_after_all(connection, due, "inhibitor_ended", now)
    return ["inhibitor_ended"] * len(due)

"""What was held is told when its time has come: alerts that waited together go out as one delivery."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from agents.tell.mute import muted_until
from agents.tell.rules import EndpointRules, Rules
from streams.archive import alert_lives, held, holds
from streams.archive.held import Held
from streams.archive.holds import Hold

MOST_IN_ONE = 200
"""Alerts in one delivery; more go out as several."""


def release_due(connection: Connection, rules: Rules, now: datetime, limit: int = 50) -> list[str]:
    """Tell what waited until now, at most `limit` holds at once; the name of what became of each delivery."""
    names: list[str] = []
    for hold in holds.due_holds(connection, now, limit):
        about = rules.of(hold.endpoint)
        until = muted_until(about.pace.mute, now)
        if until is not None:  # a digest that falls into a mute time waits for its end
            holds.put_off(connection, hold, until)
            held.put_off(connection, hold.together, until, hold.endpoint)
            continue
        names += _release(connection, hold, about, now)
        holds.end_hold(connection, hold)
    return names


def _release(connection: Connection, hold: Hold, about: EndpointRules, now: datetime) -> list[str]:
    shown = _newest_of_each(held.waiting_together(connection, hold.endpoint, hold.together))
    taken_back = {one.id for one in shown if _is_taken_back_untold(connection, hold.endpoint, one)}
    for one in shown:
        older = held.older_held(connection, hold.endpoint, one.alert, one.revision)
        if one.id in taken_back:
            held.drop(connection, [*older, one.id], "withdrawn_before_told", "it was withdrawn while it waited")
        else:
            held.tell_with(connection, dict.fromkeys(older, one.id))  # it says what its earlier revisions do, and more
    shown = [one for one in shown if one.id not in taken_back]
    # what must wait for an earlier revision that is on its way would hold up the others
    behind = held.still_owed(connection, hold.endpoint, [one.alert for one in shown])
    alone = [one.id for one in shown if one.alert in behind or not about.bundles]
    held.owe(connection, alone, now)
    gathered = [one for one in shown if one.id not in alone]
    for start in range(0, len(gathered), MOST_IN_ONE):
        carrier, *others = gathered[start : start + MOST_IN_ONE]
        held.owe(connection, [carrier.id], now, len(others))
        held.tell_with(connection, {one.id: carrier.id for one in others})
    return ["released"] * len(shown) + ["withdrawn_before_told"] * len(taken_back)


def _newest_of_each(waiting: list[Held]) -> list[Held]:
    """The newest revision of each alert, in the order in which the alerts came."""
    newest: dict[str, Held] = {}
    for one in waiting:
        before = newest.get(one.alert)
        if before is None or one.revision > before.revision:
            newest[one.alert] = one
    return list(newest.values())


def _is_taken_back_untold(connection: Connection, endpoint: str, one: Held) -> bool:
    """Whether an alert was retracted before the endpoint heard anything of it."""
    standing = alert_lives.as_it_stands(connection, one.alert)
    if standing is None or standing.status != "retracted":
        return False
    return (one.alert, endpoint) not in held.told_to(connection, [one.alert])

"""What is told when the network on our side is away, and when it is back: one notice each, however many pollers see it.

The first poller that says so begins an outage. It is over when no living poller says so any more and this has been so
for a while, as a network that comes back often goes once more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agents.notify import notices
from streams.archive import alert_lives, dialect, facts, leases
from streams.ids import digest
from streams.records import Alert

STEADY = timedelta(minutes=5)
"""The network has been back for this long before it is said to be."""


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that is not over yet."""

    alert: str
    pollers: tuple[str, ...] = ()
    """Those that say the network is away."""
    back_at: str | None = None
    """Since when none does, ISO 8601."""


def note(
    connection: Connection, to: Sequence[str], poller: str, said: str | None, *, is_sure: bool, now: datetime
) -> Alert | None:
    """Take up what a poller says of its network, and owe the endpoints what is to be told; the same twice equals once.

    `said` is what there is to say of an outage, None where the poller sees none; one that has asked too few hosts
    lately to be sure of that begins and ends nothing.
    """
    dialect.hold(connection, "outage", [""])
    before = _kept(connection)
    alive = leases.owners(connection) | {poller}
    pollers = {one for one in before.pollers if one in alive} if before else set()
    if said is not None:
        pollers.add(poller)
    elif is_sure:
        pollers.discard(poller)
    if before is None:
        return _begin(connection, to, poller, said, now) if said is not None else None
    back_at = None if pollers else datetime.fromisoformat(before.back_at) if before.back_at else None
    if not pollers and is_sure:
        back_at = back_at or now
        if now - back_at >= STEADY:
            return _end(connection, to, before, back_at, now)
    after = replace(before, pollers=tuple(sorted(pollers)), back_at=back_at.isoformat() if back_at else None)
    if after != before:
        _keep(connection, after, now)
    return None


def _begin(connection: Connection, to: Sequence[str], poller: str, said: str, now: datetime) -> Alert:
    begun = notices.notice(
        "outage-" + digest("outage", now.isoformat())[:24],
        notices.OUTAGE_WATCH,
        ("network", "The network of newswatch"),
        "its network is away",
        "No feed is blamed meanwhile: mend the network of the machine that polls; what was missed is fetched when it "
        "is back",
        said,
        now,
    )
    notices.tell(connection, begun, to, "outage", now)
    _keep(connection, Outage(begun.id, (poller,)), now)
    return begun


def _end(connection: Connection, to: Sequence[str], outage: Outage, back_at: datetime, now: datetime) -> Alert | None:
    facts.take_back(connection, facts.OUTAGE)
    kept = alert_lives.standing(connection, outage.alert)
    if kept is None:
        return None
    since = kept.alert.opened
    minutes = max(1, round((back_at - since).total_seconds() / 60))
    lasted = f"It was away from {since:%Y-%m-%d %H:%M} to {back_at:%Y-%m-%d %H:%M} UTC, {minutes} min."
    ended = notices.over(kept.alert, "its network is back", lasted, now)
    notices.tell(connection, ended, to, "outage", now)
    return ended


def _kept(connection: Connection) -> Outage | None:
    told = facts.told(connection, facts.OUTAGE)
    if told is None:
        return None
    values = json.loads(told)
    return Outage(values["alert"], tuple(values["pollers"]), values["back_at"])


def _keep(connection: Connection, outage: Outage, now: datetime) -> None:
    facts.tell(connection, facts.OUTAGE, json.dumps(asdict(outage)), now)

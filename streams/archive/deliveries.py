"""Deliveries: what is due to which endpoint, leased so that two notifiers never send one at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from streams.archive.held import bundle_of
from streams.archive.schema import alert_revisions, deliveries
from streams.ids import delivery_id
from streams.records import Alert, decode_alert

_ENDPOINTS_A_QUERY = 100
_OWE = insert(deliveries)


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that is due; `attempts` counts those made before."""

    id: str
    endpoint: str
    attempts: int
    added_at: datetime
    alert: Alert
    others: tuple[Alert, ...] = ()
    """Alerts that are told in the same delivery."""
    why: str = "sent"
    """Why it is told now and so, by name: `sent`, or what others were held with it, such as `digested`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt at a delivery ended."""

    id: str
    state: str
    """`delivered`, `pending` (again at `again_at`) or `exhausted`."""
    at: datetime
    error: str | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """How a delivery begins: `pending`, `held` (until `due_at`, under the name `together`) or `suppressed`."""

    state: str
    reason: str
    detail: str
    cause: str
    """The id of the silence or alert that it is because of, or empty."""
    due_at: datetime
    together: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """An alert, as it is told at its revision, for an endpoint; `begun` where it is not simply owed."""

    alert: Alert
    endpoint: str
    begun: Begun | None = None


def add_deliveries(connection: Connection, owed: Iterable[Owed], now: datetime) -> None:
    """Keep deliveries that begin now."""
    at_once = Begun("pending", "sent", "", "", now)
    rows = []
    for one in owed:
        alert, begun = one.alert, one.begun or at_once
        rows.append(
            {
                "id": delivery_id(alert.id, alert.revision, one.endpoint),
                "alert": alert.id,
                "alert_revision": alert.revision,
                "endpoint": one.endpoint,
                "attempts": 0,
                "added_at": now,
                **{name: getattr(begun, name) for name in Begun.__slots__},
            }
        )
    if rows:
        connection.execute(_OWE, rows)


def look(connection: Connection, room: Mapping[str, int], now: datetime, owner: str = "") -> list[str]:
    """Ids of what is due and in nobody's hand, the oldest of each endpoint first, for each at most its `room`.

    Reads only, so that looking takes no locks. What `owner` itself has in hand stays so however long it takes.
    """
    asked = [(endpoint, many) for endpoint, many in room.items() if many > 0]
    found: list[str] = []
    for start in range(0, len(asked), _ENDPOINTS_A_QUERY):
        some = asked[start : start + _ENDPOINTS_A_QUERY]
        values: dict[str, object] = {"now": now, "owner": owner}
        for number, (endpoint, many) in enumerate(some):
            values |= {f"endpoint{number}": endpoint, f"many{number}": many}
        found += connection.execute(_looked(len(some)), values).scalars()
    return found


@cache
def _looked(endpoints: int) -> CompoundSelect[tuple[str]]:
    """The query of `look`; made once for each number of endpoints, since making it costs more than running it."""
    before, carrier = deliveries.alias("before"), deliveries.alias("carrier")
    told_with = exists().where(carrier.c.id == before.c.carrier, carrier.c.state == "pending")
    now = bindparam("now", type_=deliveries.c.due_at.type)
    parts = []
    for number in range(endpoints):
        due = (
            select(deliveries.c.id)
            .where(
                deliveries.c.state == "pending",
                deliveries.c.endpoint == bindparam(f"endpoint{number}"),
                deliveries.c.due_at <= now,
                _free(now, bindparam("owner")),
                # nothing before it of the same alert is still owed to the endpoint
                ~exists().where(
                    before.c.alert == deliveries.c.alert,
                    before.c.endpoint == deliveries.c.endpoint,
                    before.c.alert_revision < deliveries.c.alert_revision,
                    before.c.carrier.is_distinct_from(deliveries.c.id),
                    or_(before.c.state == "pending", and_(before.c.state == "bundled", told_with)),
                ),
            )
            .order_by(deliveries.c.due_at, deliveries.c.added_at)
            .limit(bindparam(f"many{number}"))
        )
        parts.append(select(due.subquery()))
    return union_all(*parts)


def _free(now: ColumnElement[datetime], owner: ColumnElement[str]) -> ColumnElement[bool]:
    """In nobody's hand: its lease has run out, unless it is one's own, which is given back and never taken twice."""
    ran_out = and_(deliveries.c.leased_until < now, deliveries.c.leased_by != owner)
    return or_(deliveries.c.leased_until.is_(None), ran_out)


def take(
    connection: Connection, ids: Collection[str], now: datetime, lasting: Mapping[str, timedelta], owner: str = ""
) -> list[DueDelivery]:
    """Lease of these what is still due, for as long as `lasting` says of each endpoint; nobody else gets them then."""
    told = alert_revisions.c
    kept = deliveries.c
    columns = (kept.id, kept.endpoint, kept.attempts, kept.added_at, kept.reason, kept.carries, told.record)
    rows = connection.execute(
        select(*columns)
        .join(
            alert_revisions,
            and_(told.alert == deliveries.c.alert, told.revision == deliveries.c.alert_revision),
        )
        .where(deliveries.c.id.in_(ids), deliveries.c.state == "pending", _free(literal(now, _AT), literal(owner)))
        .order_by(deliveries.c.due_at, deliveries.c.added_at)
        .with_for_update(skip_locked=True, of=deliveries)
    ).all()
    if rows:
        leases = [{"one": row.id, "until": now + lasting[row.endpoint], "owner": owner} for row in rows]
        connection.execute(_LEASE, leases)
    carriers = [row.id for row in rows if row.carries]
    bundles = bundle_of(connection, carriers) if carriers else {}
    return [
        DueDelivery(
            row.id, row.endpoint, row.attempts, row.added_at, decode_alert(row.record),
            tuple(bundles.get(row.id, ())), row.reason,
        )
        for row in rows
    ]  # fmt: skip


def settle(connection: Connection, outcomes: Sequence[Outcome], owner: str = "") -> None:
    """Write down how attempts of `owner` ended; twice equals once, as after a commit whose answer was lost.

    A success counts whoever has the delivery by now, a failure only while `owner` has it.
    """
    arrived = [one for one in outcomes if one.state == "delivered"]
    failed = [one for one in outcomes if one.state != "delivered"]
    if arrived:
        connection.execute(_ARRIVED, [{"one": one.id, "at": one.at} for one in arrived])
    if failed:
        values = [{"one": one.id, "to": one.state, "why": one.error, "again": one.again_at} for one in failed]
        connection.execute(_FAILED, [value | {"owner": owner} for value in values])


_AT = deliveries.c.due_at.type
_FREED = {"attempts": deliveries.c.attempts + 1, "leased_until": None, "leased_by": None}
_THIS = and_(deliveries.c.id == bindparam("one"), deliveries.c.state == "pending")
_LEASE = update(deliveries).where(deliveries.c.id == bindparam("one"))
_LEASE = _LEASE.values(leased_until=bindparam("until", type_=_AT), leased_by=bindparam("owner"))
_ARRIVED = update(deliveries).where(_THIS)
_ARRIVED = _ARRIVED.values(state="delivered", error=None, delivered_at=bindparam("at", type_=_AT), **_FREED)
_FAILED = update(deliveries).where(_THIS, deliveries.c.leased_by == bindparam("owner"))
_FAILED = _FAILED.values(
    state=bindparam("to"),
    error=bindparam("why"),
    due_at=func.coalesce(bindparam("again", type_=_AT), deliveries.c.due_at),
    **_FREED,
)


def release_lost(connection: Connection, owner: str, in_hand: Collection[str]) -> int:
    """Give back what `owner` leased and never heard of, since the answer to the commit was lost; how many."""
    leased = select(deliveries.c.id).where(deliveries.c.state == "pending", deliveries.c.leased_by == owner)
    lost = set(connection.execute(leased).scalars()) - set(in_hand)
    if lost:
        freed = update(deliveries).where(deliveries.c.id == bindparam("one"), deliveries.c.leased_by == owner)
        connection.execute(freed.values(leased_until=None, leased_by=None), [{"one": one} for one in lost])
    return len(lost)


def release(connection: Connection, owners: Collection[str]) -> int:
    """Nobody of these has anything in hand any more; how many deliveries they had."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "pending", deliveries.c.leased_by.in_(owners))
        .values(leased_until=None, leased_by=None)
    ).rowcount


def lease_owners(connection: Connection) -> set[str]:
    """Who has deliveries in hand."""
    leased = and_(deliveries.c.state == "pending", deliveries.c.leased_by.is_not(None))
    return set(connection.execute(select(deliveries.c.leased_by).where(leased).distinct()).scalars())


def hasten(connection: Connection, endpoint: str, now: datetime) -> int:
    """An endpoint works again: what waits for its next attempt is due now; how many."""
    return connection.execute(
        update(deliveries)
        .where(deliveries.c.state == "pending", deliveries.c.endpoint == endpoint, deliveries.c.due_at > now)
        .values(due_at=now)
    ).rowcount


def give_up(
    connection: Connection,
    endpoint: str,
    reason: str,
    before: datetime | None = None,
    due_before: datetime | None = None,
) -> int:
    """Exhaust what is owed to an endpoint and in nobody's hand (of it only what is so old, so long due); how many."""
    old = [] if before is None else [deliveries.c.added_at < before]
    old += [] if due_before is None else [deliveries.c.due_at < due_before]
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state == "pending",
            deliveries.c.endpoint == endpoint,
            deliveries.c.leased_until.is_(None),
            *old,
        )
        .values(state="exhausted", error=reason)
    ).rowcount


def exhaust_unknown(connection: Connection, endpoints: Collection[str], due_before: datetime) -> int:
    """Give up what has been due so long to endpoints that are not in the settings, and is in nobody's hand; how many.

    What is younger may be for an endpoint that only the settings of others have yet: not all roles read them at once.
    """
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state == "pending",
            deliveries.c.endpoint.not_in(endpoints),
            deliveries.c.leased_until.is_(None),
            deliveries.c.due_at < due_before,
        )
        .values(state="exhausted", error="the endpoint is not in the settings any more")
    ).rowcount


def owed(connection: Connection) -> tuple[int, datetime | None]:
    """How many deliveries are pending, and since when the oldest."""
    pending = deliveries.c.state == "pending"
    row = connection.execute(select(func.count(), func.min(deliveries.c.added_at)).where(pending)).one()
    return row[0], row[1]

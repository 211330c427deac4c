"""Deliveries that are not simply owed: held for a while, told with another, or never told; each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from streams.archive.schema import alert_revisions, deliveries
from streams.records import Alert, decode_alert

_KEPT = deliveries.c
_IN_ONE_QUERY = 500


@dataclass(frozen=True, slots=True)
class Earlier:
    """A delivery of an earlier revision to an endpoint."""

    id: str
    endpoint: str
    revision: int
    state: str
    reason: str
    together: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A delivery that waits to be told with others."""

    id: str
    alert: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reasoned:
    """A delivery with why it stands as it does."""

    id: str
    revision: int
    why: str
    """Why the revision was told."""
    at: datetime
    endpoint: str
    state: str
    reason: str
    detail: str
    due_at: datetime
    delivered_at: datetime | None
    carrier: str | None
    error: str | None


def earlier(connection: Connection, wanted: Collection[str]) -> dict[str, list[Earlier]]:
    """Every delivery of these alerts so far, the oldest revision of each first."""
    found: dict[str, list[Earlier]] = {one: [] for one in wanted}
    for some in _portions(sorted(wanted)):
        for alert, *rest in connection.execute(_EARLIER, {"these": some}):
            found[alert].append(Earlier(*rest))
    return found


_EARLIER = (
    select(
        _KEPT.alert, _KEPT.id, _KEPT.endpoint, _KEPT.alert_revision, _KEPT.state, _KEPT.reason, _KEPT.together,
        _KEPT.due_at,
    )
    .where(_KEPT.alert.in_(bindparam("these", expanding=True)))
    .order_by(_KEPT.alert_revision)
)  # fmt: skip


def tell_with(connection: Connection, carriers: Mapping[str, str]) -> None:
    """Deliveries are told by another one: carrier by delivery."""
    rows = [{"one": one, "by": carriers[one]} for one in sorted(carriers)]
    if rows:
        connection.execute(_TELL_WITH, rows)


_TELL_WITH = (
    update(deliveries)
    .where(_KEPT.id == bindparam("one"), _KEPT.state == "held")
    .values(state="bundled", carrier=bindparam("by"), together=None)
)


def waiting_together(connection: Connection, endpoint: str, together: str) -> list[Held]:
    """What waits for an endpoint under a name, in the order in which it came."""
    rows = connection.execute(
        select(_KEPT.id, _KEPT.alert, _KEPT.alert_revision, _KEPT.reason)
        .where(_KEPT.state == "held", _KEPT.endpoint == endpoint, _KEPT.together == together)
        .order_by(_KEPT.added_at, _KEPT.alert, _KEPT.alert_revision)
    )
    return [Held(*row) for row in rows.tuples()]


def older_held(connection: Connection, endpoint: str, alert: str, before: int) -> list[str]:
    """Earlier revisions of an alert that wait for an endpoint, under whatever name."""
    rows = connection.execute(
        select(_KEPT.id).where(
            _KEPT.alert == alert, _KEPT.endpoint == endpoint, _KEPT.state == "held", _KEPT.alert_revision < before
        )
    )
    return list(rows.scalars())


def owe(connection: Connection, ids: Collection[str], now: datetime, carries: int = 0) -> None:
    """What waited is owed from now on, each with so many others."""
    for some in _portions(sorted(ids)):
        owed = update(deliveries).where(_KEPT.id.in_(some))
        connection.execute(owed.values(state="pending", together=None, due_at=now, added_at=now, carries=carries))


def owe_after_all(connection: Connection, ids: Collection[str], reason: str, now: datetime) -> None:
    """What was not to be told is owed from now on."""
    for some in _portions(sorted(ids)):
        owed = update(deliveries).where(_KEPT.id.in_(some), _KEPT.state == "suppressed")
        connection.execute(owed.values(state="pending", reason=reason, due_at=now, added_at=now))


def put_off(connection: Connection, together: str, due_at: datetime, endpoint: str | None = None) -> None:
    """What waits under a name is told at another time."""
    waiting = update(deliveries).where(_KEPT.state == "held", _KEPT.together == together)
    if endpoint is not None:
        waiting = waiting.where(_KEPT.endpoint == endpoint)
    connection.execute(waiting.values(due_at=due_at))


def drop(connection: Connection, ids: Collection[str], reason: str, detail: str) -> None:
    """What waited is not told after all."""
    for some in _portions(sorted(ids)):
        dropped = update(deliveries).where(_KEPT.id.in_(some))
        connection.execute(dropped.values(state="suppressed", together=None, reason=reason, detail=detail))


def told_to(connection: Connection, among: Collection[str]) -> set[tuple[str, str]]:
    """Alert and endpoint, where an endpoint was told of one of these alerts, or is about to be."""
    found: set[tuple[str, str]] = set()
    for some in _portions(sorted(among)):
        rows = connection.execute(
            select(_KEPT.alert, _KEPT.endpoint)
            .where(_KEPT.alert.in_(some), _KEPT.state.in_(("pending", "delivered", "bundled")))
            .distinct()
        )
        found |= {(alert, endpoint) for alert, endpoint in rows}
    return found


def still_owed(connection: Connection, endpoint: str, among: Sequence[str]) -> set[str]:
    """Of which alerts something is on its way to an endpoint, by itself or with others."""
    carrier = deliveries.alias("carrier")
    told_with = exists().where(carrier.c.id == _KEPT.carrier, carrier.c.state == "pending")
    found: set[str] = set()
    for some in _portions(among):
        on_its_way = or_(_KEPT.state == "pending", and_(_KEPT.state == "bundled", told_with))
        rows = select(_KEPT.alert).where(_KEPT.alert.in_(some), _KEPT.endpoint == endpoint, on_its_way)
        found |= set(connection.execute(rows.distinct()).scalars())
    return found


def dropped_because_of(connection: Connection, cause: str) -> list[tuple[str, str, str]]:
    """What was not told because of an alert: alert, endpoint and delivery, the oldest revision first."""
    chosen = select(_KEPT.alert, _KEPT.endpoint, _KEPT.id).where(
        _KEPT.cause == cause, _KEPT.cause != "", _KEPT.state == "suppressed"
    )
    return [(row.alert, row.endpoint, row.id) for row in connection.execute(chosen.order_by(_KEPT.alert_revision))]


def bundle_of(connection: Connection, carriers: Collection[str]) -> dict[str, list[Alert]]:
    """What each of these deliveries tells beside its own alert, as told at its revision, in the order it came."""
    told = alert_revisions.c
    own = deliveries.alias("own")
    rows = connection.execute(
        select(_KEPT.carrier, told.record)
        .join(alert_revisions, and_(told.alert == _KEPT.alert, told.revision == _KEPT.alert_revision))
        .join(own, own.c.id == _KEPT.carrier)
        .where(_KEPT.carrier.in_(carriers), _KEPT.alert != own.c.alert)
        .order_by(_KEPT.added_at, _KEPT.alert)
    )
    found: dict[str, list[Alert]] = {}
    for carrier, record in rows.tuples():
        found.setdefault(carrier, []).append(decode_alert(record))
    return found


def why(connection: Connection, alert: str) -> list[Reasoned]:
    """Every delivery of an alert with its reason, revision by revision."""
    told = alert_revisions.c
    rows = connection.execute(
        select(
            _KEPT.id, _KEPT.alert_revision, told.reason, told.at, _KEPT.endpoint, _KEPT.state, _KEPT.reason,
            _KEPT.detail, _KEPT.due_at, _KEPT.delivered_at, _KEPT.carrier, _KEPT.error,
        )
        .join(alert_revisions, and_(told.alert == _KEPT.alert, told.revision == _KEPT.alert_revision))
        .where(_KEPT.alert == alert)
        .order_by(_KEPT.alert_revision, _KEPT.endpoint)
    )  # fmt: skip
    return [Reasoned(*row) for row in rows.tuples()]


def _portions(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _IN_ONE_QUERY] for start in range(0, len(ids), _IN_ONE_QUERY)]

"""What people have said of alerts: acknowledged, snoozed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from streams.archive.alert_schema import handled_alerts
from streams.archive.dialect import upsert

_KEPT = handled_alerts.c


@dataclass(frozen=True, slots=True)
class Handled:
    """One alert's row; all None where nobody has said anything."""

    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    snoozed_by: str | None = None
    snoozed_until: datetime | None = None


def handled(connection: Connection, alert: str) -> Handled:
    """What has been said of an alert."""
    return handled_among(connection, [alert])[alert]


def handled_among(connection: Connection, wanted: Collection[str]) -> dict[str, Handled]:
    """What has been said of each of these alerts."""
    found = dict.fromkeys(wanted, Handled())
    if found:
        for alert, *said in connection.execute(_SAID, {"these": sorted(found)}):
            found[alert] = Handled(*said)
    return found


_SAID = select(_KEPT.alert, *(_KEPT[name] for name in Handled.__slots__)).where(
    _KEPT.alert.in_(bindparam("these", expanding=True))
)


def acknowledge(connection: Connection, alert: str, by: str | None, at: datetime | None) -> None:
    """Somebody sees to an alert, or (None) nobody does any more."""
    upsert(connection, handled_alerts, [{"alert": alert}])
    said = update(handled_alerts).where(_KEPT.alert == alert)
    connection.execute(said.values(acknowledged_by=by, acknowledged_at=at))


def snooze(connection: Connection, alert: str, by: str | None, until: datetime | None) -> None:
    """Somebody wants to hear of an alert later, or (None) that is over."""
    upsert(connection, handled_alerts, [{"alert": alert}])
    said = update(handled_alerts).where(_KEPT.alert == alert)
    connection.execute(said.values(snoozed_by=by, snoozed_until=until))


def snoozes_over(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The alerts whose snooze has ended and that were not told since, those first that have waited longest."""
    over = select(_KEPT.alert).where(_KEPT.snoozed_until <= now)
    return list(connection.execute(over.order_by(_KEPT.snoozed_until, _KEPT.alert).limit(limit)).scalars())


def forget(connection: Connection, these: Collection[str]) -> None:
    """Nothing that was said of these alerts holds any more."""
    connection.execute(delete(handled_alerts).where(_KEPT.alert.in_(these)))

"""What people did to alerts and silences, for whoever asks later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from streams.archive.alert_schema import alert_actions

_KEPT = alert_actions.c


@dataclass(frozen=True, slots=True)
class Action:
    """One act: `acknowledge`, `take back`, `snooze`, `unsnooze`, `label right`, `label wrong`, `take back label`,
    `add silence`, `expire silence`."""

    subject: str
    """The id of the alert or silence."""
    action: str
    actor: str
    at: datetime
    detail: str


def note(connection: Connection, action: Action) -> None:
    """Keep an act."""
    connection.execute(insert(alert_actions).values(**{name: getattr(action, name) for name in Action.__slots__}))


def actions_on(connection: Connection, subject: str) -> list[Action]:
    """What was done to an alert or silence, the first act first."""
    columns = [_KEPT[name] for name in Action.__slots__]
    rows = connection.execute(select(*columns).where(_KEPT.subject == subject).order_by(_KEPT.at, _KEPT.id))
    return [Action(*row) for row in rows]

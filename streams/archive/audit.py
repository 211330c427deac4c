"""Who changed what, and when: one row a change that somebody asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from streams.archive.access_schema import audit


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `detail` is what was said with it, JSON."""

    id: int
    at: datetime
    who: str
    action: str
    """Such as `watch.put`, `alert.acknowledge` or `silence.add`."""
    subject: str
    """The id of what was changed."""
    detail: str

    def said(self) -> str:
        """What was said with it, in one line: a comment as it is, all else by its name."""
        given = json.loads(self.detail).items()
        return "; ".join(str(value) if name == "comment" else f"{name} {value}" for name, value in given if value)


def note(
    connection: Connection,
    who: str,
    action: str,
    subject: str,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Write a change down, in the transaction that makes it."""
    told = json.dumps(detail or {}, separators=(",", ":"), default=str)
    connection.execute(insert(audit).values(at=now, who=who, action=action, subject=subject, detail=told))


def changes(connection: Connection, limit: int, before: int | None = None) -> list[Change]:
    """The newest changes, those with smaller numbers than `before` where given."""
    columns = [audit.c[name] for name in Change.__slots__]
    chosen = select(*columns).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(audit.c.id < before)
    return [Change(*row) for row in connection.execute(chosen)]


def changes_of(connection: Connection, subject: str) -> list[Change]:
    """What was done to an alert, a silence or whatever else has this id, the first change first."""
    columns = [audit.c[name] for name in Change.__slots__]
    rows = connection.execute(select(*columns).where(audit.c.subject == subject).order_by(audit.c.id))
    return [Change(*row) for row in rows]

"""What runs, as it says itself: the heartbeat of each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select, update

from streams.archive.dialect import upsert
from streams.archive.schema import roles


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One instance of a role."""

    role: str
    instance: str
    pid: int
    address: str
    started_at: datetime
    beat_at: datetime
    stopped: bool
    error: str | None
    error_at: datetime | None


def _same(role: str, instance: str) -> ColumnElement[bool]:
    return and_(roles.c.role == role, roles.c.instance == instance)


def start(connection: Connection, role: str, instance: str, pid: int, address: str, now: datetime) -> None:
    """A role says that it has started; what its last instance complained of stays to be read."""
    values = {"pid": pid, "address": address, "started_at": now, "beat_at": now, "stopped": False}
    upsert(connection, roles, [{"role": role, "instance": instance, **values}], update=tuple(values))


def beat(connection: Connection, role: str, instance: str, now: datetime) -> None:
    """A role says that it is alive."""
    connection.execute(update(roles).where(_same(role, instance)).values(beat_at=now, stopped=False))


def stop(connection: Connection, role: str, instance: str, now: datetime) -> None:
    """A role says that it ends as asked."""
    connection.execute(update(roles).where(_same(role, instance)).values(beat_at=now, stopped=True))


def stop_process(connection: Connection, role: str, pid: int, now: datetime) -> None:
    """A role's process says that it ends as asked, wherever it listened."""
    same = and_(roles.c.role == role, roles.c.pid == pid)
    connection.execute(update(roles).where(same).values(beat_at=now, stopped=True))


def complain(connection: Connection, role: str, instance: str, error: str, now: datetime) -> None:
    """Keep a role's last error."""
    connection.execute(update(roles).where(_same(role, instance)).values(error=error, error_at=now))


def list_roles(connection: Connection) -> list[RoleRow]:
    """Every known instance."""
    columns = [roles.c[name] for name in RoleRow.__slots__]
    return [RoleRow(*row) for row in connection.execute(select(*columns).order_by(roles.c.role, roles.c.instance))]

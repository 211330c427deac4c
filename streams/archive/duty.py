"""Duties that one process at a time has, of however many there are: leases that run out when their owner dies."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from streams.archive.dialect import hold, upsert
from streams.archive.schema import facts
from streams.owner import has_died


def take(connection: Connection, duty: str, owner: str, now: datetime, lasting: timedelta) -> bool:
    """Take a duty, or keep it for as long again; False where another has it who is not known to be gone.

    A duty that lasts longer than `lasting` from now was taken by a clock that is ahead, and holds nobody off.
    """
    name = f"duty.{duty}"
    hold(connection, "duty", [duty])
    row = connection.execute(select(facts.c.value, facts.c.at).where(facts.c.name == name)).first()
    if row is not None and row.value != owner and now < row.at <= now + lasting and not has_died(row.value):
        return False
    upsert(connection, facts, [{"name": name, "value": owner, "at": now + lasting}], update=("value", "at"))
    return True


def lay_down(connection: Connection, duty: str, owner: str) -> None:
    """Have a duty no more; another may take it at once."""
    connection.execute(delete(facts).where(facts.c.name == f"duty.{duty}", facts.c.value == owner))

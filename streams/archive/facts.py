"""Single facts that roles tell each other through the archive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from streams.archive.dialect import upsert
from streams.archive.schema import facts

BROKER_ADDRESS = "broker.address"
"""`host:port` of the embedded broker."""
BROKER_RUN = "broker.run"
"""An id that is new each time the embedded broker starts empty."""
BROKER_RECYCLING = "broker.recycling"
"""Stands while the embedded broker waits for the work to run dry; publishers hold still."""
OUTAGE = "outage"
"""The outage of our own network that is not over yet: see `agents.notify.outage`."""
FEEDS = "feeds"
"""How the feeds are, as a poller last counted them: see `streams.feeds.summary`."""


def tell(connection: Connection, name: str, value: str, now: datetime) -> None:
    """Set a fact."""
    upsert(connection, facts, [{"name": name, "value": value, "at": now}], update=("value", "at"))


def take_back(connection: Connection, name: str) -> None:
    """Remove a fact."""
    connection.execute(delete(facts).where(facts.c.name == name))


def told(connection: Connection, name: str) -> str | None:
    """A fact's value, or None."""
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()

"""The alert agent on batches of records, without Kafka; what it leaves in the archive, and the statements it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from builders import NOON
from small_world import WORLD
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from agents.alert.agent import AlertAgent
from agents.alert.watched import Watched
from agents.match.live import LiveWatches
from agents.match.watch import Watch
from agents.progress import Progress
from agents.setaside import SetAsideArticles
from agents.tell.rules import Recipients
from streams.archive.engine import Archive
from streams.archive.metadata import metadata


class Topic:
    """Where records go that a test does not look at."""

    async def send(self, *, key: bytes, value: bytes) -> asyncio.Future[None]:
        """Take one."""
        assert key
        assert value
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent


def alert_agent(archive: Archive, watches: Sequence[Watch], told: Recipients) -> AlertAgent:
    """An agent at noon."""
    return AlertAgent(
        source=None,
        archive=archive,
        watched=Watched(LiveWatches(watches, WORLD)),
        recipients=lambda: told,
        set_aside=SetAsideArticles(archive, Topic(), lambda: NOON),
        progress=Progress(),
        clock=lambda: NOON,
    )


def process(agent: AlertAgent, records: Sequence[bytes], at_once: int) -> None:
    """Have it process records, so many in a batch."""
    events = [an_event(value) for value in records]
    for start in range(0, len(events), at_once):
        asyncio.run(agent._process(events[start : start + at_once]))


def an_event(value: bytes) -> Any:
    """A record as Faust gives it."""
    return SimpleNamespace(message=SimpleNamespace(value=value, key=b"key"))


def everything(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; a NUL as PostgreSQL keeps it."""
    with archive.read() as connection:
        return {
            table.name: [
                tuple("\ufffd".join(one.split("\0")) if isinstance(one, str) else one for one in row)
                for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements run meanwhile, by any engine of this process."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)

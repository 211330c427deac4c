"""What a poller asks of hosts besides polls: pages, robots.txt, subscriptions. Each takes a turn of its host."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from streams.errors import ArchiveUnavailable
from streams.feeds.schedule import Turns

log = logging.getLogger(__name__)
_LOOK_SECONDS = 1.0
_FAULT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Errand:
    """One request to a host."""

    key: str
    """Its name among the turns; one of a name is under way at a time."""
    host: str
    run: Callable[[], Awaitable[float]]
    """Does it, and gives the seconds that the host wants to be left alone for after it."""

    async def done(self) -> float:
        """Do it; whatever fails is this errand's alone."""
        try:
            return await self.run()
        except Exception:
            log.exception("%s: a fault of our own", self.key)
            return _FAULT_SECONDS


class Errands(Protocol):
    """Where errands come from."""

    async def due(self, own: frozenset[int], busy: frozenset[str], room: int) -> list[Errand]:
        """At most `room` errands, one a host, to hosts in the shares `own` that are not `busy`; none is remembered.

        Raises ArchiveUnavailable.
        """
        ...


class ErrandDesk:
    """Gives errands their turns among the polls, `most` at once; `came` is set when there are new turns."""

    def __init__(self, sources: Sequence[Errands], turns: Turns, came: asyncio.Event, most: int) -> None:
        self.sources = tuple(sources)
        self.in_hand: dict[str, Errand] = {}
        """Those that wait for their turn or have it, by key."""
        self.look = asyncio.Event()
        """There may be new ones."""
        self._turns = turns
        self._came = came
        self._most = most

    async def keep_looking(self, own: Callable[[], frozenset[int]]) -> None:
        """Give errands their turns as they come, to hosts in the shares that `own` gives; only cancellation ends it."""
        while True:
            for source in self.sources:
                room = self._most - len(self.in_hand)
                busy = frozenset(errand.host for errand in self.in_hand.values())
                try:
                    errands = await source.due(own(), busy, room) if room > 0 else []
                except ArchiveUnavailable as error:
                    log.warning("poller: %s", error)
                    errands = []
                for errand in errands:
                    if errand.key not in self.in_hand:
                        self.in_hand[errand.key] = errand
                        self._turns.add(errand.key, errand.host, asyncio.get_running_loop().time())
                        self._came.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self.look.wait()
            self.look.clear()

    def end(self, key: str, host: str, now: float, alone_seconds: float) -> bool:
        """A turn is over; whether it was an errand's."""
        if self.in_hand.pop(key, None) is None:
            return False
        self._turns.done(key, host, now, now)
        self._turns.drop(key)
        self._turns.leave_alone(host, now + alone_seconds)
        self.look.set()
        return True

"""What a poller asks of hosts besides polls: pages, robots.txt, subscriptions. Each takes a turn of its host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Errand:
    """One request to a host; `run` raises nothing but cancellation."""

    key: str
    """Its name among the turns; one of a name is under way at a time."""
    host: str
    run: Callable[[], Awaitable[float]]
    """Does it, and gives the seconds that the host wants to be left alone for after it."""


class Errands(Protocol):
    """Where errands come from."""

    async def due(self, own: frozenset[int], busy: frozenset[str], room: int) -> list[Errand]:
        """At most `room` errands, one a host, to hosts in the shares `own` that are not `busy`; none is remembered.

        Raises ArchiveUnavailable.
        """
        ...

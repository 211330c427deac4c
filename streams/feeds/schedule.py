"""When each feed has its turn: a queue of due times with one turn at a time a host."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field

JITTER = 0.05
"""A turn comes up to this part of its interval later, so that feeds do not fall into step."""
LONGEST_BACK_OFF_SECONDS = 3_600.0


def next_delay(every_seconds: float, failures: int, chance: float) -> float:
    """Seconds until a feed's next turn.

    `failures` is how many turns in a row have failed: the first failure waits as long as ever, each further one
    twice as long, up to an hour (or the feed's own interval where that is longer). `chance` is in [0, 1).
    """
    delay = every_seconds
    if failures > 1:
        doublings = min(failures - 1, 20)
        delay = min(every_seconds * 2.0**doublings, max(LONGEST_BACK_OFF_SECONDS, every_seconds))
    return delay * (1 + JITTER * chance)


@dataclass
class Turns:
    """Which feed is next. Times are seconds of any one clock; feeds and hosts are names."""

    _due: list[tuple[float, int, str]] = field(default_factory=list)
    _hosts: dict[str, str] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _held: dict[str, deque[tuple[float, int, str]]] = field(default_factory=dict)
    _count: int = 0

    def add(self, feed: str, host: str, due: float) -> None:
        """Give a feed its next turn at `due`."""
        self._hosts[feed] = host
        self._count += 1
        heapq.heappush(self._due, (due, self._count, feed))

    def take(self, now: float) -> str | None:
        """The feed that is due longest and whose host is free; the host is busy until `done`."""
        while self._due and self._due[0][0] <= now:
            turn = heapq.heappop(self._due)
            host = self._hosts[turn[2]]
            if host in self._busy:
                self._held.setdefault(host, deque()).append(turn)
                continue
            self._busy.add(host)
            return turn[2]
        return None

    def done(self, feed: str, due: float) -> None:
        """A taken feed had its turn; the next is at `due`."""
        host = self._hosts[feed]
        self._busy.discard(host)
        held = self._held.get(host)
        if held:
            heapq.heappush(self._due, held.popleft())
        if not held:
            self._held.pop(host, None)
        self.add(feed, host, due)

    def next_due(self) -> float | None:
        """When the next feed that is not held back is due."""
        return self._due[0][0] if self._due else None

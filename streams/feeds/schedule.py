"""When each feed has its turn: a queue of due times with one turn at a time a host, and a space after each."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field


@dataclass
class Turns:
    """Which feed is next. Times are seconds of any one clock; feeds and hosts are names."""

    spacing: float = 0.0
    """Seconds that a host is left alone after a turn."""
    _due: list[tuple[float, int, str]] = field(default_factory=list)
    _hosts: dict[str, str] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _free_at: dict[str, float] = field(default_factory=dict)
    """Hosts that had a turn lately or asked to be left alone, and until when."""
    _held: dict[str, deque[tuple[float, int, str]]] = field(default_factory=dict)
    _tickets: dict[str, int] = field(default_factory=dict)
    """The one valid turn of each feed; turns with another number are void."""
    _count: int = 0

    def add(self, feed: str, host: str, due: float) -> None:
        """Give a feed its next turn at `due`; one that it had before is void."""
        self._hosts[feed] = host
        self._push(due, feed)

    def drop(self, feed: str) -> None:
        """A feed has no more turns; one that is being taken ends as ever."""
        self._tickets.pop(feed, None)

    def take(self, now: float) -> str | None:
        """The feed that is due longest and whose host is free; the host is busy until `done`."""
        while self._due and self._due[0][0] <= now:
            turn = heapq.heappop(self._due)
            _, ticket, feed = turn
            if self._tickets.get(feed) != ticket:
                continue
            host = self._hosts[feed]
            if host in self._busy:
                self._held.setdefault(host, deque()).append(turn)
                continue
            free_at = self._free_at.get(host, now)
            if free_at > now:
                heapq.heappush(self._due, (free_at, ticket, feed))  # its old number keeps it ahead of its neighbours
                continue
            self._free_at.pop(host, None)
            self._busy.add(host)
            return feed
        return None

    def done(self, feed: str, host: str, now: float, due: float) -> None:
        """A feed taken on `host` had its turn; the next is at `due`."""
        self._busy.discard(host)
        if self.spacing > 0:
            self._free_at[host] = max(self._free_at.get(host, now), now + self.spacing)
        for turn in self._held.pop(host, ()):
            heapq.heappush(self._due, turn)
        if feed in self._tickets:
            self._push(due, feed)

    def leave_alone(self, host: str, until: float) -> None:
        """No feed of a host has a turn before `until`."""
        self._free_at[host] = max(self._free_at.get(host, until), until)

    def next_due(self) -> float | None:
        """When the next feed that is not held back by a turn on its host is due."""
        return self._due[0][0] if self._due else None

    def _push(self, due: float, feed: str) -> None:
        self._count += 1
        self._tickets[feed] = self._count
        heapq.heappush(self._due, (due, self._count, feed))

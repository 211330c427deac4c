"""When each feed has its turn: a queue of due times with one turn at a time a host, and a space after each."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field

_LEAST_KEPT = 1_000
PATIENCE_SECONDS = 60.0
"""A feed that is doubtful (new, or failing) lets those of which good is known go before it, for this long."""
_Turn = tuple[float, int, str]
"""When it is due, its number, the feed."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket a host: it holds `size` requests and fills by `per_second`."""

    size: float
    per_second: float


@dataclass
class Turns:
    """Which feed is next. Times are seconds of any one clock; feeds and hosts are names."""

    spacing: float = 0.0
    """Seconds that a host is left alone after a turn."""
    bucket: Bucket | None = None
    """What a host may be asked for in the long run; every turn takes a token."""
    _due: list[_Turn] = field(default_factory=list)
    _sure: list[_Turn] = field(default_factory=list)
    _doubtful: list[_Turn] = field(default_factory=list)
    """Turns that have come, of the two kinds of feeds."""
    _doubted: set[str] = field(default_factory=set)
    _hosts: dict[str, str] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _free_at: dict[str, float] = field(default_factory=dict)
    """Hosts that had a turn lately or asked to be left alone, and until when."""
    _tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    """How many a host had after its last turn, and when that was; a full bucket is not kept."""
    _held: dict[str, deque[_Turn]] = field(default_factory=dict)
    _tickets: dict[str, int] = field(default_factory=dict)
    """The one valid turn of each feed; turns with another number are void."""
    _count: int = 0
    _kept: int = _LEAST_KEPT
    """Hosts that something had to be remembered of when that was looked through last."""

    def add(self, feed: str, host: str, due: float, *, doubtful: bool = False) -> None:
        """Give a feed its next turn at `due`; one that it had before is void."""
        self._hosts[feed] = host
        self._push(due, feed, doubtful)

    def drop(self, feed: str) -> None:
        """A feed has no more turns; one that is being taken ends as ever."""
        self._tickets.pop(feed, None)
        self._hosts.pop(feed, None)
        self._doubted.discard(feed)

    def take(self, now: float, *, also_doubtful: bool = True) -> str | None:
        """The feed that is due longest and whose host is free; the host is busy until `done`."""
        while self._due and self._due[0][0] <= now:
            turn = heapq.heappop(self._due)
            heapq.heappush(self._doubtful if turn[2] in self._doubted else self._sure, turn)
        while (turns := self._next_kind(also_doubtful=also_doubtful)) is not None:
            turn = heapq.heappop(turns)
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

    def host(self, feed: str) -> str:
        """Where a feed has its turns."""
        return self._hosts[feed]

    def is_doubtful(self, feed: str) -> bool:
        """Whether nothing good is known of a feed."""
        return feed in self._doubted

    def done(self, feed: str, host: str, now: float, due: float, *, doubtful: bool = False) -> None:
        """A feed taken on `host` had its turn; the next is at `due`."""
        self._busy.discard(host)
        free_at = max(now + self.spacing, self._next_token(host, now))
        if free_at > now:
            self.leave_alone(host, free_at)
        if len(self._free_at) + len(self._tokens) > 2 * self._kept:
            self._sweep(now)
        for turn in self._held.pop(host, ()):
            heapq.heappush(self._due, turn)
        if feed in self._tickets:
            self._push(due, feed, doubtful)

    def _next_token(self, host: str, now: float) -> float:
        """Take a token for a turn that ends now; when there is one for the next."""
        if self.bucket is None:
            return now
        left, at = self._tokens.get(host, (self.bucket.size, now))
        left = min(self.bucket.size, left + (now - at) * self.bucket.per_second) - 1
        self._tokens[host] = left, now
        return now if left >= 1 else now + (1 - left) / self.bucket.per_second

    def _sweep(self, now: float) -> None:
        """Forget the hosts of which nothing need be remembered."""
        self._free_at = {host: until for host, until in self._free_at.items() if until > now}
        if self.bucket is not None:
            size, rate = self.bucket.size, self.bucket.per_second
            self._tokens = {host: (left, at) for host, (left, at) in self._tokens.items()
                            if left + (now - at) * rate < size}  # fmt: skip
        self._kept = max(_LEAST_KEPT, len(self._free_at) + len(self._tokens))

    def leave_alone(self, host: str, until: float) -> None:
        """No feed of a host has a turn before `until`."""
        self._free_at[host] = max(self._free_at.get(host, until), until)

    def next_due(self) -> float | None:
        """When the next feed that is not held back by a turn on its host is due."""
        return min((turns[0][0] for turns in (self._due, self._sure) if turns), default=None)

    def _next_kind(self, *, also_doubtful: bool) -> list[_Turn] | None:
        if not self._doubtful or not also_doubtful:
            return self._sure or None
        if self._sure and self._sure[0][0] <= self._doubtful[0][0] + PATIENCE_SECONDS:
            return self._sure
        return self._doubtful

    def _push(self, due: float, feed: str, doubtful: bool) -> None:
        self._count += 1
        self._tickets[feed] = self._count
        (self._doubted.add if doubtful else self._doubted.discard)(feed)
        heapq.heappush(self._due, (due, self._count, feed))

"""Hosts that ask to be left alone: one feed's refusal is the feed's, that of several is the host's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yarl import URL

from streams.archive.polls import FeedState
from streams.errors import FetchFailed

_REFUSALS = 3
_LEAST_SECONDS = 60.0


def host_of_address(url: str) -> str:
    """The host of an address, with its port where that is an unusual one: what manners are kept towards."""
    parts = URL(url)
    return str(parts.host) if parts.port in (80, 443, None) else f"{parts.host}:{parts.port}"


@dataclass(slots=True)
class _Refusals:
    count: int = 0
    feeds: set[str] = field(default_factory=set)
    seconds: float = 0.0


class Manners:
    """Refusals (429, 503 and their like) in a row, by host."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Refusals] = {}

    def refused(self, host: str, feed: str, failure: FetchFailed) -> None:
        """A feed of the host could not be fetched."""
        if failure.outcome != "block":
            return
        refusals = self._hosts.setdefault(host, _Refusals())
        refusals.count += 1
        refusals.feeds.add(feed)
        refusals.seconds = max(failure.retry_after or 0.0, _LEAST_SECONDS)

    def answered(self, host: str) -> None:
        """The host answered as it should."""
        self._hosts.pop(host, None)

    def leave_alone(self, host: str) -> float:
        """For how many seconds, from its last refusal on, no feed of the host may be asked for; 0 where any may."""
        refusals = self._hosts.get(host)
        if refusals is None or refusals.count < _REFUSALS or len(refusals.feeds) < 2:
            return 0.0
        return refusals.seconds

    def recall(self, host: str, states: Sequence[FeedState], now: datetime) -> float:
        """Begin with a host as its feeds stood when they were polled last, by another poller or before a restart.

        Returns for how many seconds from `now` no feed of the host may be asked for.
        """
        polled = [(state.polled_at, state) for state in states if state.polled_at is not None]
        well_at = max((at for at, state in polled if state.outcome != "block"), default=None)
        refused = [one for one in polled if one[1].outcome == "block" and (well_at is None or one[0] > well_at)]
        if not refused:
            return 0.0
        last_at, last = max(refused, key=lambda one: one[0])
        waits = [(state.next_poll_at - at).total_seconds() for at, state in refused if state.next_poll_at is not None]
        wish = min(waits, default=0.0)  # a feed that backs off waits for longer than was asked: the least is nearest
        if last.pace == "retry_after" and last.next_poll_at is not None:
            wish = (last.next_poll_at - last_at).total_seconds()
        self._hosts[host] = _Refusals(
            sum(state.failures for _, state in refused), {state.id for _, state in refused}, max(wish, _LEAST_SECONDS)
        )
        return max(0.0, self.leave_alone(host) - (now - last_at).total_seconds())

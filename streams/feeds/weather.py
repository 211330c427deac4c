"""Whose fault failures are: when most hosts fail at once, the network on our side is away, not the feeds."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

OUR_FAULTS = frozenset(("dns", "network", "timeout"))
"""Classes of failure that a lost network looks like."""
_LATELY = timedelta(minutes=10)
_FEWEST_HOSTS = 4


class Weather:
    """The last outcome of every host that was polled lately."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()
        self._failing = 0

    def note(self, host: str, outcome: str, now: datetime) -> None:
        """A poll of a host ended so."""
        self._forget(host)
        failing = outcome in OUR_FAULTS
        self._hosts[host] = (now, failing)
        self._failing += failing
        while self._hosts and now - next(iter(self._hosts.values()))[0] > _LATELY:
            self._forget(next(iter(self._hosts)))

    @property
    def is_sure(self) -> bool:
        """Whether enough hosts were polled lately to say whose fault failures are."""
        return len(self._hosts) >= _FEWEST_HOSTS

    @property
    def is_our_outage(self) -> bool:
        """Whether more than half of the hosts polled lately could not be reached."""
        return self.is_sure and 2 * self._failing > len(self._hosts)

    @property
    def hosts(self) -> tuple[int, int]:
        """Hosts polled lately, and how many of them could not be reached."""
        return len(self._hosts), self._failing

    def _forget(self, host: str) -> None:
        before = self._hosts.pop(host, None)
        if before is not None:
            self._failing -= before[1]

"""This poller's share of the feeds, kept by leases in the archive."""

from __future__ import annotations

import itertools
import os
import socket
import uuid

from streams.archive import leases
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.ids import digest

RENEW_SECONDS = 10.0
_PROCESS = uuid.uuid4().hex[:8]
_NUMBERS = itertools.count(1)


def share_of(host: str) -> int:
    """The share that a host's feeds belong to."""
    return int(digest("host", host)[:8], 16) % leases.SHARES


class Shares:
    """Renews and gives back; every method works on the archive and raises ArchiveUnavailable."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{_PROCESS}.{next(_NUMBERS)}"

    def renew(self) -> leases.Renewal:
        """The shares this poller has from now on."""
        with self._archive.begin() as connection:
            dead = frozenset(owner for owner in leases.owners(connection) if self._has_died(owner))
            return leases.renew(connection, self.owner, self._clock(), dead)

    def give_back(self) -> None:
        """Let others have them at once."""
        with self._archive.begin() as connection:
            leases.give_back(connection, self.owner, self._clock())

    def _has_died(self, owner: str) -> bool:
        """Whether a poller of this machine is gone; a restart need not wait for its own old leases."""
        where, _, process = owner.rpartition(":")
        host, _, pid = where.rpartition(":")
        if host != socket.gethostname() or not pid.isdigit():
            return False
        if int(pid) == os.getpid():  # in a container every process has the same number
            return not process.startswith(f"{_PROCESS}.")
        return not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

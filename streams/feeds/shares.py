"""This poller's share of the feeds, kept by leases in the archive."""

from __future__ import annotations

from streams.archive import leases
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.ids import digest
from streams.owner import has_died, new_owner

RENEW_SECONDS = 10.0


def share_of(host: str) -> int:
    """The share that a host's feeds belong to."""
    return int(digest("host", host)[:8], 16) % leases.SHARES


class Shares:
    """Renews and gives back; every method works on the archive and raises ArchiveUnavailable."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self.owner = new_owner()

    def renew(self) -> leases.Renewal:
        """The shares this poller has from now on."""
        with self._archive.begin() as connection:
            dead = frozenset(owner for owner in leases.owners(connection) if has_died(owner))
            return leases.renew(connection, self.owner, self._clock(), dead)

    def give_back(self) -> None:
        """Let others have them at once."""
        with self._archive.begin() as connection:
            leases.give_back(connection, self.owner, self._clock())

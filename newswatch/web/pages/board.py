"""The newest alerts, read once for everybody who looks."""

from __future__ import annotations

import asyncio
import logging
import time

from streams.archive import alert_search
from streams.archive.engine import Archive
from streams.errors import ArchiveUnavailable
from streams.records import Alert

log = logging.getLogger(__name__)

_FRESH_SECONDS = 0.8
MOST = 50


class Board:
    """Looks at the archive at most once in `_FRESH_SECONDS`, however many ask. Of one event loop."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._looked_at = -_FRESH_SECONDS
        self._lock = asyncio.Lock()
        self.alerts: list[Alert] = []
        self.version = 0
        """Another where anything has changed."""

    async def look(self) -> int:
        """Bring the alerts up to date; the version they have then."""
        async with self._lock:
            if time.monotonic() - self._looked_at < _FRESH_SECONDS:
                return self.version
            try:
                found = await asyncio.to_thread(self._read)
            except ArchiveUnavailable as error:
                log.warning("page: %s", error)
                return self.version
            self._looked_at = time.monotonic()
            if [(one.id, one.revision) for one in found] != [(one.id, one.revision) for one in self.alerts]:
                self.alerts = found
                self.version += 1
        return self.version

    def _read(self) -> list[Alert]:
        with self._archive.read() as connection:
            return alert_search.search(connection, alert_search.Wanted(), MOST)

"""The demonstration's moving parts: the newsrooms, the roles, the archive, all in one temporary directory."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from newswatch.demo.server import DemoServer
from newswatch.demo.settings import make_settings, write_settings
from newswatch.demo.view import ArchiveCounts, Snapshot
from newswatch.supervise import Supervisor
from streams.archive.engine import Archive, open_archive

_COMPLAINT = re.compile(r'level=(?:error|critical) .*?msg="(?P<message>(?:[^"\\]|\\.)*)"')
_LONGEST_COMPLAINT = 200


class Stage:
    """`start` it, look at it, `stop` it; stopping is safe however far the start came."""

    def __init__(self, directory: Path, release_every: float = 2.0) -> None:
        self.server = DemoServer(release_every)
        self.web = ""
        """Address of the page, once started."""
        self._directory = directory
        self._archive: Archive | None = None
        self._supervisor: Supervisor | None = None
        self._counts: ArchiveCounts | None = None

    async def start(self) -> None:
        """Start everything; raises BrokerUnavailable when the broker does not come up."""
        await self.server.start()
        settings = make_settings(self.server, self._directory / "data")
        config = self._directory / "newswatch.yaml"
        write_settings(settings, config)
        self._archive = await asyncio.to_thread(open_archive, settings.archive_url())
        self._counts = ArchiveCounts(self._archive)
        self._supervisor = Supervisor(settings, config, self._archive, logs=self._directory / "logs")
        await self._supervisor.start()
        self.web = f"http://{settings.web.listen}/"

    async def stop(self) -> None:
        """End the roles, then the newsrooms."""
        if self._supervisor is not None:
            await self._supervisor.stop()
        await self.server.stop()
        if self._archive is not None:
            await asyncio.to_thread(self._archive.close)

    async def look(self) -> Snapshot:
        """The present state."""
        return await asyncio.to_thread(self._counts) if self._counts is not None else Snapshot()

    def restarts(self) -> dict[str, int]:
        """How often each role was started again."""
        return self._supervisor.restarts() if self._supervisor is not None else {}

    def complaints(self) -> list[str]:
        """The last error in each role's log, as `role: message`."""
        found = []
        for log in sorted((self._directory / "logs").glob("*.log")):
            messages = _COMPLAINT.findall(log.read_text("utf-8", "replace"))
            if messages:
                found.append(f"{log.stem}: {messages[-1][:_LONGEST_COMPLAINT]}")
        return found

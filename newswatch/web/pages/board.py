"""The newest alerts, read once and written once for everybody who looks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from agents.notify.words import Language
from newswatch.web.pages.cards import key_of, telling
from newswatch.web.told_stream import ToldStream
from streams.archive import alert_search
from streams.archive.engine import Archive
from streams.errors import ArchiveUnavailable
from streams.records import Alert

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 1.0
_AT_ONCE = 10
"""Pages that are told before the event loop has a turn."""
MOST = 50
Keys = frozenset[str]
"""The cards that a page shows (`key_of`)."""
NOTHING: Keys = frozenset()


class Board:
    """Looks at the archive when something was told, and tells every page of it. Of one event loop."""

    def __init__(self, archive: Archive, told: ToldStream) -> None:
        self._archive = archive
        self._told = told
        self._pages: dict[object, Callable[[], None]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._telling: dict[tuple[Keys, Language], str] = {}
        self._read_once = False
        self._alerts: list[Alert] = []
        self.keys: Keys = NOTHING
        """The cards there are now."""

    async def open(self, page: object, changed: Callable[[], None]) -> None:
        """Call `changed` whenever the alerts have, until the page is closed; they are up to date on return."""
        self._pages[page] = changed
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep())
            await self._look()
        elif not self._read_once:
            await self._look()

    def close(self, page: object) -> None:
        """Forget a page; nobody looks at the archive for none."""
        self._pages.pop(page, None)
        if not self._pages and self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None

    def telling(self, shown: Keys, language: Language) -> str:
        """What makes of a page with these cards one with those there are now: JavaScript, made once for all alike."""
        key = shown, language
        if key not in self._telling:
            self._telling[key] = telling(self._alerts, shown, language)
        return self._telling[key]

    async def _keep(self) -> None:
        while True:
            try:
                async for _ in self._told.follow(None):
                    await self._look()  # where nothing was told, too: what is too old has gone
            except ArchiveUnavailable as error:
                log.warning("page: %s", error)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _look(self) -> None:
        """Bring the alerts up to date, and tell the pages where any has changed."""
        try:
            found = await asyncio.to_thread(self._read)
        except ArchiveUnavailable as error:
            log.warning("page: %s", error)
            return
        self._read_once = True
        keys = frozenset(map(key_of, found))
        if keys == self.keys:
            return
        self._alerts, self.keys = found, keys
        self._telling.clear()
        for number, changed in enumerate(list(self._pages.values()), 1):
            changed()
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _read(self) -> list[Alert]:
        with self._archive.read() as connection:
            return alert_search.search(connection, alert_search.Wanted(), MOST)

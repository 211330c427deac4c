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
from streams.records import Alert, decode_alert

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 1.0
_AT_ONCE = 10
"""Pages that are told before the event loop has a turn."""
MOST = 50
Keys = frozenset[str]
"""The cards that a page shows (`key_of`)."""
NOTHING: Keys = frozenset()


class Board:
    """Follows what is told while a page is open, and tells every page of it. Of one event loop."""

    def __init__(self, archive: Archive, told: ToldStream) -> None:
        self._archive = archive
        self._told = told
        self._pages: dict[object, Callable[[], None]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._telling: dict[tuple[Keys, Language], str] = {}
        self._alerts: list[Alert] = []
        self.keys: Keys = NOTHING
        """The cards there are now."""

    async def open(self, page: object, changed: Callable[[], None]) -> None:
        """Call `changed` whenever the alerts have, until the page is closed; they are up to date on return."""
        self._pages[page] = changed
        if self._keeping is None or self._keeping.done():
            self._looked = asyncio.Event()
            self._keeping = asyncio.create_task(self._keep(self._looked))
        await self._looked.wait()

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

    async def _keep(self, looked: asyncio.Event) -> None:
        try:
            while True:
                try:
                    async for told in self._told.follow(None):
                        if 0 < len(told) <= MOST:
                            await self._take(_newest(self._alerts, [decode_alert(one.record) for one in told]))
                        else:  # at first; and now and then, as what is too old goes without a word
                            await self._take(await asyncio.to_thread(self._read))
                        looked.set()
                except ArchiveUnavailable as error:
                    log.warning("page: %s", error)
                    looked.set()
                await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            looked.set()

    async def _take(self, found: list[Alert]) -> None:
        """Have these from now on, and tell the pages where any has changed."""
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


def _newest(there: list[Alert], told: list[Alert]) -> list[Alert]:
    """Those opened last of all, each as it was told last: what was read at first may be ahead of what is told."""
    known = {one.id: one for one in there}
    known |= {one.id: one for one in told if one.id not in known or known[one.id].revision < one.revision}
    return sorted(known.values(), key=lambda one: (one.opened, one.id), reverse=True)[:MOST]

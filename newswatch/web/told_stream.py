"""The stream of alerts for many readers: one look at the archive for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator

from sqlalchemy import Connection

from streams.archive import told_sequence
from streams.archive.engine import Archive
from streams.archive.told_sequence import Numbered
from streams.errors import ArchiveUnavailable

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 0.25
_STILL_HERE_SECONDS = 15.0
_KEPT = 2_000
"""Events that are held for all; who is further behind reads the archive."""
_PAGE = 500


class ToldStream:
    """Reads what is told while somebody listens. Of one event loop."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._recent: list[Numbered] = []
        self._whole_after = 0
        """What comes after this number is held whole."""
        self._last = 0
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        """Is set, and another takes its place, when there is more: who waits is woken without a turn at a lock."""

    async def follow(self, after: int | None) -> AsyncIterator[list[Numbered]]:
        """What is told after a number (from now on without one), a few at a time; an empty list first and now and then.

        Raises ArchiveUnavailable.
        """
        self._listeners += 1
        try:
            if self._looking is None or self._looking.done():
                await self._begin()
            at = self._last if after is None else after
            yield []
            while True:
                last = self._last
                found = await self._since(at)
                if not found:
                    at = max(at, last)  # what was told until then is none of ours: notices of deliveries
                    if not await self._is_past(at):
                        yield []
                    continue
                at = found[-1].sequence
                yield found
        finally:
            self._listeners -= 1

    async def _is_past(self, at: int) -> bool:
        """Wait until there is more than that, a while at most; whether there is."""
        if self._last <= at:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STILL_HERE_SECONDS):
                    await self._more.wait()
        return self._last > at

    async def _begin(self) -> None:
        self._last = self._whole_after = await asyncio.to_thread(self._number)
        self._recent.clear()
        self._looking = asyncio.create_task(self._look())

    async def _since(self, at: int) -> list[Numbered]:
        if at >= self._whole_after:
            first = bisect_right(self._recent, at, key=_sequence)
            return self._recent[first : first + _PAGE]
        return await asyncio.to_thread(self._read, at)

    async def _look(self) -> None:
        """Look for more as long as somebody listens."""
        while self._listeners:
            try:
                last = await asyncio.to_thread(self._number)
                found = await asyncio.to_thread(self._read, self._last) if last > self._last else []
            except ArchiveUnavailable as error:
                log.warning("stream of alerts: %s", error)
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
                continue
            if found or last > self._last:
                self._recent += found
                if len(self._recent) > 2 * _KEPT:
                    self._whole_after = self._recent[-_KEPT - 1].sequence
                    del self._recent[:-_KEPT]
                self._last = found[-1].sequence if len(found) == _PAGE else last
                more, self._more = self._more, asyncio.Event()
                more.set()
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    def _number(self) -> int:
        there_are_more, last = self._archive.glance(_unseen_and_last)
        while there_are_more:
            with self._archive.begin() as connection:
                there_are_more = told_sequence.number(connection) > 0
                last = told_sequence.last(connection)
        return last

    def _read(self, after: int) -> list[Numbered]:
        with self._archive.read() as connection:
            return told_sequence.after(connection, after, _PAGE)


def _unseen_and_last(connection: Connection) -> tuple[bool, int]:
    return told_sequence.unseen(connection), told_sequence.last(connection)


def _sequence(one: Numbered) -> int:
    return one.sequence

"""How many large documents are in memory at once: most feeds are small, and few large ones would fill it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

SMALL_BYTES = 1024 * 1024
"""A document of this size or less needs no leave."""
_AT_ONCE = 3


@dataclass
class Hold:
    """What one poll has in memory."""

    _leave: asyncio.Semaphore
    _has_leave: bool = False

    def may_have(self, size: int) -> bool:
        """Whether so many bytes need no waiting for leave."""
        return self._has_leave or size <= SMALL_BYTES

    async def grow(self, size: int) -> float:
        """The poll's document has so many bytes by now: wait for leave where it is large; seconds waited."""
        if self.may_have(size):
            return 0.0
        loop = asyncio.get_running_loop()
        since = loop.time()
        await self._leave.acquire()
        self._has_leave = True
        return loop.time() - since

    def let_go(self) -> None:
        """The document is in memory no longer."""
        if self._has_leave:
            self._has_leave = False
            self._leave.release()


@dataclass
class Bulk:
    """Gives leave to hold large documents, to a few polls at once."""

    _leave: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncIterator[Hold]:
        """One poll's hold on memory, let go at the end of the block."""
        hold = Hold(self._leave)
        try:
            yield hold
        finally:
            hold.let_go()

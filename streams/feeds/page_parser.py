"""Reading pages in a worker process that is killed when a page takes too long; it starts with the first page."""

from __future__ import annotations

import asyncio
from types import TracebackType

from streams import metrics
from streams.errors import FetchFailed, WorkTimedOut
from streams.feeds.fetch import FetchResult
from streams.processes import ProcessPool, WorkFailed

_KINDS = frozenset({"", "text/html", "application/xhtml+xml"})
_RECYCLE_AFTER = 500  # pages; a parser's memory does not shrink


class PageParser:
    """One reading process; an asynchronous context manager that owns it."""

    def __init__(self, seconds: float) -> None:
        self._pool = ProcessPool("streams.feeds.page_process:make_page_reader", size=1, recycle_after=_RECYCLE_AFTER)
        self._seconds = seconds
        self._starting = asyncio.Lock()
        self._started = False
        self._restarts = 0

    async def __aenter__(self) -> PageParser:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.stop()

    async def read(self, fetched: FetchResult) -> str:
        """The text of the article on a page; empty where there is none.

        Raises FetchFailed(`parse`), with the answer's status where it is another kind of document.
        """
        kind = fetched.content_type.partition(";")[0].strip().lower()
        if kind not in _KINDS:
            raise FetchFailed("parse", f"no page but {kind[:60]}", status=fetched.status)
        try:
            async with self._starting:
                if not self._started:
                    await self._pool.start()
                    self._started = True
            text: str = await self._pool.call((fetched.body, fetched.content_type), self._seconds)
        except (WorkTimedOut, WorkFailed) as error:
            raise FetchFailed("parse", str(error)) from error
        finally:
            metrics.PROCESS_RESTARTS.labels("page").inc(self._pool.restarts - self._restarts)
            self._restarts = self._pool.restarts
        return text

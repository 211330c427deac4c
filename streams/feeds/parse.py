"""Parsing feed documents in worker processes that are killed when a document takes too long."""

from __future__ import annotations

import logging
from types import TracebackType

from streams.errors import FetchFailed, WorkTimedOut
from streams.feeds.document import Document
from streams.feeds.fetch import FetchResult
from streams.processes import ProcessPool, WorkFailed

log = logging.getLogger(__name__)
_TARGET = "streams.feeds.parse_process:make_parser"
_RECYCLE_AFTER = 1_000  # documents; a parser's memory does not shrink
_QUICK_BYTES = 512 * 1024
_QUICK_SECONDS = 1.0
"""Most documents take milliseconds: a large one, or one that takes longer, is read in a lane of its own, and holds no
others up."""


class ParseFailed(FetchFailed):
    """A document that the parser died of, hung on or raised over; it belongs among the dead."""

    def __init__(self, detail: str) -> None:
        super().__init__("parse", detail)


class Parser:
    """A pool of parsing processes; an asynchronous context manager that owns them."""

    def __init__(self, *, processes: int = 1, seconds: float = 5.0) -> None:
        self._pool = ProcessPool(_TARGET, size=processes, recycle_after=_RECYCLE_AFTER)
        self._slow = ProcessPool(_TARGET, size=1, recycle_after=1, beside=self._pool)  # forked when there is work
        self._seconds = seconds

    @property
    def restarts(self) -> int:
        """How many parsing processes were killed or died."""
        return self._pool.restarts + self._slow.restarts

    async def __aenter__(self) -> Parser:
        await self._pool.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._slow.stop()
        await self._pool.stop()

    async def parse(self, fetched: FetchResult) -> Document:
        """The document of a fetched answer.

        Raises ParseFailed when the parser could not be brought to an end with it, and FetchFailed(`parse`) when
        there is no feed in it.
        """
        if not fetched.body.strip():
            raise FetchFailed("parse", "the answer has no content")
        try:
            document = await self._call(fetched, lightly=False)
        except (WorkTimedOut, WorkFailed) as error:
            try:
                document = await self._call(fetched, lightly=True)
            except (WorkTimedOut, WorkFailed):
                raise ParseFailed(str(error)) from error
            if not document.entries:
                raise ParseFailed(str(error)) from error
            log.warning("%s: %s; read by the lighter parser", fetched.url, error)
        if document.left_out:
            log.warning("%s: %d entries beside the newest %d", fetched.url, document.left_out, len(document.entries))
        if not document.entries and not document.version:
            kind = fetched.content_type.partition(";")[0].strip()[:60] or "no Content-Type"
            raise FetchFailed("parse", f"no feed in this document ({kind})")
        return document

    async def _call(self, fetched: FetchResult, *, lightly: bool) -> Document:
        work = (fetched.body, fetched.content_type, fetched.url, lightly)
        document: Document
        if len(fetched.body) <= _QUICK_BYTES:
            try:
                document = await self._pool.call(work, min(_QUICK_SECONDS, self._seconds))
                return document
            except WorkTimedOut:
                pass
        document = await self._slow.call(work, self._seconds)
        return document

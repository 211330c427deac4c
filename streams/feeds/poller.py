"""Polling: every feed at its own pace, from its address to the archive."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol

from yarl import URL

from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive.engine import Archive
from streams.clock import Clock, utc_now
from streams.errors import ArchiveUnavailable, FetchFailed
from streams.feeds.catalogue import Feed
from streams.feeds.fetch import Fetcher, FetchResult, Validators
from streams.feeds.guard import MAX_DEAD_BYTES, FetchLimits
from streams.feeds.ledger import Ledger
from streams.feeds.parse import ParseFailed, Parser
from streams.feeds.report import PollReport, tell
from streams.feeds.schedule import Turns, next_delay
from streams.ids import digest
from streams.records import DeadArticle

log = logging.getLogger(__name__)
_ARCHIVE_RETRY_SECONDS = 5.0
_IDLE_SECONDS = 3_600.0
_MEGABYTE = 1024 * 1024


class PollLimits(Protocol):
    """How feeds are fetched and parsed: the `poll:` section of the settings has all of these."""

    @property
    def user_agent(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def max_document_megabytes(self) -> float: ...  # noqa: D102
    @property
    def parse_timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def parse_processes(self) -> int: ...  # noqa: D102
    @property
    def concurrency(self) -> int: ...  # noqa: D102
    @property
    def allow_networks(self) -> Sequence[str]: ...  # noqa: D102


class Poller:
    """Polls a catalogue; an asynchronous context manager that owns its connections, processes and thread.

    `on_new` is called after each commit that put something into the outbox. `chance` gives numbers in [0, 1).
    """

    def __init__(
        self,
        archive: Archive,
        feeds: Sequence[Feed],
        limits: PollLimits,
        clock: Clock = utc_now,
        *,
        on_new: Callable[[], object] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._feeds = {feed.key(): feed for feed in feeds}
        self._concurrency = limits.concurrency
        self._clock = clock
        self._on_new = on_new
        self._ledger = Ledger(archive, clock, chance)
        self._fetcher = Fetcher(
            limits.user_agent,
            FetchLimits(int(limits.max_document_megabytes * _MEGABYTE), limits.timeout_seconds),
            connections=limits.concurrency,
            policy=AddressPolicy(limits.allow_networks),
        )
        self._parser = Parser(processes=limits.parse_processes, seconds=limits.parse_timeout_seconds)
        self._bodies: dict[str, bytes] = {}
        self._restarts = 0
        self._inside = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Poller:
        async with contextlib.AsyncExitStack() as entering:
            await entering.enter_async_context(self._ledger)
            await entering.enter_async_context(self._fetcher)
            await entering.enter_async_context(self._parser)
            self._inside = entering.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._inside.aclose()

    async def run(self) -> None:
        """Poll until cancelled; no failure of a feed ends it."""
        async with self:
            await self._take_turns()

    async def poll_once(self, feed: Feed) -> PollReport:
        """One poll of one feed, committed; raises nothing but cancellation."""
        failures_before = self._ledger.state(feed).failures
        try:
            report = await self._poll(feed)
        except ArchiveUnavailable as error:
            report = PollReport(feed.key(), "archive", str(error), failures=failures_before)
        except Exception as error:  # one feed must not end the polling of all others
            log.exception("feed %s: a fault of our own", feed.key())
            report = await self._failed(feed, "error", f"{type(error).__name__}: {error}")
        tell(report, failures_before)
        metrics.PROCESS_RESTARTS.labels("parse").inc(self._parser.restarts - self._restarts)
        self._restarts = self._parser.restarts
        if self._on_new is not None and (report.new or report.revised):
            self._on_new()
        return report

    async def _poll(self, feed: Feed) -> PollReport:
        state = self._ledger.state(feed)
        try:
            fetched = await self._fetcher.fetch(str(feed.url), Validators(state.etag, state.last_modified))
        except FetchFailed as error:
            return await self._failed(feed, error.outcome, str(error))
        body = hashlib.blake2b(fetched.body + b"\n" + fetched.content_type.encode("utf-8", "replace")).digest()
        if fetched.is_unchanged or self._bodies.get(feed.key()) == body:
            return await self._ledger.unchanged(feed, fetched.validators)
        try:
            document = await self._parser.parse(fetched)
        except ParseFailed as error:
            dead = dead_document(feed, fetched, str(error), self._clock())
            return await self._failed(feed, error.outcome, str(error), dead)
        except FetchFailed as error:
            return await self._failed(feed, error.outcome, str(error))
        report = await self._ledger.read(feed, fetched.validators, document, _dead_id(feed, fetched))
        self._bodies[feed.key()] = body
        return report

    async def _failed(self, feed: Feed, outcome: str, error: str, dead: DeadArticle | None = None) -> PollReport:
        try:
            return await self._ledger.failed(feed, outcome, error, dead)
        except Exception as unavailable:  # whatever it was, it is this feed's alone
            failures = self._ledger.state(feed).failures
            return PollReport(feed.key(), "archive", f"{unavailable} (while noting {error})", failures=failures)

    async def _take_turns(self) -> None:
        loop = asyncio.get_running_loop()
        turns = Turns()
        for feed in self._feeds.values():
            turns.add(feed.key(), _host(feed), loop.time() + self._first_wait(feed))
        running: dict[asyncio.Task[PollReport], Feed] = {}
        try:
            while True:
                while len(running) < self._concurrency and (key := turns.take(loop.time())) is not None:
                    running[asyncio.create_task(self.poll_once(self._feeds[key]))] = self._feeds[key]
                due = turns.next_due() if len(running) < self._concurrency else None
                wait = _IDLE_SECONDS if due is None else max(0.0, due - loop.time())
                if not running:
                    await asyncio.sleep(wait)
                    continue
                ended, _ = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    polled = running.pop(task)
                    turns.done(polled.key(), loop.time() + self._next_wait(polled, task.result()))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _first_wait(self, feed: Feed) -> float:
        """A feed that was polled before a restart keeps its turn; a new one is polled at once."""
        return min(self._until_next(feed), next_delay(feed.every_seconds, self._ledger.state(feed).failures, 1.0))

    def _next_wait(self, feed: Feed, report: PollReport) -> float:
        if report.outcome == "archive":
            return min(_ARCHIVE_RETRY_SECONDS, feed.every_seconds)
        return self._until_next(feed)

    def _until_next(self, feed: Feed) -> float:
        next_poll_at = self._ledger.state(feed).next_poll_at
        return max(0.0, (next_poll_at - self._clock()).total_seconds()) if next_poll_at else 0.0


def dead_document(feed: Feed, fetched: FetchResult, error: str, now: datetime) -> DeadArticle:
    """A document that cannot be parsed, as it is kept: once for the same bytes, `MAX_DEAD_BYTES` of it at most."""
    body = fetched.body
    if len(body) > MAX_DEAD_BYTES:
        error = f"{error} (the first {MAX_DEAD_BYTES} of {len(body)} bytes are kept)"
    return DeadArticle(
        article=_dead_id(feed, fetched),
        revision=0,
        step="parse",
        error=error,
        raw=base64.b64encode(body[:MAX_DEAD_BYTES]).decode("ascii"),
        at=now,
    )


def _dead_id(feed: Feed, fetched: FetchResult) -> str:
    return digest("document", feed.key(), hashlib.blake2b(fetched.body).hexdigest())


def _host(feed: Feed) -> str:
    url = URL(str(feed.url))
    return f"{url.host}:{url.port}"

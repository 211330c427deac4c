"""One poll of one feed, from its address to the archive."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from streams import metrics
from streams.archive.subscriptions import Push
from streams.clock import Clock
from streams.errors import ArchiveUnavailable, FetchFailed
from streams.feeds.asking import PollLimits, feed_fetcher
from streams.feeds.bulk import Hold
from streams.feeds.catalogue import Feed
from streams.feeds.fetch import Fetcher, FetchResult, Validators
from streams.feeds.guard import MAX_DEAD_BYTES
from streams.feeds.ledger import Ledger
from streams.feeds.manners import Manners, host_of_address
from streams.feeds.parse import ParseFailed, Parser
from streams.feeds.parts import Whole
from streams.feeds.report import PollReport, tell, tell_entries
from streams.feeds.weather import OUR_FAULTS, Weather
from streams.ids import digest
from streams.records import DeadArticle

log = logging.getLogger(__name__)
_FULL_EVERY = timedelta(hours=24)


class FeedReader(Whole):
    """Polls one feed at a time on demand; an asynchronous context manager that owns its connections and processes.

    `fetcher` and `parser` stand in the place of those that `limits` ask for.
    """

    def __init__(
        self,
        ledger: Ledger,
        limits: PollLimits,
        clock: Clock,
        fetcher: Fetcher | None = None,
        parser: Parser | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self.manners = Manners()
        self.weather = Weather()
        self._was_outage = False
        self._weather_changed = asyncio.Event()
        self._fetcher = fetcher or feed_fetcher(limits)
        self.parser = parser or Parser(processes=limits.parse_processes, seconds=limits.parse_timeout_seconds)
        self._bodies: dict[str, tuple[str, str]] = {}
        """The type and the fingerprint of what each feed was last read of."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._restarts = 0
        super().__init__(self._fetcher, self.parser)

    async def poll_once(self, feed: Feed) -> PollReport:
        """One poll of one feed, committed; raises nothing but cancellation."""
        async with self._alone(feed):
            return await self._poll_alone(feed)

    async def take_push(self, feed: Feed, push: Push, topic: str) -> PollReport | None:
        """Read a document that the feed's hub sent, committed; None where there is nothing to be read in it.

        Raises ArchiveUnavailable.
        """
        fetched = FetchResult(200, topic, push.body, push.content_type, Validators())
        async with self._alone(feed):
            try:
                document = await self.parser.parse(fetched)
            except FetchFailed as error:
                print_of = await self._fetcher.fingerprint(fetched.body)
                is_dead = isinstance(error, ParseFailed)
                dead = dead_document(feed, fetched, print_of, str(error), self._clock()) if is_dead else None
                await self._ledger.drop_push(feed, push.id, dead)
                metrics.PUSHES.labels("unreadable").inc()
                log.warning("feed %s (%s): what its hub sent cannot be read: %s", feed.key(), feed.called(), error)
                return None
            report = await self._ledger.take_push(feed, push.id, document)
        metrics.PUSHES.labels("read").inc()
        tell_entries(report, feed.called())
        return report

    @asynccontextmanager
    async def _alone(self, feed: Feed) -> AsyncIterator[None]:
        """A poll and a push of one feed are not read at once, as each starts from how the feed stands."""
        lock = self._locks.setdefault(feed.key(), asyncio.Lock())
        async with lock:
            yield

    async def _poll_alone(self, feed: Feed) -> PollReport:
        failures_before = self._ledger.state(feed).failures
        try:
            report = await self._poll(feed)
        except ArchiveUnavailable as error:
            report = PollReport(feed.key(), "archive", str(error), failures=failures_before)
        except Exception as error:  # one feed must not end the polling of all others
            log.exception("feed %s (%s): a fault of our own", feed.key(), feed.called())
            report = await self._failed(feed, FetchFailed("error", f"{type(error).__name__}: {error}"))
        self._note_weather(feed, report)
        tell(report, failures_before, feed.called())
        metrics.PROCESS_RESTARTS.labels("parse").inc(self.parser.restarts - self._restarts)
        self._restarts = self.parser.restarts
        return report

    async def _poll(self, feed: Feed) -> PollReport:
        state = self._ledger.state(feed)
        validators = Validators(state.etag, state.last_modified)
        if state.full_at is None or self._clock() - state.full_at >= _FULL_EVERY:
            validators = Validators()  # some servers keep an ETag over changes: a whole document now and then
            metrics.FULL_FETCHES.inc()
        async with self._fetcher.bulk.hold() as hold:
            return await self._read(feed, validators, hold)

    async def _read(self, feed: Feed, validators: Validators, hold: Hold) -> PollReport:
        try:
            fetched = await self._fetcher.fetch(self._ledger.address(feed), validators, hold)
        except FetchFailed as error:
            return await self._failed(feed, error)
        print_of = await self._fetcher.fingerprint(fetched.body)
        body = fetched.content_type, print_of
        if fetched.is_unchanged or self._bodies.get(feed.key()) == body:
            return await self._ledger.unchanged(feed, fetched)
        try:
            document = await self.parser.parse(fetched)
        except ParseFailed as error:
            dead = dead_document(feed, fetched, print_of, str(error), self._clock())
            return await self._failed(feed, error, dead)
        except FetchFailed as error:
            return await self._failed(feed, error)
        report = await self._ledger.read(feed, fetched, document, _dead_id(feed, print_of))
        self._bodies[feed.key()] = body
        return report

    async def _failed(self, feed: Feed, failure: FetchFailed, dead: DeadArticle | None = None) -> PollReport:
        self.weather.note(host_of(feed), failure.outcome, self._clock())
        ours = self.weather.is_our_outage and failure.outcome in OUR_FAULTS
        self.manners.refused(host_of(feed), feed.key(), failure)
        try:
            return await self._ledger.failed(feed, failure, dead, ours=ours)
        except Exception as unavailable:  # whatever it was, it is this feed's alone
            failures = self._ledger.state(feed).failures
            return PollReport(feed.key(), "archive", f"{unavailable} (while noting {failure})", failures=failures)

    def _note_weather(self, feed: Feed, report: PollReport) -> None:
        before = self._was_outage
        if report.outcome != "archive":
            self.weather.note(host_of(feed), report.outcome, self._clock())
        if not report.is_failure:
            self.manners.answered(host_of(feed))
        now = self._was_outage = self.weather.is_our_outage
        metrics.POLL_OUTAGE.set(now)
        hosts, failing = self.weather.hosts
        if now and not before:
            log.error("%s; feeds keep their standing", self.outage)
        elif before and not now:
            log.warning("the network is back: %d of %d hosts answer", hosts - failing, hosts)
        if now != before:
            self._weather_changed.set()

    @property
    def outage(self) -> str | None:
        """What is to be said while the network is away on our side."""
        hosts, failing = self.weather.hosts
        if not self.weather.is_our_outage:
            return None
        return f"{failing} of {hosts} hosts cannot be reached: the network here is away"

    async def weather_changes(self, seconds: float) -> None:
        """Wait until an outage of ours begins or ends, `seconds` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._weather_changed.wait()
        self._weather_changed.clear()


def dead_document(feed: Feed, fetched: FetchResult, print_of: str, error: str, now: datetime) -> DeadArticle:
    """A document that cannot be parsed, as it is kept: once for the same bytes, `MAX_DEAD_BYTES` of it at most.

    `print_of` is its fingerprint.
    """
    body = fetched.body
    if len(body) > MAX_DEAD_BYTES:
        error = f"{error} (the first {MAX_DEAD_BYTES} of {len(body)} bytes are kept)"
    return DeadArticle(
        article=_dead_id(feed, print_of),
        revision=0,
        step="parse",
        error=error,
        raw=base64.b64encode(body[:MAX_DEAD_BYTES]).decode("ascii"),
        at=now,
    )


def _dead_id(feed: Feed, print_of: str) -> str:
    return digest("document", feed.key(), print_of)


def host_of(feed: Feed) -> str:
    """The host that a feed is polled from."""
    return host_of_address(str(feed.url))

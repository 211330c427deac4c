"""Polling: every feed at its own pace, shared with the other pollers of the archive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from types import TracebackType

from streams import metrics
from streams.archive.engine import Archive
from streams.archive.leases import SHARES
from streams.archive.polls import FeedState
from streams.clock import Clock, utc_now
from streams.errors import ArchiveUnavailable
from streams.feeds.catalogue import Feed
from streams.feeds.fetch import Fetcher
from streams.feeds.ledger import Ledger
from streams.feeds.pace import JITTER, Bounds
from streams.feeds.parse import Parser
from streams.feeds.poll import FeedReader, PollLimits, host_of
from streams.feeds.report import PollReport
from streams.feeds.schedule import Turns
from streams.feeds.shares import RENEW_SECONDS, Shares, share_of
from streams.feeds.slots import Slots

log = logging.getLogger(__name__)
_ARCHIVE_RETRY_SECONDS = 5.0


class Poller:
    """Polls a catalogue; an asynchronous context manager that owns its connections, processes and thread.

    `catalogue`, where given, is asked every few seconds for the feeds as they are now. `on_new` is called after each
    commit that put something into the outbox. `chance` gives numbers in [0, 1). `fetcher` and `parser` stand in the
    place of those that `limits` ask for.
    """

    def __init__(
        self,
        archive: Archive,
        feeds: Sequence[Feed],
        limits: PollLimits,
        clock: Clock = utc_now,
        *,
        catalogue: Callable[[], Sequence[Feed]] | None = None,
        on_new: Callable[[], object] | None = None,
        chance: Callable[[], float] = random.random,
        fetcher: Fetcher | None = None,
        parser: Parser | None = None,
    ) -> None:
        self._wanted: Sequence[Feed] = feeds
        self._catalogue = catalogue
        self._feeds: dict[str, Feed] = {}
        """Those of this poller's share, by key."""
        self._slots = Slots(limits.concurrency)
        self._clock = clock
        self._on_new = on_new
        self._ledger = Ledger(archive, clock, chance, Bounds(limits.least_seconds, limits.most_seconds))
        self.reader = FeedReader(self._ledger, limits, clock, fetcher, parser)
        self._shares = Shares(archive, clock)
        self._own: frozenset[int] = frozenset()
        self._turns = Turns(limits.host_spacing_seconds)
        self._inside = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Poller:
        async with contextlib.AsyncExitStack() as entering:
            await entering.enter_async_context(self._ledger)
            await entering.enter_async_context(self.reader)
            self._inside = entering.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._inside.aclose()

    async def run(self) -> None:
        """Poll this poller's share of the feeds until cancelled; no failure of a feed ends it."""
        async with self:
            await self._renew()
            renewing = asyncio.create_task(self._keep_renewing())
            try:
                await self._take_turns()
            finally:
                renewing.cancel()
                with contextlib.suppress(ArchiveUnavailable):
                    await self._ledger.in_thread(self._shares.give_back)

    async def poll_once(self, feed: Feed) -> PollReport:
        """One poll of one feed, committed; raises nothing but cancellation."""
        report = await self.reader.poll_once(feed)
        if self._on_new is not None and (report.new or report.revised):
            self._on_new()
        return report

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._renew()

    async def _renew(self) -> None:
        """Have this poller's share anew: feeds that came to it have their turns, those that left have none."""
        try:
            renewal = await self._ledger.in_thread(self._shares.renew)
        except ArchiveUnavailable as error:
            log.warning("poller: %s", error)
            return  # polls fail on the archive too; who comes back first has the shares
        metrics.POLLERS.set(renewal.pollers)
        if renewal.own != self._own and renewal.pollers > 1:
            log.info("poller: %d of %d shares are this one's, of %d pollers", len(renewal.own), SHARES, renewal.pollers)
        self._own = renewal.own
        await self._reconcile()

    async def _reconcile(self) -> None:
        """Give turns to the feeds that came into this poller's share, and take them from those that left it."""
        if self._catalogue is not None:
            try:
                self._wanted = await self._ledger.in_thread(self._catalogue)
            except ArchiveUnavailable as error:
                log.warning("poller: %s", error)
        mine = {feed.key(): feed for feed in self._wanted if share_of(host_of(feed)) in self._own}
        for key, feed in self._feeds.items():
            if mine.get(key) != feed:
                self._turns.drop(key)
        coming = [key for key, feed in mine.items() if self._feeds.get(key) != feed]
        if coming:
            await self._ledger.load(coming)
        now = asyncio.get_running_loop().time()
        self._mind_manners([mine[key] for key in coming], now)
        for key in coming:
            feed = mine[key]
            self._turns.add(key, host_of(feed), now + self._first_wait(feed), doubtful=self._is_doubtful(feed))
        self._feeds = mine

    def _mind_manners(self, coming: Sequence[Feed], now: float) -> None:
        """Hosts that another poller asked, or this one before it was started again, are owed what they were then."""
        hosts: dict[str, list[FeedState]] = {}
        for feed in coming:
            hosts.setdefault(host_of(feed), []).append(self._ledger.state(feed))
        for host, states in hosts.items():
            if any(state.polled_at for state in states):
                alone = max(self._turns.spacing, self.reader.manners.recall(host, states, self._clock()))
                self._turns.leave_alone(host, now + alone)

    async def _take_turns(self) -> None:
        loop = asyncio.get_running_loop()
        turns, slots = self._turns, self._slots
        running: dict[asyncio.Task[PollReport], Feed] = {}
        try:
            while True:
                now = loop.time()
                while slots.is_free(now) and (key := turns.take(now, also_doubtful=slots.may_doubt())) is not None:
                    task = asyncio.create_task(self.poll_once(self._feeds[key]))
                    running[task] = self._feeds[key]
                    slots.begin(task, now, doubtful=turns.is_doubtful(key))
                next_turn = turns.next_due() if slots.is_free(now) else None
                due = min((at for at in (next_turn, slots.next_free()) if at is not None), default=now + RENEW_SECONDS)
                wait = min(RENEW_SECONDS, max(0.0, due - now))
                if not running:
                    await asyncio.sleep(wait)
                    continue
                ended, _ = await asyncio.wait(running, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    polled = running.pop(task)
                    slots.end(task)
                    now = loop.time()
                    due = now + self._next_wait(polled, task.result())
                    turns.done(polled.key(), host_of(polled), now, due, doubtful=self._is_doubtful(polled))
                    if (seconds := self.reader.manners.leave_alone(host_of(polled))) > 0:
                        turns.leave_alone(host_of(polled), now + seconds)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _is_doubtful(self, feed: Feed) -> bool:
        """Whether a feed was never read, or not the last time: it may be slow, or made to be."""
        state = self._ledger.state(feed)
        return state.read_at is None or state.failures > 0

    def _first_wait(self, feed: Feed) -> float:
        """A feed that was polled before a restart keeps its turn; a new one is polled at once."""
        wait = self._until_next(feed)
        if feed.every_seconds is None or self._ledger.state(feed).failures:
            return wait
        return min(wait, feed.every_seconds * (1 + JITTER))  # the settings may ask for more polls than before

    def _next_wait(self, feed: Feed, report: PollReport) -> float:
        if report.outcome == "archive":
            return min(_ARCHIVE_RETRY_SECONDS, feed.every_seconds or _ARCHIVE_RETRY_SECONDS)
        return self._until_next(feed)

    def _until_next(self, feed: Feed) -> float:
        next_poll_at = self._ledger.state(feed).next_poll_at
        return max(0.0, (next_poll_at - self._clock()).total_seconds()) if next_poll_at else 0.0

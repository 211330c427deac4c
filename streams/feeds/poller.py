"""Polling: every feed at its own pace, shared with the other pollers of the archive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence

from streams import metrics
from streams.archive.engine import Archive
from streams.archive.leases import SHARES
from streams.archive.polls import FeedState
from streams.clock import Clock, utc_now
from streams.errors import ArchiveUnavailable
from streams.feeds.asking import PageLimits, PollLimits
from streams.feeds.catalogue import Feed
from streams.feeds.errands import ErrandDesk, Errands
from streams.feeds.fetch import Fetcher
from streams.feeds.ledger import Ledger
from streams.feeds.manners import host_of_address
from streams.feeds.pace import JITTER, Bounds
from streams.feeds.page_reader import PageReader
from streams.feeds.page_text import FullText
from streams.feeds.parse import Parser
from streams.feeds.parts import Whole
from streams.feeds.poll import FeedReader, host_of
from streams.feeds.push_reader import PushReader
from streams.feeds.report import PollReport
from streams.feeds.schedule import Bucket, Turns
from streams.feeds.shares import RENEW_SECONDS, Shares, share_of
from streams.feeds.slots import Slots
from streams.feeds.subscriber import Subscriber

log = logging.getLogger(__name__)
_ARCHIVE_RETRY_SECONDS = 5.0


class Poller(Whole):
    """Polls a catalogue; an asynchronous context manager that owns its connections, processes and thread.

    `catalogue`, where given, is asked every few seconds for the feeds as they are now. `on_new` is called after each
    commit that put something into the outbox. `pages`, where given, says how the pages of articles are fetched.
    `callbacks`, where given, is the address that callbacks of hubs begin with; empty, no feed is subscribed to.
    `bucket` bounds what one host is asked for in the long run. `chance` gives numbers in [0, 1). `fetcher` and
    `parser` stand in the place of those that `limits` ask for.
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
        pages: PageLimits | None = None,
        callbacks: str | None = None,
        bucket: Bucket | None = None,
        chance: Callable[[], float] = random.random,
        fetcher: Fetcher | None = None,
        parser: Parser | None = None,
    ) -> None:
        self._wanted: Sequence[Feed] = feeds
        self._catalogue = catalogue
        self._all: dict[str, Feed] = {}
        """Those of all pollers, by key."""
        self._feeds: dict[str, Feed] = {}
        """Those of this poller's share, by key."""
        self._slots = Slots(limits.concurrency)
        self._clock = clock
        self._on_new = on_new
        full_text: FullText = pages.full_text if pages is not None else "never"
        self._ledger = Ledger(archive, clock, chance, Bounds(limits.least_seconds, limits.most_seconds), full_text)
        self.reader = FeedReader(self._ledger, limits, clock, fetcher, parser)
        self.pages = PageReader(archive, self._ledger, pages, clock, self.reader.manners, on_new) if pages else None
        sources: list[Errands] = [self.pages] if self.pages is not None else []
        self._subscriber: Subscriber | None = None
        self._push_reader: PushReader | None = None
        if callbacks is not None:
            self._subscriber = Subscriber(archive, self._ledger, limits, clock, callbacks, lambda: self._all)
            sources.insert(0, self._subscriber)  # of these there are few
            self._push_reader = PushReader(archive, self._ledger, self.reader, lambda: self._feeds, self._pushed)
        self._came = asyncio.Event()
        """There are new turns."""
        self._shares = Shares(archive, clock)
        self._own: frozenset[int] = frozenset()
        self._turns = Turns(limits.host_spacing_seconds, bucket)
        self._desk = ErrandDesk(sources, self._turns, self._came, max(1, limits.concurrency // 2))
        parts = (self._ledger, self.reader, self.pages, self._subscriber)
        super().__init__(*(part for part in parts if part is not None))

    @property
    def owner(self) -> str:
        """What this poller's leases call it."""
        return self._shares.owner

    async def run(self) -> None:
        """Poll this poller's share of the feeds until cancelled; no failure of a feed ends it."""
        async with self:
            await self._renew()
            work = [self._take_turns(), self._keep_renewing()]
            if self._desk.sources:
                work.append(self._desk.keep_looking(lambda: self._own))
            if self._push_reader is not None:
                work.append(self._push_reader.run())
            tasks = [asyncio.create_task(one) for one in work]
            try:
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()  # none ends but by a fault: better all end than one unnoticed
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                with contextlib.suppress(ArchiveUnavailable):
                    await self._ledger.in_thread(self._shares.give_back)

    async def poll_once(self, feed: Feed) -> PollReport:
        """One poll of one feed, committed; raises nothing but cancellation."""
        report = await self.reader.poll_once(feed)
        self._tell(report)
        return report

    def _pushed(self, feed: Feed, report: PollReport | None) -> None:
        if report is not None:
            self._tell(report)
        elif feed.key() in self._feeds:  # something is new there, so it is fetched
            self._turns.add(feed.key(), self._host(feed), asyncio.get_running_loop().time())
            self._came.set()

    def _tell(self, report: PollReport) -> None:
        if report.new or report.revised:
            self._desk.look.set()
            if self._on_new is not None:
                self._on_new()

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._renew()

    async def _renew(self) -> None:
        """Have this poller's share anew: feeds that came to it have their turns, those that left have none."""
        try:
            renewal = await self._ledger.in_thread(self._shares.renew)
            metrics.POLLERS.set(renewal.pollers)
            if renewal.own != self._own and renewal.pollers > 1:
                own, all_shares = len(renewal.own), SHARES
                log.info("poller: %d of %d shares are this one's, of %d pollers", own, all_shares, renewal.pollers)
            self._own = renewal.own
            await self._reconcile()
        except ArchiveUnavailable as error:  # polls fail on the archive too; who comes back first has the shares
            log.warning("poller: %s", error)

    async def _reconcile(self) -> None:
        """Give turns to the feeds that came into this poller's share, and take them from those that left it."""
        if self._catalogue is not None:
            self._wanted = await self._ledger.in_thread(self._catalogue)
        self._all = {feed.key(): feed for feed in self._wanted}
        mine = {key: feed for key, feed in self._all.items() if share_of(host_of(feed)) in self._own}
        for key, feed in self._feeds.items():
            if mine.get(key) != feed:
                self._turns.drop(key)
        coming = [key for key, feed in mine.items() if self._feeds.get(key) != feed]
        if coming:
            await self._ledger.load(coming)
        if self._subscriber is not None:
            await self._ledger.load_pushed()
        now = asyncio.get_running_loop().time()
        self._mind_manners([mine[key] for key in coming], now)
        for key in coming:
            feed = mine[key]
            self._turns.add(key, self._host(feed), now + self._first_wait(feed), doubtful=self._is_doubtful(feed))
        self._feeds = mine
        self._came.set()

    def _host(self, feed: Feed) -> str:
        """Where a feed is asked for, which may not be where it was added."""
        return host_of_address(self._ledger.address(feed))

    def _mind_manners(self, coming: Sequence[Feed], now: float) -> None:
        """Hosts that another poller asked, or this one before it was started again, are owed what they were then."""
        hosts: dict[str, list[FeedState]] = {}
        for feed in coming:
            hosts.setdefault(self._host(feed), []).append(self._ledger.state(feed))
        for host, states in hosts.items():
            if any(state.polled_at for state in states):
                alone = max(self._turns.spacing, self.reader.manners.recall(host, states, self._clock()))
                self._turns.leave_alone(host, now + alone)

    async def _take_turns(self) -> None:
        loop = asyncio.get_running_loop()
        turns, slots = self._turns, self._slots
        running: dict[asyncio.Task[float], tuple[str, str]] = {}
        came = asyncio.create_task(self._came.wait())
        try:
            while True:
                now = loop.time()
                while slots.is_free(now) and (key := turns.take(now, also_doubtful=slots.may_doubt())) is not None:
                    errand = self._desk.in_hand.get(key)
                    task = asyncio.create_task(errand.done() if errand else self._poll(self._feeds[key]))
                    running[task] = key, turns.host(key)
                    slots.begin(task, now, doubtful=turns.is_doubtful(key))
                next_turn = turns.next_due() if slots.is_free(now) else None
                due = min((at for at in (next_turn, slots.next_free()) if at is not None), default=now + RENEW_SECONDS)
                wait = min(RENEW_SECONDS, max(0.0, due - now))
                ended, _ = await asyncio.wait([*running, came], timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                if came in ended:
                    self._came.clear()
                    came = asyncio.create_task(self._came.wait())
                for task in ended & running.keys():
                    key, host = running.pop(task)
                    slots.end(task)
                    self._end_turn(key, host, loop.time(), task.result())
        finally:
            came.cancel()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _poll(self, feed: Feed) -> float:
        """The seconds until the feed's next turn."""
        return self._next_wait(feed, await self.poll_once(feed))

    def _end_turn(self, key: str, host: str, now: float, wait: float) -> None:
        if not self._desk.end(key, host, now, wait):
            feed = self._feeds.get(key)
            doubtful = feed is not None and self._is_doubtful(feed)
            self._turns.done(key, host, now, now + wait, doubtful=doubtful)
            if feed is not None and self._host(feed) != host:
                self._turns.add(key, self._host(feed), now + wait, doubtful=doubtful)
        if (seconds := self.reader.manners.leave_alone(host)) > 0:
            self._turns.leave_alone(host, now + seconds)

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

"""Pages of articles: robots.txt asked, page fetched, its text read in another process, a revision published."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from streams import metrics
from streams.archive import pages
from streams.archive.engine import Archive
from streams.archive.pages import Page, RobotsRow
from streams.archive.polls import locked, write_full_text
from streams.clock import Clock
from streams.errors import ArchiveUnavailable, FetchFailed, MovedElsewhere
from streams.feeds.asking import PageLimits, page_fetcher
from streams.feeds.errands import Errand
from streams.feeds.guard import MAX_REDIRECTS
from streams.feeds.ledger import Ledger
from streams.feeds.link import web_address
from streams.feeds.manners import Manners, host_of_address
from streams.feeds.page_fate import REFUSALS, REFUSED_FOR, asks_to_wait, is_refusal, retry_wait
from streams.feeds.page_parser import PageParser
from streams.feeds.page_text import with_page
from streams.feeds.parts import Whole
from streams.feeds.robots import origin_of
from streams.feeds.shares import share_of
from streams.feeds.site_rules import SiteRules
from streams.ids import digest

log = logging.getLogger(__name__)
_KEPT = timedelta(days=30)
_TOO_LATE = timedelta(hours=24)
_FORGET_EVERY = timedelta(hours=1)
_COUNT_EVERY = timedelta(seconds=10)
_ROUNDS = 5


class PageReader(Whole):
    """The errands over pages; an asynchronous context manager that owns its connections and its process.

    `on_new` is called after each revision that was put into the outbox.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        limits: PageLimits,
        clock: Clock,
        manners: Manners,
        on_new: Callable[[], object] | None = None,
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._manners = manners
        self._on_new = on_new
        self._sites = SiteRules(limits)
        self._fetcher = page_fetcher(limits)
        self.parser = PageParser(limits.parse_timeout_seconds)
        self._refusals: dict[str, int] = {}
        """In a row, by host."""
        self._forgot_at: datetime | None = None
        self._counted_at: datetime | None = None
        super().__init__(self._sites, self._fetcher, self.parser)

    async def due(self, own: frozenset[int], busy: frozenset[str], room: int) -> list[Errand]:
        """The pages to be fetched, and each site's robots.txt before them; see `Errands`."""
        return await self._ledger.in_thread(lambda: self._due(own, busy, room))

    def _due(self, own: frozenset[int], busy: frozenset[str], room: int) -> list[Errand]:
        now = self._clock()
        if self._forgot_at is None or now - self._forgot_at > _FORGET_EVERY:
            with self._archive.begin() as connection:
                pages.forget(connection, now - _KEPT)
            self._forgot_at = now
        if self._counted_at is None or now - self._counted_at > _COUNT_EVERY:
            with self._archive.read() as connection:
                metrics.PAGES_WAITING.set(pages.waiting(connection))
            self._counted_at = now
        errands: dict[str, Errand] = {}
        for _ in range(_ROUNDS):  # pages that may not be fetched make room for others of their host
            with self._archive.read() as connection:
                found = pages.due(connection, own, busy | errands.keys(), now, room - len(errands))
                rows = [self._sites.known(connection, origin_of(page.url), now) for page in found]
            barred = []
            for page, row in zip(found, rows, strict=True):
                errand = self._errand(page, row, now)
                if errand is not None:
                    errands[page.host] = errand
                elif row is not None:
                    barred.append((page, row))
            if not barred:
                break
            with self._archive.begin() as connection:
                for page, row in barred:
                    _bar(connection, page, row, now)
        return list(errands.values())

    def _errand(self, page: Page, row: RobotsRow | None, now: datetime) -> Errand | None:
        """What comes next for a page; None where it may not be fetched, or not now."""
        origin = origin_of(page.url)
        if row is None or row.until <= now:
            return Errand(f"robots {origin}", page.host, partial(self._ask_robots, origin, row))
        rules = self._sites.rules(row)
        if not rules.allows(page.url) or now - page.added_at > _TOO_LATE:
            return None
        return Errand(f"page {page.article}", page.host, partial(self._visit, page, rules.delay))

    async def _ask_robots(self, origin: str, before: RobotsRow | None) -> float:
        row = await self._sites.ask(origin, before, self._clock())
        await self._write(lambda connection: pages.keep_robots(connection, row))
        return 0.0

    async def _visit(self, page: Page, delay: float) -> float:
        """Fetch and read a page; the seconds that its site wants between requests."""
        try:
            text = await self.parser.read(await self._fetcher.fetch(page.url, follow=False))
        except MovedElsewhere as moved:
            await self._move(page, moved)
        except FetchFailed as error:
            await self._fail(page, error)
        else:
            self._manners.answered(page.host)
            self._refusals.pop(page.host, None)
            published = await self._write(partial(self._publish, page, text))
            if published and self._on_new is not None:
                self._on_new()
        return delay

    def _publish(self, page: Page, text: str, connection: Connection) -> bool:
        """Write down what a page says; whether its article says more now."""
        now = self._clock()
        current = locked(connection, [page.article]).get(page.article)
        teaser = pages.teaser(connection, page.article)
        if current is None or teaser is None:
            return False  # nobody waits for it any more
        name = digest("page", text)
        if pages.is_elsewhere_too(connection, page.feed, name, page.article):
            pages.done(connection, page.article, "nothing", error="it says the same as the page of another article")
            metrics.PAGES.labels("nothing").inc()
            return False
        article = with_page(replace(current, text=teaser), text)
        state = "nothing" if article is None else "read"
        pages.done(connection, page.article, state, text=text, text_hash=name)
        metrics.PAGES.labels(state).inc()
        if article is None or article.text == current.text:
            return False
        write_full_text(connection, replace(article, revision=current.revision + 1), now)
        return True

    async def _move(self, page: Page, moved: MovedElsewhere) -> None:
        url = web_address(moved.location, page.url)
        if url is None or page.hops >= MAX_REDIRECTS:
            await self._fail(page, FetchFailed("refused" if url is None else "http", str(moved), status=moved.status))
            return
        host = host_of_address(url)
        now = self._clock()
        await self._write(lambda connection: pages.moved(connection, page.article, url, host, share_of(host), now))
        metrics.PAGES.labels("moved").inc()

    async def _fail(self, page: Page, failure: FetchFailed) -> None:
        metrics.PAGES.labels(failure.outcome).inc()
        now = self._clock()
        if asks_to_wait(failure):
            self._manners.refused(page.host, page.article, failure)
        refusals = self._refusals.pop(page.host, 0) + 1 if is_refusal(failure) else 0
        if refusals:
            self._refusals[page.host] = refusals
        wait = retry_wait(failure, page.tries + 1)
        error = str(failure).encode("utf-8", "replace").decode()

        def write(connection: Connection) -> None:
            if wait is None:
                pages.done(connection, page.article, "failed", error=error)
            else:
                pages.again(connection, page.article, now + timedelta(seconds=wait), error)
            if refusals >= REFUSALS:  # the count stands: one more refusal after that time, and it is left alone again
                pages.put_off(connection, page.host, now + REFUSED_FOR)

        await self._write(write)
        if refusals == REFUSALS:
            log.info("%s gives us no pages (%s): they are left alone for a while", page.host, error)

    async def _write(self, write: Callable[[Connection], bool | None]) -> bool:
        """Write on the archive; where it is away the errand comes again."""

        def work() -> bool:
            with self._archive.begin() as connection:
                return bool(write(connection))

        with contextlib.suppress(ArchiveUnavailable):
            return await self._ledger.in_thread(work)
        return False


def _bar(connection: Connection, page: Page, row: RobotsRow, now: datetime) -> None:
    """A page that may not be fetched: not at all, or not while its site's robots.txt cannot be had."""
    if now - page.added_at > _TOO_LATE:
        pages.done(connection, page.article, "failed", error="its turn did not come within a day")
    elif row.outcome == "unreachable":
        pages.put_off(connection, page.host, row.until)
    else:
        pages.done(connection, page.article, "failed", error="its site's robots.txt does not allow it")
        metrics.PAGES.labels("robots").inc()

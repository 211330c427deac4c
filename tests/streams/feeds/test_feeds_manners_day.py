"""A day of polling in virtual time, with restarts, watched from the servers' side: no breach of manners."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import pytest
from virtual_time import VirtualLoop, run

from streams.archive.engine import Archive
from streams.errors import FetchFailed
from streams.feeds.bulk import Hold
from streams.feeds.catalogue import Feed
from streams.feeds.document import Document
from streams.feeds.fetch import Fetcher, FetchResult, Validators
from streams.feeds.hints import LONGEST_HINT_SECONDS, cache_seconds
from streams.feeds.parse import Parser
from streams.feeds.parse_process import parse_document
from streams.feeds.poller import Poller
from streams.feeds.shares import Shares

SPACING = 2.0
HOURS = 3_600.0
REFUSED_FOR = 1_800.0


class Inline(Parser):
    """Parses in this process, in no time."""

    def __init__(self) -> None:
        super().__init__()

    async def __aenter__(self) -> Parser:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def parse(self, fetched: FetchResult) -> Document:
        return parse_document(fetched.body, fetched.content_type, fetched.url)


@dataclass
class Page:
    """A feed as its server has it."""

    rate: float
    """Items an hour."""
    headers: dict[str, str]
    ttl_minutes: int
    operators_word: bool
    not_before: float = 0.0
    """The server asked not to be asked before."""
    told_validators: bool = False
    full: list[float] = field(default_factory=list)
    """When it was asked for without validators, though it had given some."""
    asked: int = 0


class World(Fetcher):
    """Servers of feeds; notes each breach of manners as a line."""

    def __init__(self, loop: VirtualLoop, pages: dict[str, Page], refusing: dict[str, tuple[float, float]]) -> None:
        super().__init__("test/1")
        self._loop, self._pages, self._refusing = loop, pages, refusing
        self._chance = random.Random(7)
        self._busy: set[str] = set()
        self._answered: dict[str, float] = {}
        self._host_not_before: dict[str, float] = {}
        self._refusals: dict[str, list[str]] = defaultdict(list)
        self.breaches: list[str] = []
        self.statuses: Counter[int] = Counter()

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def fetch(self, url: str, validators: Validators | None = None, hold: Hold | None = None) -> FetchResult:
        del hold  # nothing here takes memory
        host, page, now = url.split("/")[2], self._pages[url], self._loop.time()
        self._judge(url, host, page, validators or Validators(), now)
        self._busy.add(host)
        try:
            await asyncio.sleep(self._chance.uniform(0.05, 3.0))
            return self._answer(url, host, page, validators or Validators())
        finally:
            self._busy.discard(host)
            self._answered[host] = self._loop.time()

    def _judge(self, url: str, host: str, page: Page, validators: Validators, now: float) -> None:
        page.asked += 1
        if host in self._busy:
            self.breaches.append(f"{now:.1f} {url}: two requests at once")
        since = now - self._answered.get(host, -SPACING)
        if since < SPACING - 1e-6:
            self.breaches.append(f"{now:.1f} {url}: {since:.3f} s after the host's last request")
        if now < page.not_before - 1e-6:
            self.breaches.append(f"{now:.1f} {url}: {page.not_before - now:.1f} s before the server's hint")
        if now < self._host_not_before.get(host, 0.0) - 1e-6:
            self.breaches.append(f"{now:.1f} {url}: before the time its whole host asked for")
        if page.told_validators and validators.etag is None:
            page.full.append(now)

    def _answer(self, url: str, host: str, page: Page, validators: Validators) -> FetchResult:
        now = self._loop.time()
        begin, end = self._refusing.get(host, (0.0, 0.0))
        if begin <= now < end:
            self.statuses[429] += 1
            page.not_before = now + REFUSED_FOR
            refusals = self._refusals[host]
            refusals.append(url)
            if len(refusals) >= 3 and len(set(refusals)) >= 2:
                self._host_not_before[host] = now + REFUSED_FOR
            raise FetchFailed("block", "status 429 Too Many Requests", REFUSED_FOR)
        self._refusals[host].clear()
        items = int(page.rate * now / HOURS) + 1
        etag = f'"{items}"'
        hint = cache_seconds(page.headers, self._loop.clock())
        if not page.operators_word:
            page.not_before = now + min(max(hint or 0.0, page.ttl_minutes * 60.0), LONGEST_HINT_SECONDS)
        page.told_validators = True
        if validators.etag == etag:
            self.statuses[304] += 1
            return FetchResult(304, url, b"", "", validators, hint)
        self.statuses[200] += 1
        return FetchResult(200, url, _rss(url, items, page.ttl_minutes), "text/xml", Validators(etag), hint)


def _rss(url: str, items: int, ttl: int) -> bytes:
    entries = "".join(
        f"<item><title>n{n}</title><guid isPermaLink='false'>{n}</guid></item>"
        for n in range(max(0, items - 15), items)
    )
    told = f"<ttl>{ttl}</ttl>" if ttl else ""
    return f"<rss version='2.0'><channel><title>{url}</title>{told}{entries}</channel></rss>".encode()


def a_world(feeds: int, hosts: int, hours: float) -> tuple[list[Feed], dict[str, Page], dict[str, tuple[float, float]]]:
    chance = random.Random(11)
    listed, pages = [], {}
    for number in range(feeds):
        url = f"http://host-{number % hosts}.example/{number}"
        age = chance.choice((0, 0, 0, 60, 900, 1_800, 7_200, 40_000))
        headers = {"Cache-Control": f"max-age={age}"} if age else {}
        word = chance.random() < 0.1
        pages[url] = Page(chance.choice((0.05, 0.5, 2.0, 8.0)), headers, chance.choice((0, 0, 0, 20, 120)), word)
        listed.append(Feed(url=url, id=f"feed-{number}", every_seconds=600 if word else None))  # type: ignore[arg-type]
    refusing = {
        f"host-{host}.example": (begin := chance.uniform(0.1, 0.6) * hours * HOURS, begin + 2 * HOURS)
        for host in range(hosts // 5)
    }
    return listed, pages, refusing


async def a_day(
    loop: VirtualLoop, archive: Archive, limits: Any, size: tuple[int, int, float], crash: pytest.MonkeyPatch
) -> tuple[World, dict[str, Page]]:
    """Poll for so many hours, with four restarts, two of which leave their leases behind as a crash does."""
    feeds, pages, refusing = a_world(*size)
    world = World(loop, pages, refusing)
    chance = random.Random(5)
    parts = 5
    for part in range(parts):
        poller = Poller(archive, feeds, limits, loop.clock, chance=chance.random, fetcher=world, parser=Inline())
        running = asyncio.create_task(poller.run())
        await asyncio.wait([running], timeout=size[2] * HOURS / parts)
        assert not running.done()
        with crash.context() as patch:
            if part % 2:
                patch.setattr(Shares, "give_back", lambda _self: None)
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
    return world, pages


LARGE = (500, 20, 24.0) if os.environ.get("NEWSWATCH_WHOLE_DAY") else (120, 10, 8.0)
"""A whole day of many feeds takes more than two minutes of processor: `make manners-day`."""


@pytest.mark.parametrize(("feeds", "hosts", "hours"), [(40, 5, 4.0), pytest.param(*LARGE, marks=pytest.mark.slow)])
@pytest.mark.timeout(1800)
def test_no_breach_of_manners_in_a_day(
    sqlite_archive: Archive, limits: Any, monkeypatch: pytest.MonkeyPatch, feeds: int, hosts: int, hours: float
) -> None:
    monkeypatch.setattr("streams.feeds.poller.RENEW_SECONDS", 300.0)  # one poller alone: leases are another test's
    limits = replace(limits, host_spacing_seconds=SPACING, concurrency=16)
    world, pages = run(lambda loop: a_day(loop, sqlite_archive, limits, (feeds, hosts, hours), monkeypatch))
    asked = sum(page.asked for page in pages.values())
    print(
        f"{asked} requests, {dict(world.statuses)}, "
        f"{sum(bool(page.full) for page in pages.values())} feeds asked for in full again"
    )
    assert world.breaches == []
    assert min(page.asked for page in pages.values()) >= 1
    assert world.statuses[304] > feeds
    assert world.statuses[429] > 0
    assert [page.full for page in pages.values() if page.full and page.full[0] < 23.9 * HOURS] == []

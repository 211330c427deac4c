"""One look at the page of an article: whether it may be fetched, and what is read on it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from streams.clock import utc_now
from streams.errors import FetchFailed, MovedElsewhere
from streams.feeds.asking import PageLimits, page_fetcher
from streams.feeds.guard import MAX_REDIRECTS
from streams.feeds.link import web_address
from streams.feeds.page_parser import PageParser
from streams.feeds.robots import origin_of
from streams.feeds.site_rules import SiteRules


@dataclass(frozen=True, slots=True)
class PageProbe:
    """What one look at a page found."""

    url: str
    """After redirects."""
    robots: str
    """Of its site's robots.txt: `allowed`, `not allowed`, or `unreachable`, where no page is fetched."""
    characters: int = 0
    """Of the text on it."""
    problem: str | None = None
    """Why there is none."""


async def probe_page(url: str, limits: PageLimits, spacing_seconds: float) -> PageProbe:
    """Fetch a page as the poller would, with `spacing_seconds` before each request; raises nothing of the network."""
    async with AsyncExitStack() as inside:
        sites = await inside.enter_async_context(SiteRules(limits))
        fetcher = await inside.enter_async_context(page_fetcher(limits))
        parser = await inside.enter_async_context(PageParser(limits.parse_timeout_seconds))
        here = url
        for _ in range(MAX_REDIRECTS + 1):
            await asyncio.sleep(spacing_seconds)
            row = await sites.ask(origin_of(here), None, utc_now())
            if row.outcome == "unreachable":
                return PageProbe(here, "unreachable", problem=row.error)
            if not sites.rules(row).allows(here):
                return PageProbe(here, "not allowed")
            await asyncio.sleep(spacing_seconds)
            try:
                text = await parser.read(await fetcher.fetch(here, follow=False))
            except MovedElsewhere as moved:
                there = web_address(moved.location, here)
                if there is None:
                    return PageProbe(here, "allowed", problem=str(moved))
                here = there
            except FetchFailed as error:
                return PageProbe(here, "allowed", problem=str(error))
            else:
                return PageProbe(here, "allowed", len(text))
    return PageProbe(here, "allowed", problem=f"more than {MAX_REDIRECTS} redirects")

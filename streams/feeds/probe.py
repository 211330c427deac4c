"""One look at an address: what it answers, what is in it, and how it would be polled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from streams.clock import utc_now
from streams.errors import FetchFailed
from streams.feeds.asking import PageLimits, PollLimits, feed_fetcher
from streams.feeds.discover import Advertised, advertised_feeds
from streams.feeds.document import Entry
from streams.feeds.fetch import FetchResult
from streams.feeds.pace import Answer, Bounds, Reason, next_wait
from streams.feeds.page_probe import PageProbe, probe_page
from streams.feeds.page_text import is_teaser
from streams.feeds.parse import Parser
from streams.feeds.rhythm import Rhythm, observed

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Probe:
    """What one look at an address found."""

    url: str
    """As asked for."""
    found_at: str
    """After redirects."""
    moved_to: str | None
    """Where it is for good, as its server says."""
    bytes: int
    content_type: str
    conditional: bool
    """Whether the server gave validators, so that an unchanged feed costs next to nothing."""
    version: str
    """Of the feed; empty where there is none."""
    title: str
    entries: tuple[Entry, ...]
    repeats: int
    hint_seconds: float | None
    next_seconds: float
    """Until the next poll, had this been the first."""
    pace: Reason
    newest: datetime | None
    advertised: tuple[Advertised, ...]
    """Feeds that the page names, where it is no feed itself."""
    hub: str | None = None
    """The WebSub hub that the feed names."""
    teasers: int = 0
    """Entries that give a teaser only, as far as it shows."""
    page: PageProbe | None = None
    """Of the newest entry whose page would be fetched."""

    @property
    def is_feed(self) -> bool:
        """Whether there is a feed at the address."""
        return bool(self.version or self.entries)


class ProbeLimits(PollLimits, PageLimits, Protocol):
    """How feeds and pages are fetched: the `poll:` section of the settings has all of this."""


async def probe_address(url: str, limits: ProbeLimits, *, with_page: bool = True) -> Probe:
    """Fetch and read an address once, and a page of it where pages are wanted; raises FetchFailed."""
    async with feed_fetcher(limits) as fetcher:
        fetched = await fetcher.fetch(url)
    found = await _read(url, fetched, limits)
    if limits.full_text == "never" or not with_page:
        return found
    wanted = [one for one in found.entries if one.url and (limits.full_text == "always" or is_teaser(one.text))]
    newest = max(wanted, key=lambda one: one.published or _LONG_AGO, default=None)
    if newest is None or newest.url is None:
        return found
    return replace(found, page=await probe_page(newest.url, limits, limits.host_spacing_seconds))


async def _read(url: str, fetched: FetchResult, limits: PollLimits) -> Probe:
    version, title, repeats = "", "", 0
    entries: tuple[Entry, ...] = ()
    ttl: float | None = None
    hub = fetched.hub_links.hub
    async with Parser(processes=1, seconds=limits.parse_timeout_seconds) as parser:
        try:
            document = await parser.parse(fetched)
        except FetchFailed:
            pass  # no feed: what the answer says of one comes below
        else:
            version, title, entries = document.version, document.title, document.entries
            repeats, ttl = document.repeats, document.hint_seconds
            hub = fetched.hub_links.over(document.hub_links).hub
    now = utc_now()
    dates = [entry.published for entry in entries]
    rhythm = observed(Rhythm(), now, dates, len(entries)) if entries else Rhythm()
    hint = max((one for one in (fetched.hint_seconds, ttl) if one is not None), default=None)
    wait = next_wait(
        None, rhythm, Answer("ok", hint_seconds=hint), now, Bounds(limits.least_seconds, limits.most_seconds), 0.0
    )
    return Probe(
        url=url,
        found_at=fetched.url,
        moved_to=fetched.moved_to,
        bytes=len(fetched.body),
        content_type=fetched.content_type,
        conditional=bool(fetched.validators.etag or fetched.validators.last_modified),
        version=version,
        title=title,
        entries=entries,
        repeats=repeats,
        hint_seconds=hint,
        next_seconds=wait.seconds,
        pace=wait.reason,
        newest=max((date for date in dates if date is not None and date <= now), default=None),
        hub=hub,
        teasers=sum(bool(one.url) and is_teaser(one.text) for one in entries),
        advertised=() if version or entries else tuple(advertised_feeds(fetched.body, fetched.url)),
    )

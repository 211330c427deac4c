"""Every site's robots.txt: asked for when it is needed, kept in the archive, the newest in memory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Protocol

from sqlalchemy import Connection

from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive import pages
from streams.archive.pages import RobotsRow
from streams.errors import FetchFailed
from streams.feeds import robots
from streams.feeds.fetch import Fetcher
from streams.feeds.guard import FetchLimits

log = logging.getLogger(__name__)
_MOST_SITES = 5_000


class SiteLimits(Protocol):
    """How a robots.txt is fetched: the `poll:` section of the settings has all of these."""

    @property
    def user_agent(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def allow_networks(self) -> Sequence[str]: ...  # noqa: D102


class SiteRules:
    """What sites allow us; an asynchronous context manager that owns its connections."""

    def __init__(self, limits: SiteLimits) -> None:
        self._agent = robots.product_token(limits.user_agent)
        self._fetcher = Fetcher(
            limits.user_agent,
            FetchLimits(robots.MAX_BYTES, limits.timeout_seconds, cut=True),
            policy=AddressPolicy(limits.allow_networks),
            accept="text/plain, */*;q=0.1",
            coding="identity",  # what is longer is cut, not refused
        )
        self._sites: dict[str, tuple[RobotsRow, robots.Rules]] = {}
        self._inside = AsyncExitStack()

    async def __aenter__(self) -> SiteRules:
        await self._inside.enter_async_context(self._fetcher)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._inside.aclose()

    def known(self, connection: Connection, origin: str, now: datetime) -> RobotsRow | None:
        """What is known of a site, which may be out of date; of another poller's asking too."""
        site = self._sites.get(origin)
        return site[0] if site is not None and site[0].until > now else pages.robots_of(connection, origin)

    def rules(self, row: RobotsRow) -> robots.Rules:
        """The rules that a row stands for."""
        site = self._sites.get(row.origin)
        if site is None or site[0] != row:
            if len(self._sites) >= _MOST_SITES:
                self._sites.pop(next(iter(self._sites)))
            site = self._sites[row.origin] = (row, robots.rules_of(row, self._agent))
        return site[1]

    async def ask(self, origin: str, before: RobotsRow | None, now: datetime) -> RobotsRow:
        """Fetch a site's robots.txt, redirects and all; never raises FetchFailed, as no answer says something too."""
        try:
            fetched = await self._fetcher.fetch(f"{origin}/robots.txt")
            row = robots.answered(origin, fetched.body, fetched.hint_seconds, now)
        except FetchFailed as error:
            row = robots.failed(origin, before, error, now)
        metrics.ROBOTS.labels(row.outcome).inc()
        if row.outcome == "unreachable":
            log.info("%s: no page is fetched while its robots.txt cannot be had (%s)", origin, row.error)
        return row

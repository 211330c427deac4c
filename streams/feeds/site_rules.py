"""Every site's robots.txt: asked for when it is needed, kept in the archive, the newest in memory."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import Connection

from streams import metrics
from streams.archive import pages
from streams.archive.pages import RobotsRow
from streams.errors import FetchFailed
from streams.feeds import robots
from streams.feeds.asking import AskLimits, robots_fetcher
from streams.feeds.parts import Whole

log = logging.getLogger(__name__)
_MOST_SITES = 5_000


class SiteRules(Whole):
    """What sites allow us; an asynchronous context manager that owns its connections."""

    def __init__(self, limits: AskLimits) -> None:
        self._agent = robots.product_token(limits.user_agent)
        self._fetcher = robots_fetcher(limits, robots.MAX_BYTES)
        self._sites: dict[str, tuple[RobotsRow, robots.Rules]] = {}
        super().__init__(self._fetcher)

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

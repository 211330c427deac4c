"""Reading what hubs sent, as it comes into the archive, for the feeds of one poller."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from streams.archive import subscriptions
from streams.archive.engine import Archive
from streams.archive.subscriptions import Push
from streams.errors import ArchiveUnavailable
from streams.feeds.catalogue import Feed
from streams.feeds.ledger import Ledger
from streams.feeds.poll import FeedReader
from streams.feeds.report import PollReport

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25
_AWAY_SECONDS = 5.0
_AT_ONCE = 500


class PushReader:
    """Looks for documents until cancelled.

    `feeds` gives the feeds of this poller, by key. `done` is called after each document, with the report, or None
    where nothing could be read in it.
    """

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        reader: FeedReader,
        feeds: Callable[[], Mapping[str, Feed]],
        done: Callable[[Feed, PollReport | None], object],
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._reader = reader
        self._feeds = feeds
        self._done = done

    async def run(self) -> None:
        """Read every document that comes; only cancellation ends it."""
        while True:
            try:
                await self.read_waiting()
            except ArchiveUnavailable as error:
                log.warning("poller: %s", error)
                await asyncio.sleep(_AWAY_SECONDS)
            await asyncio.sleep(_LOOK_SECONDS)

    async def read_waiting(self) -> None:
        """Read what waits now; raises ArchiveUnavailable."""
        for name, key in await self._ledger.in_thread(self._waiting):
            feed = self._feeds().get(key)
            if feed is None:
                continue  # another poller's
            found = await self._ledger.in_thread(lambda name=name: self._load(name))  # type: ignore[misc]
            if found is not None:
                push, topic = found
                self._done(feed, await self._reader.take_push(feed, push, topic or str(feed.url)))

    def _waiting(self) -> list[tuple[str, str]]:
        return self._archive.glance(lambda connection: subscriptions.unread(connection, _AT_ONCE))

    def _load(self, name: str) -> tuple[Push, str] | None:
        with self._archive.read() as connection:
            push = subscriptions.push_of(connection, name)
            if push is None:
                return None
            subscription = subscriptions.by_token(connection, push.token)
        return push, subscription.topic if subscription is not None else ""

"""The poll role: feeds into the archive, the outbox into Kafka."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import get_args

from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.errors import ArchiveUnavailable
from streams.feeds.catalogue import polled
from streams.feeds.health import State, feed_health
from streams.feeds.outbox import OutboxPublisher
from streams.feeds.poller import Poller
from streams.feeds.schedule import Bucket

log = logging.getLogger(__name__)
_HEALTH_EVERY_SECONDS = 60.0


async def main(context: RoleContext) -> None:
    """Poll and publish until stopped."""
    settings = context.settings
    publisher = OutboxPublisher(
        context.archive,
        await context.kafka(),
        context.clock,
        embedded=settings.kafka.bootstrap == "embedded",
    )
    poller = Poller(
        context.archive,
        settings.feeds,
        settings.poll,
        context.clock,
        catalogue=lambda: polled(context.archive, settings.feeds),
        on_new=publisher.wake,
        pages=settings.poll,
        bucket=Bucket(settings.poll.host_burst, settings.poll.host_requests_per_hour / 3600),
    )
    publisher.start()
    watching = asyncio.create_task(_watch_health(context))
    await context.until_stopped(poller.run(), patience_seconds=3)
    watching.cancel()
    await asyncio.to_thread(publisher.stop, 3.0)


async def _watch_health(context: RoleContext) -> None:
    """Count the feeds by how they are, and say which have fallen silent against their own rhythm."""
    quiet: frozenset[str] = frozenset()
    while True:
        with contextlib.suppress(ArchiveUnavailable):
            rows = await asyncio.to_thread(feed_health, context.archive, context.settings.feeds, context.clock())
            for state in get_args(State):
                metrics.FEEDS.labels(state).set(sum(row.state == state for row in rows))
            now_quiet = frozenset(row.id for row in rows if row.state == "quiet")
            for row in rows:
                if row.id in now_quiet - quiet:
                    log.warning("feed %s (%s) has fallen silent: %s", row.id, row.name or row.url, row.problem)
                elif row.id in quiet - now_quiet:
                    log.info("feed %s (%s) speaks again", row.id, row.name or row.url)
            quiet = now_quiet
        await asyncio.sleep(_HEALTH_EVERY_SECONDS)

"""The poll role: feeds into the archive, the outbox into Kafka."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from agents.notify import outage, quiet
from newswatch.roles.rereading import read_again_when_asked
from newswatch.roles.runner import RoleContext
from newswatch.settings import Settings
from streams import metrics
from streams.errors import ArchiveUnavailable
from streams.feeds.catalogue import Feed, polled
from streams.feeds.health import FeedHealth, State, feed_health
from streams.feeds.outbox import OutboxPublisher
from streams.feeds.poller import Poller
from streams.feeds.schedule import Bucket
from streams.feeds.summary import summed_up, tell_summary
from streams.prompt import keep_prompt

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
    current = _OfFile(settings.feeds)
    poller = Poller(
        context.archive,
        settings.feeds,
        settings.poll,
        context.clock,
        catalogue=lambda: polled(context.archive, current.feeds),
        on_new=publisher.wake,
        pages=settings.poll,
        callbacks=settings.web.public_url,
        bucket=Bucket(settings.poll.host_burst, settings.poll.host_requests_per_hour / 3600),
    )
    publisher.start()
    keep_prompt()
    beside = [
        asyncio.create_task(_watch_health(context, poller, current)),
        asyncio.create_task(read_again_when_asked(context.config, context.reload, current.take)),
    ]
    context.readiness.ready()
    await context.until_stopped(poller.run(), patience_seconds=3)
    for task in beside:
        task.cancel()
    await asyncio.to_thread(publisher.stop, 3.0)


@dataclass(slots=True)
class _OfFile:
    """The feeds of the settings file as it was last read without a mistake."""

    feeds: Sequence[Feed]

    async def take(self, fresh: Settings) -> str:
        """Take over the feeds; how many there are."""
        self.feeds = fresh.feeds
        return f"{len(self.feeds)} feeds"


async def _watch_health(context: RoleContext, poller: Poller, current: _OfFile) -> None:
    """Count the feeds by how they are, and say which have fallen silent against their own rhythm."""
    quiet_before: frozenset[str] = frozenset()
    loop = asyncio.get_running_loop()
    while True:
        started = loop.time()
        with contextlib.suppress(ArchiveUnavailable):
            rows = await asyncio.to_thread(_count, context, current.feeds, poller)
            for state in get_args(State):
                metrics.FEEDS.labels(state).set(sum(row.state == state for row in rows))
            now_quiet = frozenset(row.id for row in rows if row.state == "quiet")
            for row in rows:
                if row.id in now_quiet - quiet_before:
                    log.warning("feed %s (%s) has fallen silent: %s", row.id, row.name or row.url, row.problem)
                elif row.id in quiet_before - now_quiet:
                    log.info("feed %s (%s) speaks again", row.id, row.name or row.url)
            quiet_before = now_quiet
        # however many feeds there are, counting them is a small part of the work
        await poller.reader.weather_changes(max(_HEALTH_EVERY_SECONDS, 20 * (loop.time() - started)))


def _count(context: RoleContext, in_file: Sequence[Feed], poller: Poller) -> list[FeedHealth]:
    now, to = context.clock(), context.settings.notify
    said, is_sure = poller.reader.outage, poller.reader.weather.is_sure
    rows = feed_health(context.archive, in_file, now)
    with context.archive.begin() as connection:
        tell_summary(connection, summed_up(connection, rows, said, now))
        outage.note(connection, to.outage_to, poller.owner, said, is_sure=is_sure, now=now)
        quiet.tell(connection, to.quiet_to, rows, now)
    return rows

"""The poll role: feeds into the archive, the outbox into Kafka."""

from __future__ import annotations

import asyncio

from newswatch.roles.runner import RoleContext
from streams.feeds.outbox import OutboxPublisher
from streams.feeds.poller import Poller


async def main(context: RoleContext) -> None:
    """Poll and publish until stopped."""
    settings = context.settings
    publisher = OutboxPublisher(
        context.archive,
        await context.kafka(),
        context.clock,
        embedded=settings.kafka.bootstrap == "embedded",
    )
    poller = Poller(context.archive, settings.feeds, settings.poll, context.clock, on_new=publisher.wake)
    publisher.start()
    await context.until_stopped(poller.run(), patience_seconds=3)
    await asyncio.to_thread(publisher.stop, 3.0)

"""The notify role: from the archive to the endpoints."""

from __future__ import annotations

import asyncio
import logging

from agents.alert.transaction import close_quiet
from agents.notify.deliver import Notifier
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.errors import ArchiveUnavailable

log = logging.getLogger(__name__)

_CLOSE_EVERY_SECONDS = 60.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    settings = context.settings
    policy = AddressPolicy(settings.notify.allow_networks)
    notifier = Notifier(
        context.archive, settings.endpoints, context.clock, policy, context.kafka, settings.notify.exhausted_to
    )
    closing = asyncio.create_task(_close_quiet(context))
    try:
        await context.until_stopped(notifier.run(), patience_seconds=5)
    finally:
        closing.cancel()


async def _close_quiet(context: RoleContext) -> None:
    """Close alerts of which nothing more is told."""
    while True:
        try:
            closed = await asyncio.to_thread(close_quiet, context.archive, context.clock())
        except ArchiveUnavailable as error:
            log.warning("closing alerts: %s", error)
        else:
            metrics.HITS.labels("closed").inc(len(closed))
        await asyncio.sleep(_CLOSE_EVERY_SECONDS)

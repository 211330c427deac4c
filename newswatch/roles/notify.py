"""The notify role: from the archive to the endpoints."""

from __future__ import annotations

import asyncio
import logging

from agents.alert.transaction import close_quiet
from agents.notify.deliver import Notifier
from newswatch.retention import prune
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.errors import ArchiveUnavailable
from streams.owner import new_owner

log = logging.getLogger(__name__)

_CLOSE_EVERY_SECONDS = 60.0
_FORGET_FIRST_SECONDS = 60.0
_FORGET_EVERY_SECONDS = 3_600.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    policy = AddressPolicy(context.settings.notify.allow_networks)
    notifier = Notifier(context.archive, context.settings.endpoints, context.clock, policy, context.kafka)
    beside = [asyncio.create_task(_close_quiet(context)), asyncio.create_task(_keep_retention(context))]
    context.readiness.ready()
    try:
        await context.until_stopped(notifier.run(), patience_seconds=5)
    finally:
        for task in beside:
            task.cancel()


async def _keep_retention(context: RoleContext) -> None:
    """Forget what the settings say is old; of several notifiers one does."""
    owner = new_owner()
    while True:
        await asyncio.sleep(_FORGET_FIRST_SECONDS)  # a start has other things to do
        try:
            taken = await asyncio.to_thread(
                prune, context.archive, context.settings.retention, context.clock,
                owner=owner, stopping=context.stopping.is_set,
            )  # fmt: skip
        except ArchiveUnavailable as error:
            log.warning("retention: %s", error)
        else:
            for what, count in (taken or {}).items():
                metrics.FORGOTTEN.labels(what).inc(count)
            if taken and any(taken.values()):
                log.info("forgotten: %s", ", ".join(f"{count} {what}" for what, count in taken.items() if count))
        await asyncio.sleep(_FORGET_EVERY_SECONDS)


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

"""The notify role: from the archive to the endpoints."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from agents.alert.transaction import close_quiet
from agents.notify.deliver import Notifier
from newswatch.retention import prune
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive import deliveries, dialect
from streams.errors import ArchiveUnavailable
from streams.owner import new_owner

log = logging.getLogger(__name__)

_CLOSE_EVERY_SECONDS = 60.0
_GAUGES_EVERY_SECONDS = 5.0
_FORGET_FIRST_SECONDS = 60.0
_FORGET_EVERY_SECONDS = 3_600.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    policy = AddressPolicy(context.settings.notify.allow_networks)
    notifier = Notifier(context.archive, context.settings.endpoints, context.clock, policy, context.kafka)
    for endpoint in context.settings.endpoints:
        for outcome in ("delivered", "failed", "exhausted", "refused"):
            metrics.DELIVERIES.labels(endpoint.kind, outcome)
    beside = [
        asyncio.create_task(work) for work in (_keep_gauges(context), _close_quiet(context), _keep_retention(context))
    ]
    context.readiness.ready()
    try:
        await context.until_stopped(notifier.run(), patience_seconds=5)
    finally:
        for task in beside:
            task.cancel()


async def _keep_gauges(context: RoleContext) -> None:
    """What is owed to endpoints, and how large the archive is."""

    def look() -> tuple[int, datetime | None, int]:
        with context.archive.read() as connection:
            return *deliveries.owed(connection), dialect.size(connection).bytes

    while True:
        try:
            waiting, oldest, taken = await asyncio.to_thread(look)
        except ArchiveUnavailable as error:
            log.warning("gauges: %s", error)
        else:
            metrics.DELIVERIES_WAITING.set(waiting)
            metrics.OLDEST_DELIVERY.set(max(0.0, (context.clock() - oldest).total_seconds()) if oldest else 0.0)
            metrics.ARCHIVE_BYTES.set(taken)
        await asyncio.sleep(_GAUGES_EVERY_SECONDS)


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

"""The notify role: from the archive to the endpoints, and what is due by the clock."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from agents.alert.timed import run_due
from agents.notify.deliver import Notifier
from agents.tell.rules import Rules
from newswatch.alert_rules import rules_of
from newswatch.retention import prune
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive import alert_labels, deliveries, dialect
from streams.archive.alert_labels import Tally
from streams.errors import ArchiveUnavailable
from streams.owner import new_owner

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0
_GAUGES_EVERY_SECONDS = 5.0
_FORGET_FIRST_SECONDS = 60.0
_FORGET_EVERY_SECONDS = 3_600.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    settings = context.settings
    policy = AddressPolicy(settings.notify.allow_networks)
    notifier = Notifier(
        context.archive, settings.endpoints, context.clock, policy, context.kafka, settings.notify.exhausted_to
    )
    for endpoint in settings.endpoints:
        for outcome in ("delivered", "failed", "exhausted", "refused"):
            metrics.DELIVERIES.labels(endpoint.kind, outcome)
    works = (_keep_gauges(context), _keep_time(context, rules_of(settings)), _keep_retention(context))
    beside = [asyncio.create_task(work) for work in works]
    context.readiness.ready()
    try:
        await context.until_stopped(notifier.run(), patience_seconds=5)
    finally:
        for task in beside:
            task.cancel()


async def _keep_gauges(context: RoleContext) -> None:
    """What is owed to endpoints, how large the archive is, and what people say of alerts."""

    def look() -> tuple[int, datetime | None, int, dict[str, Tally]]:
        with context.archive.read() as connection:
            owed = deliveries.owed(connection)
            return *owed, dialect.size(connection).bytes, alert_labels.tally(connection)

    while True:
        try:
            waiting, oldest, taken, labels = await asyncio.to_thread(look)
        except ArchiveUnavailable as error:
            log.warning("gauges: %s", error)
        else:
            metrics.DELIVERIES_WAITING.set(waiting)
            metrics.OLDEST_DELIVERY.set(max(0.0, (context.clock() - oldest).total_seconds()) if oldest else 0.0)
            metrics.ARCHIVE_BYTES.set(taken)
            metrics.show_labels({watch: (one.right, one.wrong) for watch, one in labels.items()})
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


async def _keep_time(context: RoleContext, rules: Rules) -> None:
    """Tell what was held, tell again and close, when each is due."""
    while True:
        try:
            done = await asyncio.to_thread(run_due, context.archive, rules, context.clock())
        except ArchiveUnavailable as error:
            log.warning("what is due: %s", error)
        else:
            metrics.HITS.labels("closed").inc(len(done.closed))
            for notice in done.notices:
                metrics.NOTICES.labels(notice).inc()
        await asyncio.sleep(_LOOK_EVERY_SECONDS)

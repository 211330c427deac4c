"""The notify role: from the archive to the endpoints, and what is due by the clock."""

from __future__ import annotations

import asyncio
import logging

from agents.alert.timed import run_due
from agents.notify.deliver import Notifier
from agents.tell.rules import Rules
from newswatch.alert_rules import rules_of
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.errors import ArchiveUnavailable

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    settings = context.settings
    policy = AddressPolicy(settings.notify.allow_networks)
    notifier = Notifier(
        context.archive, settings.endpoints, context.clock, policy, context.kafka, settings.notify.exhausted_to
    )
    rules = rules_of(settings)
    timed = asyncio.create_task(_keep_time(context, rules))
    try:
        await context.until_stopped(notifier.run(), patience_seconds=5)
    finally:
        timed.cancel()


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

"""The notify role: from the archive to the endpoints, and what is due by the clock."""

from __future__ import annotations

import asyncio
import logging

from agents.alert.timed import run_due
from agents.notify.deliver import Notifier
from agents.tell.rules import Rules
from newswatch.alert_rules import rules_of
from newswatch.retention import prune
from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.addresses import AddressPolicy
from streams.errors import ArchiveUnavailable
from streams.owner import new_owner

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0
_FORGET_FIRST_SECONDS = 60.0
_FORGET_EVERY_SECONDS = 3_600.0


async def main(context: RoleContext) -> None:
    """Deliver until stopped."""
    settings = context.settings
    policy = AddressPolicy(settings.notify.allow_networks)
    notifier = Notifier(
        context.archive, settings.endpoints, context.clock, policy, context.kafka, settings.notify.exhausted_to
    )
    rules = rules_of(settings)
    beside = [asyncio.create_task(_keep_time(context, rules)), asyncio.create_task(_keep_retention(context))]
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

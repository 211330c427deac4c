"""The notify role: from the archive to the endpoints, and what is due by the clock."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import Any

from agents.alert.timed import run_due
from agents.notify.deliver import Notifier
from newswatch.alert_rules import rules_of
from newswatch.retention import prune
from newswatch.roles.rereading import read_again_when_asked, taken_over
from newswatch.roles.runner import RoleContext
from newswatch.settings import Settings
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
    current = _InForce(context)
    works = (
        _keep_gauges(context),
        _keep_time(context, current),
        _keep_retention(context),
        read_again_when_asked(context.config, context.reload, current.take),
    )
    beside = [asyncio.create_task(work) for work in works]
    context.readiness.ready()
    try:
        await context.until_stopped(_deliver(current), patience_seconds=5)
    finally:
        for task in beside:
            task.cancel()


class _InForce:
    """The settings by which alerts are told at this moment, and the notifier made of them."""

    def __init__(self, context: RoleContext) -> None:
        self._context = context
        self._settings = context.settings
        self.rules = rules_of(context.settings)
        self.notifier = _notifier(context, context.settings)
        self.changed = asyncio.Event()

    async def take(self, fresh: Settings) -> str:
        """Take over the endpoints and how they are told. Raises ConfigInvalid where a secret of one is not here."""
        settings = taken_over(self._settings, fresh)
        notifier = _notifier(self._context, settings)
        await notifier.check()
        self._settings, self.notifier, self.rules = settings, notifier, rules_of(settings)
        self.changed.set()
        return f"{len(fresh.endpoints)} endpoints"


def _notifier(context: RoleContext, settings: Settings) -> Notifier:
    for endpoint in settings.endpoints:
        for outcome in ("delivered", "failed", "exhausted", "refused"):
            metrics.DELIVERIES.labels(endpoint.kind, outcome)
    return Notifier(
        context.archive,
        settings.endpoints,
        context.clock,
        AddressPolicy(settings.notify.allow_networks),
        context.kafka,
        settings.notify.exhausted_to,
    )


async def _deliver(current: _InForce) -> None:
    """Deliver until cancelled; where the endpoints have changed a new notifier begins while the old one ends."""
    running: set[asyncio.Task[Any]] = set()
    try:
        while True:
            notifier = current.notifier
            current.changed.clear()
            changed = asyncio.create_task(current.changed.wait())
            running |= {asyncio.create_task(notifier.run()), changed}
            while not changed.done():
                ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for one in ended:
                    one.result()
            notifier.retire()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


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


async def _keep_time(context: RoleContext, current: _InForce) -> None:
    """Tell what was held, tell again and close, when each is due."""
    while True:
        try:
            done = await asyncio.to_thread(run_due, context.archive, current.rules, context.clock())
        except ArchiveUnavailable as error:
            log.warning("what is due: %s", error)
        else:
            metrics.HITS.labels("closed").inc(len(done.closed))
            for notice in done.notices:
                metrics.NOTICES.labels(notice).inc()
        await asyncio.sleep(_LOOK_EVERY_SECONDS)

"""From the archive to the endpoints: each endpoint in its own task, so that a slow one delays no other."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import aiohttp

from agents.notify import console, webhook
from agents.notify.endpoint import ConsoleEndpoint, Endpoint, WebhookEndpoint
from agents.notify.schedule import next_attempt
from streams import metrics
from streams.archive import deliveries
from streams.archive.deliveries import DueDelivery
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import DeliveryFailed, DeliveryRefused, RetryLater

log = logging.getLogger(__name__)

_LEASE_BEYOND_ATTEMPT = timedelta(seconds=60)
"""For the archive: what a killed notifier had in hand waits for the next one as long as this and an attempt."""
_CONSOLE_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.25
_ARCHIVE_PAUSE_SECONDS = 2.0


class Notifier:
    """Delivers what is owed to the endpoints until it is cancelled."""

    def __init__(self, archive: Archive, endpoints: Sequence[Endpoint], clock: Clock) -> None:
        self._archive = archive
        self._endpoints = endpoints
        self._clock = clock

    async def run(self) -> None:
        """Deliver until cancelled."""
        known = [endpoint.id for endpoint in self._endpoints]
        given_up = await asyncio.to_thread(self._exhaust_unknown, known)
        if given_up:
            log.warning("notify: %d deliveries to endpoints that are not in the settings are given up", given_up)
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            for endpoint in self._endpoints:
                tasks.create_task(self._serve(session, endpoint))
            await asyncio.Event().wait()  # also where there is no endpoint

    async def _serve(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        while True:
            try:
                due = await asyncio.to_thread(self._lease, endpoint)
                for one in due:
                    await self._attempt(session, endpoint, one)
            except RetryLater as error:
                log.warning("notify: %s", error)
                await asyncio.sleep(_ARCHIVE_PAUSE_SECONDS)
                continue
            if not due:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _attempt(self, session: aiohttp.ClientSession, endpoint: Endpoint, due: DueDelivery) -> None:
        attempt = due.attempts + 1
        try:
            if isinstance(endpoint, ConsoleEndpoint):
                await console.deliver(due)
            else:
                await webhook.deliver(session, endpoint, due, self._clock)
        except DeliveryRefused as error:
            await self._failed(endpoint, due, str(error), None, "refused")
        except Exception as error:  # a fault of our own too: it must not end the deliveries to the other endpoints
            wish = error.retry_after if isinstance(error, DeliveryFailed) else None
            if not isinstance(error, DeliveryFailed):
                log.exception("notify: alert %s to %s", due.alert.id, endpoint.id)
            chance = random.random()  # noqa: S311 - spreads load, keeps no secret
            again_at = next_attempt(attempt, wish, self._clock(), chance)
            outcome = "failed" if again_at else "exhausted"
            detail = f"attempt {attempt}: {str(error) or type(error).__name__}"
            await self._failed(endpoint, due, detail, again_at, outcome)
        else:
            now = self._clock()
            await asyncio.to_thread(self._mark_delivered, due.id)
            metrics.DELIVERIES.labels(endpoint.kind, "delivered").inc()
            metrics.DELIVERY_SECONDS.labels(endpoint.kind).observe(max(0.0, (now - due.added_at).total_seconds()))
            log.info("notify: alert %s delivered to %s", due.alert.id, endpoint.id)

    async def _failed(
        self, endpoint: Endpoint, due: DueDelivery, error: str, again_at: datetime | None, outcome: str
    ) -> None:
        log.error("notify: alert %s to %s: %s; again at %s", due.alert.id, endpoint.id, error, again_at or "no time")
        await asyncio.to_thread(self._mark_failed, due.id, error, again_at)
        metrics.DELIVERIES.labels(endpoint.kind, outcome).inc()

    def _exhaust_unknown(self, known: Sequence[str]) -> int:
        with self._archive.begin() as connection:
            return deliveries.exhaust_unknown(connection, known)

    def _lease(self, endpoint: Endpoint) -> list[DueDelivery]:
        # Looking is free of locks; only what is really due takes the write lock. One at a time: what is leased
        # and not begun would wait for the end of its lease where this process is killed.
        with self._archive.read() as connection:
            if not deliveries.has_due(connection, endpoint.id, self._clock()):
                return []
        attempt = endpoint.timeout_seconds if isinstance(endpoint, WebhookEndpoint) else _CONSOLE_SECONDS
        lasting = timedelta(seconds=attempt) + _LEASE_BEYOND_ATTEMPT
        with self._archive.begin() as connection:
            return deliveries.lease(connection, endpoint.id, self._clock(), lasting, 1)

    def _mark_delivered(self, delivery: str) -> None:
        with self._archive.begin() as connection:
            deliveries.mark_delivered(connection, delivery, self._clock())

    def _mark_failed(self, delivery: str, error: str, again_at: datetime | None) -> None:
        with self._archive.begin() as connection:
            deliveries.mark_failed(connection, delivery, error, again_at)

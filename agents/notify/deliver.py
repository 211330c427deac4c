"""From the archive to the endpoints: many at once, none delayed by another, and every outcome written down.

One loop leases what is due and writes what became of it, both in one transaction a turn; the attempts themselves run
beside it. An outcome that the archive would not take is kept until it does.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from agents.notify.circuit import Circuit
from agents.notify.endpoint import Endpoint
from agents.notify.schedule import LONGEST, next_attempt
from agents.notify.senders import Send, Senders
from agents.notify.topic import FindKafka
from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive import deliveries, told
from streams.archive.deliveries import DueDelivery, Outcome
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import DeliveryFailed, DeliveryRefused, RetryLater
from streams.owner import has_died, new_owner
from streams.records import Alert

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Deliveries on their way to one endpoint."""
_LEASE_BEYOND_ATTEMPT = timedelta(seconds=60)
"""For the archive: what a notifier on another machine had in hand when it died waits this long and an attempt."""
_LOOK_EVERY_SECONDS = 0.25
_ARCHIVE_PAUSE_SECONDS = 2.0
_TIDY_EVERY_SECONDS = 10.0


@dataclass(slots=True)
class _Settled:
    """What the next transaction writes."""

    outcomes: list[Outcome] = field(default_factory=list)
    recovered: set[str] = field(default_factory=set)
    """Endpoints that work again."""
    gone: dict[str, str] = field(default_factory=dict)
    """Endpoints that want no more, and what they said."""


class Notifier:
    """Delivers what is owed to the endpoints until it is cancelled."""

    def __init__(
        self,
        archive: Archive,
        endpoints: Sequence[Endpoint],
        clock: Clock,
        policy: AddressPolicy | None = None,
        find_kafka: FindKafka | None = None,
    ) -> None:
        """`policy` says which addresses webhooks may reach (public ones where left out)."""
        self._archive = archive
        self._policy = policy or AddressPolicy()
        self._find_kafka = find_kafka
        self._endpoints = {endpoint.id: endpoint for endpoint in endpoints}
        self._clock = clock
        self._owner = new_owner()
        self._circuits: dict[str, Circuit] = {endpoint: Circuit() for endpoint in self._endpoints}
        self._in_hand: Counter[str] = Counter()
        self._settled = _Settled()
        self._tidied = -_TIDY_EVERY_SECONDS

    async def run(self) -> None:
        """Deliver until cancelled; what is in hand then is anybody's at once."""
        running: set[asyncio.Task[None]] = set()
        async with Senders(self._clock, self._policy, self._earlier, self._find_kafka) as ways:
            senders = {key: ways.sender_of(endpoint) for key, endpoint in self._endpoints.items()}
            try:
                while True:
                    due = await self._turn()
                    for one in due:
                        self._in_hand[one.endpoint] += 1
                        running.add(asyncio.create_task(self._attempt(senders[one.endpoint], one)))
                    if not running:
                        await asyncio.sleep(_LOOK_EVERY_SECONDS)
                        continue
                    ended, running = await asyncio.wait(
                        running, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
                    for task in ended:
                        task.result()
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                await asyncio.shield(asyncio.to_thread(self._leave))

    async def _turn(self) -> list[DueDelivery]:
        """Write down what has ended and take what is due."""
        now = self._clock()
        settled, self._settled = self._settled, _Settled()
        room = {key: circuit.may_send(self._in_hand[key], AT_ONCE, now) for key, circuit in self._circuits.items()}
        try:
            return await asyncio.to_thread(self._write_and_lease, settled, room)
        except RetryLater as error:
            settled.outcomes += self._settled.outcomes
            settled.recovered |= self._settled.recovered
            settled.gone |= self._settled.gone
            self._settled = settled
            log.warning("notify: %s", error)
            await asyncio.sleep(_ARCHIVE_PAUSE_SECONDS)
            return []

    def _write_and_lease(self, settled: _Settled, room: Mapping[str, int]) -> list[DueDelivery]:
        now = self._clock()
        tidying = time.monotonic() - self._tidied >= _TIDY_EVERY_SECONDS
        with self._archive.read() as connection:  # looking is free of locks; only what is really due takes them
            wanted = [key for key, many in room.items() if many and deliveries.has_due(connection, key, now)]
        if not (wanted or tidying or settled.outcomes or settled.recovered or settled.gone):
            return []
        leased: list[DueDelivery] = []
        with self._archive.begin() as connection:
            deliveries.settle(connection, settled.outcomes)
            for endpoint, said in settled.gone.items():
                deliveries.give_up(connection, endpoint, said)
            for endpoint in settled.recovered:
                deliveries.hasten(connection, endpoint, now)
            if tidying:
                self._tidy(connection)
            for endpoint in wanted:
                lasting = timedelta(seconds=self._endpoints[endpoint].attempt_seconds) + _LEASE_BEYOND_ATTEMPT
                leased += deliveries.lease(connection, endpoint, now, lasting, room[endpoint], self._owner)
        if tidying:
            self._tidied = time.monotonic()
        return leased

    def _tidy(self, connection: Connection) -> None:
        """Take over from notifiers that died, and give up what nobody can deliver."""
        dead = {owner for owner in deliveries.lease_owners(connection) if has_died(owner)}
        if dead:
            log.info("notify: %d deliveries of a notifier that died", deliveries.release(connection, dead))
        unknown = deliveries.exhaust_unknown(connection, list(self._endpoints))
        if unknown:
            log.warning("notify: %d deliveries to endpoints that are not in the settings are given up", unknown)
        for endpoint, about in self._endpoints.items():
            before = self._clock() - LONGEST
            lost = deliveries.give_up(connection, endpoint, f"not delivered within {LONGEST}", before)
            if lost:
                metrics.DELIVERIES.labels(about.kind, "exhausted").inc(lost)
                log.error("notify: %d deliveries to %s are given up after a day", lost, endpoint)

    async def _attempt(self, send: Send, due: DueDelivery) -> None:
        endpoint = self._endpoints[due.endpoint]
        circuit = self._circuits[due.endpoint]
        try:
            await send(due)
        except DeliveryRefused as error:
            self._gone(endpoint, due, str(error))
        except Exception as error:  # a fault of our own too: it must not end the deliveries to the other endpoints
            self._failed(endpoint, due, error)
        else:
            now = self._clock()
            self._settled.outcomes.append(Outcome(due.id, "delivered", now))
            if circuit.is_open:
                self._settled.recovered.add(endpoint.id)
                log.info("notify: %s works again", endpoint.id)
            self._circuits[due.endpoint] = self._circuits[due.endpoint].arrived()
            metrics.DELIVERIES.labels(endpoint.kind, "delivered").inc()
            metrics.DELIVERY_SECONDS.labels(endpoint.kind).observe(max(0.0, (now - due.added_at).total_seconds()))
            log.info("notify: alert %s delivered to %s", due.alert.id, endpoint.id)
        finally:
            self._in_hand[due.endpoint] -= 1

    def _failed(self, endpoint: Endpoint, due: DueDelivery, error: Exception) -> None:
        attempt, now = due.attempts + 1, self._clock()
        wish = error.retry_after if isinstance(error, DeliveryFailed) else None
        if not isinstance(error, DeliveryFailed):
            log.exception("notify: alert %s to %s", due.alert.id, endpoint.id)
        chance = random.random()  # noqa: S311 - spreads load, keeps no secret
        again_at = next_attempt(attempt, wish, now, chance)
        detail = f"attempt {attempt}: {str(error) or type(error).__name__}"
        before = self._circuits[endpoint.id]
        self._circuits[endpoint.id] = after = before.failed(now, wish)
        if after.is_open and not before.is_open:
            log.error("notify: %s failed %d times in a row: only probes go to it now", endpoint.id, after.failures)
        log.error("notify: alert %s to %s: %s; again at %s", due.alert.id, endpoint.id, detail, again_at or "no time")
        state = "exhausted" if again_at is None else "pending"
        self._settled.outcomes.append(Outcome(due.id, state, now, detail, again_at))
        metrics.DELIVERIES.labels(endpoint.kind, "failed" if again_at else "exhausted").inc()

    def _gone(self, endpoint: Endpoint, due: DueDelivery, said: str) -> None:
        self._settled.outcomes.append(Outcome(due.id, "exhausted", self._clock(), said))
        self._settled.gone[endpoint.id] = said
        metrics.DELIVERIES.labels(endpoint.kind, "refused").inc()
        log.error("notify: alert %s to %s: %s", due.alert.id, endpoint.id, said)

    async def _earlier(self, alert: Alert) -> list[Alert]:
        """How an alert was told before this revision."""
        return await asyncio.to_thread(self._read_earlier, alert)

    def _read_earlier(self, alert: Alert) -> list[Alert]:
        with self._archive.read() as connection:
            return [one.alert for one in told.revisions_of(connection, alert.id, alert.revision)]

    def _leave(self) -> None:
        try:
            with self._archive.begin() as connection:
                deliveries.settle(connection, self._settled.outcomes)
                deliveries.release(connection, [self._owner])
        except RetryLater as error:
            log.warning("notify: %s; what was in hand waits for the end of its lease", error)

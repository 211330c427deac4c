"""From the archive to the endpoints: many at once, none delayed by another, and every outcome written down.

One loop leases what is due and writes what became of it, both in one transaction a turn; the attempts themselves run
beside it. An outcome that the archive would not take is kept until it does.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from agents.notify.circuit import Circuit
from agents.notify.endpoint import Endpoint
from agents.notify.ledger import Ledger, Settled
from agents.notify.notices import is_notice
from agents.notify.schedule import next_attempt
from agents.notify.senders import Send, Senders
from agents.notify.topic import FindKafka
from streams import metrics
from streams.addresses import AddressPolicy
from streams.archive import told
from streams.archive.deliveries import DueDelivery, Outcome
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import DeliveryFailed, DeliveryRefused, RetryLater
from streams.records import Alert

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 0.25
_GATHER_SECONDS = 0.005
"""After one attempt has ended, for others that end about then: they share a transaction."""
_ARCHIVE_PAUSE_SECONDS = 0.5


class Notifier:
    """Delivers what is owed to the endpoints until it is cancelled."""

    def __init__(
        self,
        archive: Archive,
        endpoints: Sequence[Endpoint],
        clock: Clock,
        policy: AddressPolicy | None = None,
        find_kafka: FindKafka | None = None,
        exhausted_to: Sequence[str] = (),
    ) -> None:
        """`policy` says which addresses webhooks may reach (public ones where left out).

        `exhausted_to` are the ids of the endpoints that are told when deliveries to another are given up.
        """
        self._archive = archive
        self._policy = policy or AddressPolicy()
        self._find_kafka = find_kafka
        self._endpoints = {endpoint.id: endpoint for endpoint in endpoints}
        self._clock = clock
        self._ledger = Ledger(archive, self._endpoints, clock, exhausted_to)
        self._circuits: dict[str, Circuit] = {endpoint: Circuit() for endpoint in self._endpoints}
        self._in_hand: dict[str, set[str]] = {endpoint: set() for endpoint in self._endpoints}
        self._settled = Settled()
        self._is_retired = False

    async def check(self) -> None:
        """Raise ConfigInvalid where a secret of an endpoint is not there or is wrong; nothing is sent."""
        async with Senders(self._clock, self._policy, self._earlier, self._find_kafka) as ways:
            for endpoint in self._endpoints.values():
                ways.sender_of(endpoint)

    def retire(self) -> None:
        """Take nothing more, and end when what is in hand has ended: another one goes on with other endpoints."""
        self._is_retired = True

    async def run(self) -> None:
        """Deliver until cancelled, or retired; what is in hand when cancelled is anybody's at once."""
        running: set[asyncio.Task[None]] = set()
        async with Senders(self._clock, self._policy, self._earlier, self._find_kafka) as ways:
            senders = {key: ways.sender_of(endpoint) for key, endpoint in self._endpoints.items()}
            turn: asyncio.Task[list[DueDelivery]] | None = None
            try:
                while running or self._settled or not self._is_retired:
                    turn = asyncio.create_task(self._turn())
                    for one in await asyncio.shield(turn):
                        self._in_hand[one.endpoint].add(one.id)
                        running.add(asyncio.create_task(self._attempt(senders[one.endpoint], one)))
                    running = await _some_ended(running)
            finally:
                for task in running:
                    task.cancel()
                if turn is not None:  # it goes on in its thread, and may lease yet
                    await asyncio.gather(turn, return_exceptions=True)
                await asyncio.gather(*running, return_exceptions=True)
                await asyncio.shield(asyncio.to_thread(self._ledger.leave, self._settled))

    async def _turn(self) -> list[DueDelivery]:
        """Write down what has ended and take what is due."""
        now = self._clock()
        settled, self._settled = self._settled, Settled()
        room = {
            key: 0 if self._is_retired else one.may_send(len(self._in_hand[key]), self._endpoints[key].at_once, now)
            for key, one in self._circuits.items()
        }
        in_hand = [one for some in self._in_hand.values() for one in some]
        try:
            return await asyncio.to_thread(self._ledger.turn, settled, room, in_hand)
        except RetryLater as error:
            settled.add(self._settled)
            self._settled = settled
            log.warning("notify: %s", error)
            await asyncio.sleep(_ARCHIVE_PAUSE_SECONDS)
            return []

    async def _attempt(self, send: Send, due: DueDelivery) -> None:
        endpoint = self._endpoints[due.endpoint]
        circuit = self._circuits[due.endpoint]
        try:
            await send(due)
        except DeliveryRefused as error:
            self._gone(endpoint, due, str(error))
        except Exception as error:  # a fault of our own too: it must not end the deliveries to the other endpoints
            self._failed(endpoint, due, error, circuit)
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
            self._in_hand[due.endpoint].discard(due.id)

    def _failed(self, endpoint: Endpoint, due: DueDelivery, error: Exception, began: Circuit) -> None:
        attempt, now = due.attempts + 1, self._clock()
        wish = error.retry_after if isinstance(error, DeliveryFailed) else None
        if not isinstance(error, DeliveryFailed):
            log.exception("notify: alert %s to %s", due.alert.id, endpoint.id)
        chance = random.random()  # noqa: S311 - spreads load, keeps no secret
        again_at = next_attempt(attempt, wish, due.added_at, now, chance)
        detail = f"attempt {attempt}: {str(error) or type(error).__name__}"
        before = self._circuits[endpoint.id]
        # what was on its way when the circuit opened tells nothing new, such as what went in the same request
        is_news = began.is_open or not before.is_open or wish is not None
        after = before.failed(now, wish) if is_news else before
        self._circuits[endpoint.id] = after
        if after.is_open and not before.is_open:
            log.error("notify: %s failed %d times in a row: only probes go to it now", endpoint.id, after.failures)
        log.error("notify: alert %s to %s: %s; again at %s", due.alert.id, endpoint.id, detail, again_at or "no time")
        state = "exhausted" if again_at is None else "pending"
        if again_at is None and not is_notice(due.alert):
            self._settled.given_up.append((endpoint.id, detail))
        self._settled.outcomes.append(Outcome(due.id, state, now, detail, again_at))
        metrics.DELIVERIES.labels(endpoint.kind, "failed" if again_at else "exhausted").inc()

    def _gone(self, endpoint: Endpoint, due: DueDelivery, said: str) -> None:
        self._settled.outcomes.append(Outcome(due.id, "exhausted", self._clock(), said))
        self._settled.gone[endpoint.id] = said
        if not is_notice(due.alert):
            self._settled.given_up.append((endpoint.id, said))
        metrics.DELIVERIES.labels(endpoint.kind, "refused").inc()
        log.error("notify: alert %s to %s: %s", due.alert.id, endpoint.id, said)

    async def _earlier(self, alert: Alert) -> list[Alert]:
        """How an alert was told before this revision."""
        return await asyncio.to_thread(self._read_earlier, alert)

    def _read_earlier(self, alert: Alert) -> list[Alert]:
        with self._archive.read() as connection:
            return [one.alert for one in told.revisions_of(connection, alert.id, alert.revision)]


async def _some_ended(running: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Wait until something has ended, or for a while; what goes on."""
    if not running:
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
        return running
    ended, _ = await asyncio.wait(running, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if ended and len(ended) < len(running):
        await asyncio.sleep(_GATHER_SECONDS)
    for task in [one for one in running if one.done()]:
        task.result()
    return {one for one in running if not one.done()}

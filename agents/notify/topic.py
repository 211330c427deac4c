"""Alerts to a Kafka topic, acknowledged by every in-sync replica."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice

from agents.notify.bundle import each_of
from agents.notify.cloudevents import CONTENT_TYPE, cloud_event
from agents.notify.endpoint import KafkaEndpoint
from streams.archive.deliveries import DueDelivery
from streams.errors import BrokerUnavailable, DeliveryFailed
from streams.kafka import Kafka, Publisher

FindKafka = Callable[[], Awaitable[Kafka]]
"""Where newswatch's own Kafka is at this moment; raises BrokerUnavailable."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A delivery that waits for its turn."""

    records: list[tuple[str, bytes]]
    ended: str | DeliveryFailed | None = None


class TopicSender:
    """Publishes to one endpoint's topic over a connection that is kept: all at once that wait for their turn."""

    def __init__(self, endpoint: KafkaEndpoint, find: FindKafka) -> None:
        self._endpoint = endpoint
        self._find = find
        self._one = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._kafka: Kafka | None = None
        self._publisher: Publisher | None = None

    async def deliver(self, due: DueDelivery) -> str:
        """Publish each alert of a delivery; where it went. Raises DeliveryFailed."""
        mine = _Waiting([(one.alert.id, cloud_event(one)) for one in each_of(due)])
        self._waiting.append(mine)
        try:
            await asyncio.sleep(0)  # for those that begin with it
            async with self._one:
                if mine.ended is None:  # else it went with another
                    await self._publish()
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
        assert mine.ended is not None, "it was among those that waited"
        if isinstance(mine.ended, DeliveryFailed):
            raise mine.ended
        return mine.ended

    async def _publish(self) -> None:
        """Publish all that waits, and note of each how it ended."""
        some, self._waiting = self._waiting, []
        seconds, topic = self._endpoint.timeout_seconds, self._endpoint.topic
        records = [record for one in some for record in one.records]
        headers = [("content-type", CONTENT_TYPE.encode())]
        try:
            publisher, where = await self._connection()
            taken = iter(await asyncio.to_thread(publisher.publish, topic, records, seconds, headers))
        except BrokerUnavailable as error:
            for one in some:
                one.ended = DeliveryFailed(str(error))
        except BaseException:
            self._waiting = some + self._waiting  # each may try again by itself
            raise
        else:
            for one in some:
                if all(list(islice(taken, len(one.records)))):
                    one.ended = f"acknowledged by {where}, topic {topic}"
                else:
                    one.ended = DeliveryFailed(f"Kafka at {where} did not acknowledge within {seconds:g} s")

    async def close(self) -> None:
        """Let go of the connection."""
        if self._publisher is not None:
            await asyncio.to_thread(self._publisher.close)

    async def _connection(self) -> tuple[Publisher, str]:
        given = self._endpoint.bootstrap
        try:
            async with asyncio.timeout(self._endpoint.timeout_seconds):
                kafka = Kafka(given, partitions=1, replication=1) if given else await self._find()
        except TimeoutError as error:
            raise BrokerUnavailable("newswatch's own Kafka is not there yet") from error
        if self._publisher is None or kafka != self._kafka:  # the embedded broker moves when it is started again
            await self.close()
            self._kafka, self._publisher = kafka, Publisher(kafka)
        return self._publisher, kafka.bootstrap

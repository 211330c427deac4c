"""Alerts to a Kafka topic, acknowledged by every in-sync replica."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agents.notify.bundle import each_of
from agents.notify.cloudevents import CONTENT_TYPE, cloud_event
from agents.notify.endpoint import KafkaEndpoint
from streams.archive.deliveries import DueDelivery
from streams.errors import BrokerUnavailable, DeliveryFailed
from streams.kafka import Kafka, Publisher

FindKafka = Callable[[], Awaitable[Kafka]]
"""Where newswatch's own Kafka is at this moment; raises BrokerUnavailable."""


class TopicSender:
    """Publishes to one endpoint's topic; one record at a time, over a connection that is kept."""

    def __init__(self, endpoint: KafkaEndpoint, find: FindKafka) -> None:
        self._endpoint = endpoint
        self._find = find
        self._one = asyncio.Lock()
        self._kafka: Kafka | None = None
        self._publisher: Publisher | None = None

    async def deliver(self, due: DueDelivery) -> str:
        """Publish each alert of a delivery; where it went. Raises DeliveryFailed."""
        seconds = self._endpoint.timeout_seconds
        async with self._one:
            try:
                publisher, where = await self._connection()
                records = [(one.alert.id, cloud_event(one)) for one in each_of(due)]
                topic = self._endpoint.topic
                headers = [("content-type", CONTENT_TYPE.encode())]
                taken = await asyncio.to_thread(publisher.publish, topic, records, seconds, headers)
            except BrokerUnavailable as error:
                raise DeliveryFailed(str(error)) from error
        if not all(taken):
            raise DeliveryFailed(f"Kafka at {where} did not acknowledge within {seconds:g} s")
        return f"acknowledged by {where}, topic {self._endpoint.topic}"

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

"""Alerts on a Kafka topic: on the embedded broker, and on Apache Kafka itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaConsumer
from notify_receivers import LOOPBACK, an_alert, due

from agents.notify.endpoint import KafkaEndpoint
from agents.notify.senders import Senders
from streams import topics
from streams.broker import EmbeddedBroker, free_port
from streams.clock import utc_now
from streams.errors import BrokerUnavailable, DeliveryFailed
from streams.kafka import Kafka, Publisher, ensure_topics
from streams.records import Alert

if TYPE_CHECKING:
    from real_kafka import RealKafka

BUS = KafkaEndpoint(id="bus", kind="kafka", timeout_seconds=20)


async def nothing(_alert: Alert) -> list[Alert]:
    return []


def taken(bootstrap: str, count: int) -> list[Any]:
    consumer = KafkaConsumer(
        topics.ALERTS.name,
        bootstrap_servers=[bootstrap],
        auto_offset_reset="earliest",
        consumer_timeout_ms=20_000,
    )
    found = []
    for record in consumer:
        found.append(record)
        if len(found) == count:
            break
    consumer.close()
    return found


async def publish(kafka: Kafka) -> None:
    await asyncio.to_thread(ensure_topics, kafka)

    async def find() -> Kafka:
        return kafka

    async with Senders(utc_now, LOOPBACK, nothing, find) as senders:
        send = senders.sender_of(BUS)
        said = [await send(due(an_alert(revision=revision), "bus")) for revision in (1, 2)]
    assert said == [f"acknowledged by {kafka.bootstrap}, topic alerts"] * 2


async def test_each_revision_is_an_event_keyed_by_its_alert() -> None:
    broker = EmbeddedBroker(free_port())
    await broker.start()
    try:
        await publish(Kafka(broker.address, 2, 1))
        records = await asyncio.to_thread(taken, broker.address, 2)
    finally:
        await broker.stop()
    events = [json.loads(record.value) for record in records]
    assert [record.key for record in records] == [b"a1b2c3"] * 2
    assert [event["data"]["revision"] for event in events] == [1, 2]
    assert events[0]["id"] == due(an_alert(), "bus").id != events[1]["id"]


async def test_what_waits_goes_in_one_request_and_each_hears_how_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = EmbeddedBroker(free_port())
    await broker.start()
    requests: list[int] = []
    publish_one = Publisher.publish

    def heard(self: Publisher, topic: str, records: Sequence[tuple[str, bytes]], *rest: Any) -> list[bool]:
        requests.append(len(records))
        return publish_one(self, topic, records, *rest)

    monkeypatch.setattr(Publisher, "publish", heard)
    kafka = Kafka(broker.address, 2, 1)
    there = True

    async def find() -> Kafka:
        if not there:
            raise BrokerUnavailable("it is away")
        return kafka

    try:
        await asyncio.to_thread(ensure_topics, kafka)
        async with Senders(utc_now, LOOPBACK, nothing, find) as senders:
            send = senders.sender_of(BUS)
            revisions = range(1, 31)
            said = await asyncio.gather(*(send(due(an_alert(revision=one), "bus")) for one in revisions))
            assert said == [f"acknowledged by {kafka.bootstrap}, topic alerts"] * 30
            there = False
            ended = await asyncio.gather(
                *(send(due(an_alert(revision=one), "bus")) for one in (31, 32)), return_exceptions=True
            )
        records = await asyncio.to_thread(taken, broker.address, 30)
    finally:
        await broker.stop()
    assert requests == [30]
    assert [(type(one), str(one)) for one in ended] == [(DeliveryFailed, "it is away")] * 2
    assert [json.loads(record.value)["data"]["revision"] for record in records] == list(revisions)


@pytest.mark.services
async def test_apache_kafka_takes_the_event_with_its_content_type(real_kafka: RealKafka) -> None:
    await publish(Kafka(real_kafka.bootstrap, 2, 1))
    (record, _) = await asyncio.to_thread(taken, real_kafka.bootstrap, 2)
    assert dict(record.headers)["content-type"] == b"application/cloudevents+json; charset=UTF-8"
    assert json.loads(record.value)["specversion"] == "1.0"

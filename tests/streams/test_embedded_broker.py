"""The embedded broker carries records for kafka-python, and starts again on the same port after SIGKILL."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest
from kafka import KafkaConsumer

from streams import topics
from streams.broker import EmbeddedBroker, free_port
from streams.errors import AddressTaken, BrokerUnavailable
from streams.kafka import Kafka, Publisher, ensure_topics
from streams.memory import resident_bytes


def read(kafka: Kafka, count: int) -> dict[bytes, bytes]:
    consumer = KafkaConsumer(
        topics.ARTICLES.name,
        bootstrap_servers=kafka.servers(),
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    found: dict[bytes, bytes] = {}
    for record in consumer:
        found[record.key] = record.value
        if len(found) == count:
            break
    consumer.close()
    return found


async def test_records_go_through_and_a_killed_broker_starts_empty_on_its_port() -> None:
    broker = EmbeddedBroker(free_port())
    await broker.start()
    kafka = Kafka(broker.address, 4, 1)
    assert await asyncio.to_thread(ensure_topics, kafka) == [topic.name for topic in topics.ALL]
    assert await asyncio.to_thread(ensure_topics, kafka) == []
    publisher = Publisher(kafka)
    records = [(f"key-{number}", b"x" * 1000) for number in range(100)]
    assert all(await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, records, 10))
    assert len(await asyncio.to_thread(read, kafka, 100)) == 100
    assert broker.pid is not None
    assert (resident_bytes(broker.pid) or 0) > 1_000_000

    os.kill(broker.pid, signal.SIGKILL)
    await broker.wait()
    with pytest.raises(BrokerUnavailable):
        await asyncio.to_thread(ensure_topics, kafka)
    await broker.start()
    assert len(await asyncio.to_thread(ensure_topics, kafka)) == len(topics.ALL)
    # the publisher that was connected before goes on
    acknowledged: list[bool] = []
    for _ in range(10):
        try:
            acknowledged = await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, records[:10], 10)
        except BrokerUnavailable:
            await asyncio.sleep(0.5)
        if acknowledged and all(acknowledged):
            break
    assert acknowledged == [True] * 10
    publisher.close()
    await broker.stop()


async def test_a_large_record_goes_through() -> None:
    broker = EmbeddedBroker(free_port())
    await broker.start()
    kafka = Kafka(broker.address, 1, 1)
    await asyncio.to_thread(ensure_topics, kafka)
    publisher = Publisher(kafka)
    large = os.urandom(6 * 1024 * 1024)
    assert await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, [("large", large)], 20) == [True]
    assert (await asyncio.to_thread(read, kafka, 1))[b"large"] == large
    publisher.close()
    await broker.stop()


async def test_a_taken_port_is_one_clear_error() -> None:
    first = EmbeddedBroker(free_port())
    await first.start()
    with pytest.raises(AddressTaken, match="embedded_port"):
        await EmbeddedBroker(first.port).start()
    await first.stop()


def test_it_ends_when_its_owner_is_killed() -> None:
    program = (
        "import asyncio\nfrom streams.broker import EmbeddedBroker, free_port\n"
        "async def main():\n"
        "    broker = EmbeddedBroker(free_port())\n    await broker.start()\n"
        "    print(broker.pid, flush=True)\n    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    broker = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    broker.wait(timeout=5)
    assert not broker.is_running()

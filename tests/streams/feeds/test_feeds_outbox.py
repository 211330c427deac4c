"""The outbox's thread publishes until it is stopped, whatever it meets."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from builders import NOON, an_article, poll_in

from streams.archive import articles, facts, outbox
from streams.archive.engine import Archive
from streams.broker import EmbeddedBroker, free_port
from streams.clock import utc_now
from streams.errors import BrokerUnavailable
from streams.feeds.outbox import OutboxPublisher
from streams.kafka import Kafka


@pytest.fixture
def publisher(sqlite_archive: Archive) -> Iterator[OutboxPublisher]:
    """A publisher whose broker has not told its run yet."""
    made = OutboxPublisher(sqlite_archive, Kafka("127.0.0.1:1", 1, 1), utc_now, embedded=True)
    yield made
    made.stop(5)


def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_fault_of_our_own_does_not_end_the_thread(
    sqlite_archive: Archive, publisher: OutboxPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite_archive.begin() as connection:
        facts.tell(connection, facts.BROKER_RUN, "run", utc_now())
        connection.exec_driver_sql("insert into facts values ('duty.publish', 'nobody', 'no time at all')")
    publisher.start()
    until(lambda: "no time at all" in caplog.text)
    with sqlite_archive.begin() as connection:
        facts.take_back(connection, "duty.publish")
    until(lambda: sqlite_archive.glance(lambda connection: facts.told(connection, "duty.publish")) is not None)


async def test_what_a_broker_took_with_it_is_published_to_the_next(archive: Archive) -> None:
    broker = EmbeddedBroker(free_port())
    publisher = OutboxPublisher(archive, Kafka(broker.address, 1, 1), utc_now, embedded=True)

    def in_flight(run: str) -> int:
        with archive.read() as connection:
            return outbox.in_flight(connection, run)

    async def started(run: str) -> None:
        await broker.start()
        with archive.begin() as connection:
            facts.tell(connection, facts.BROKER_RUN, run, NOON)

    try:
        await started("first")
        poll_in(archive, *(an_article(str(number)) for number in range(10)))
        assert await asyncio.to_thread(publisher.publish_once) == 10
        assert in_flight("first") == 10
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        await broker.wait()
        await started("second")
        publisher.start()
        await asyncio.to_thread(until, lambda: in_flight("second") == 10, 30.0)
        with archive.read() as connection:
            assert articles.waiting(connection).articles == 10
    finally:
        await asyncio.to_thread(publisher.stop, 5)
        await broker.stop()


def test_of_two_pollers_one_publishes_until_it_is_gone(archive: Archive) -> None:
    first, second = (OutboxPublisher(archive, Kafka("127.0.0.1:1", 1, 1), utc_now, embedded=False) for _ in range(2))
    poll_in(archive, an_article("one"))
    with pytest.raises(BrokerUnavailable):
        first.publish_once()
    assert second.publish_once() == 0  # or it would find no broker either
    first.start()
    first.stop(5)
    with pytest.raises(BrokerUnavailable):
        until(second.publish_once)

"""Talking to Kafka with kafka-python: making the topics, and publishing with acknowledgement."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams import topics
from streams.errors import BrokerUnavailable

_REQUEST_MS = 15_000
_BOOTSTRAP_MS = 3_000


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where Kafka is and how our topics are laid out on it."""

    bootstrap: str
    """`host:port[,host:port...]`."""
    partitions: int
    replication: int
    session_seconds: float = 30.0
    """Without a heartbeat for so long a worker counts as gone; the embedded broker makes each join wait half of it."""

    def servers(self) -> list[str]:
        """The addresses as a list."""
        return [server.strip() for server in self.bootstrap.split(",")]


def ensure_topics(kafka: Kafka) -> list[str]:
    """Make the topics that are missing, all with equal partition counts; their names.

    Raises BrokerUnavailable. Topics that exist are never changed.
    """
    _reach(kafka)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=kafka.servers(), request_timeout_ms=_REQUEST_MS, bootstrap_timeout_ms=_BOOTSTRAP_MS
        )
    except KafkaError as error:
        raise BrokerUnavailable(f"Kafka at {kafka.bootstrap}: {error}") from error
    try:
        standing = set(admin.list_topics())
        missing = [topic.name for topic in topics.ALL if topic.name not in standing]
        for name in missing:
            try:
                admin.create_topics([_new_topic(kafka, name)])
            except TopicAlreadyExistsError:
                continue  # another role was quicker
        return missing
    except KafkaError as error:
        raise BrokerUnavailable(f"topics on Kafka at {kafka.bootstrap}: {error}") from error
    finally:
        admin.close()


def _reach(kafka: Kafka) -> None:
    # An admin client that finds nobody leaves its thread behind; a plain connection leaves nothing.
    refusals = []
    for server in kafka.servers():
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_BOOTSTRAP_MS / 1000).close()
            return
        except (OSError, ValueError) as error:
            refusals.append(f"{server}: {error}")
    raise BrokerUnavailable(f"Kafka: {'; '.join(refusals)}")


def wait_for_topics(kafka: Kafka, seconds: float, stopping: Callable[[], bool]) -> None:
    """Make the topics as soon as Kafka answers; raises BrokerUnavailable after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            ensure_topics(kafka)
            return
        except BrokerUnavailable:
            if stopping() or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _new_topic(kafka: Kafka, name: str) -> NewTopic:
    return NewTopic(
        name=name,
        num_partitions=kafka.partitions,
        replication_factor=kafka.replication,
        topic_configs={"max.message.bytes": str(topics.MAX_RECORD_BYTES)},
    )


class Publisher:
    """Publishes records and waits for every in-sync replica's acknowledgement."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._producer: KafkaProducer | None = None

    def publish(
        self,
        topic: str,
        records: Sequence[tuple[str, bytes]],
        seconds: float,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> list[bool]:
        """Publish (key, value) pairs, each with `headers`; for each whether it was acknowledged within `seconds`.

        Raises BrokerUnavailable when Kafka cannot be reached at all.
        """
        try:
            if self._producer is None:
                self._producer = self._connect()
            futures = [
                self._producer.send(topic, key=key.encode(), value=value, headers=list(headers))
                for key, value in records
            ]
        except (KafkaError, ValueError, AssertionError) as error:
            self.close()
            raise BrokerUnavailable(f"Kafka at {self._kafka.bootstrap}: {error}") from error
        deadline = time.monotonic() + seconds
        acknowledged = []
        for future in futures:
            try:
                future.get(timeout=max(0.001, deadline - time.monotonic()))
                acknowledged.append(True)
            except KafkaError:
                acknowledged.append(False)
        if not all(acknowledged):
            self.close()  # what is still on its way must not arrive behind our back for hours
        return acknowledged

    def _connect(self) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self._kafka.servers(),
            acks="all",
            linger_ms=5,
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
            max_block_ms=_REQUEST_MS,
            request_timeout_ms=_REQUEST_MS,
            delivery_timeout_ms=2 * _REQUEST_MS,
            max_request_size=topics.MAX_RECORD_BYTES,
            metadata_max_age_ms=30_000,
        )

    def close(self) -> None:
        """Let go of the connection; the next `publish` makes a new one."""
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None

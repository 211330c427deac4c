"""Talking to Kafka with kafka-python: making the topics, and publishing with acknowledgement."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.partitioner.default import murmur2

from streams import topics
from streams.errors import BrokerUnavailable
from streams.kafka_security import KafkaSecurity
from streams.topic_plan import TopicShape, copies_on, planned
from streams.topics import Topic

_REQUEST_MS = 15_000
_BOOTSTRAP_MS = 3_000
_HEARD_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where Kafka is and how our topics are laid out on it."""

    bootstrap: str
    """`host:port[,host:port...]`."""
    partitions: int
    replication: int
    """Copies of each topic; 0 for three where there are three brokers, else one."""
    session_seconds: float = 10.0
    """Without a heartbeat for so long a worker counts as gone; the embedded broker makes each join wait half of it."""

    retention_hours: int = 168
    security: KafkaSecurity = field(default_factory=KafkaSecurity)

    def servers(self) -> list[str]:
        """The addresses as a list."""
        return [server.strip() for server in self.bootstrap.split(",")]


def ensure_topics(kafka: Kafka) -> list[str]:
    """Make the topics that are missing, all with equal partition counts; their names.

    Raises BrokerUnavailable. Topics that exist are never changed.
    """
    with _admin(kafka) as admin:
        standing = set(admin.list_topics())
        missing = [topic for topic in topics.ALL if topic.name not in standing]
        brokers = len(admin.describe_cluster()["brokers"]) if missing else 0
        made: list[str] = []
        for topic in missing:
            wanted = plan_of(topic, kafka, brokers)
            try:
                admin.create_topics(
                    [
                        NewTopic(
                            name=topic.name,
                            num_partitions=wanted.partitions,
                            replication_factor=wanted.copies,
                            topic_configs=dict(wanted.settings),
                        )
                    ]
                )
            except TopicAlreadyExistsError:
                continue  # another role was quicker, or not every broker has heard of it yet
            made.append(topic.name)
        return made


def plan_of(topic: Topic, kafka: Kafka, brokers: int) -> TopicShape:
    """How a topic should be on a Kafka of so many brokers."""
    return planned(topic, kafka.partitions, copies_on(brokers, kafka.replication), kafka.retention_hours)


def read_topics(kafka: Kafka) -> tuple[int, dict[str, TopicShape]]:
    """How many brokers there are, and those of our topics that stand, as they are. Raises BrokerUnavailable.

    A topic counts as missing once it was so for seconds: the broker that is asked may be the last to hear of it.
    """
    names = [topic.name for topic in topics.ALL]
    with _admin(kafka) as admin:
        brokers = len(admin.describe_cluster()["brokers"])
        deadline = time.monotonic() + _HEARD_SECONDS
        while True:
            told = set(admin.list_topics())
            standing = [name for name in names if name in told]
            if len(standing) == len(names) or brokers == 1 or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        if not standing:
            return brokers, {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in standing]
        described = admin.describe_configs(asked, config_filter="all")["topic"]
        shapes = {}
        for topic in admin.describe_topics(standing):
            settings = {key: str(one["value"]) for key, one in described.get(topic["name"], {}).items()}
            copies = min(len(partition["replica_nodes"]) for partition in topic["partitions"])
            shapes[topic["name"]] = TopicShape(len(topic["partitions"]), copies, settings)
        return brokers, shapes


@contextmanager
def _admin(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    _reach(kafka)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=kafka.servers(),
            request_timeout_ms=_REQUEST_MS,
            bootstrap_timeout_ms=_BOOTSTRAP_MS,
            **kafka.security.client_options(),
        )
    except KafkaError as error:
        raise BrokerUnavailable(f"Kafka at {kafka.bootstrap}: {error}") from error
    try:
        yield admin
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


def partition_of(key: str, partitions: int) -> int:
    """The partition that a record of this key lies in (murmur2, as every Kafka client has it)."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


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
            **self._kafka.security.client_options(),
        )

    def close(self) -> None:
        """Let go of the connection; the next `publish` makes a new one."""
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None

"""Every agent in the order of the flow, on one Faust app.

articles ─► enrich ─► articles.enriched ─► alert ─► archive
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import faust
from faust.transport.drivers import aiokafka as driver

from agents.alert.agent import AlertAgent
from agents.alert.watched import Watched
from agents.enrich.agent import EnrichAgent
from agents.progress import Progress
from agents.setaside import SetAsideArticles
from agents.tell.rules import Recipients
from streams import topics
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.kafka import Kafka
from streams.kafka_security import KafkaSecurity
from streams.processes import ProcessPool

_FETCH_WAIT_MS = 100
_HEARTBEAT_SECONDS = 0.5
"""A worker hears with its next heartbeat that the partitions are shared out anew, and all wait for the last."""
_REQUEST_SECONDS = 25.0
"""After a cut nobody hears of, a worker calls anew once a request has waited for so long; no join waits longer."""
_FETCH_BYTES = 4 * 1024 * 1024
_BATCH_BYTES = 256 * 1024
"""What a process has read goes out in one request: aiokafka's own 16 KiB hold three articles."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the agents share."""

    archive: Archive
    pool: ProcessPool
    watched: Watched
    recipients: Callable[[], Recipients]
    """Who is told of alerts at this moment, and by which rules."""
    progress: Progress
    clock: Clock
    batch: int
    batch_timeout_seconds: float


def new_app(kafka: Kafka, group: str, data_dir: str) -> Any:
    """A Faust app on our transport and topics, without agents; nothing is started. Topics must stand already."""
    app = faust.App(
        group,
        broker=[f"kafka://{server}" for server in kafka.servers()],
        datadir=data_dir,
        store="memory://",
        web_enabled=False,
        topic_partitions=kafka.partitions,
        topic_replication_factor=max(1, kafka.replication),
        topic_allow_declare=False,
        topic_disable_leader=True,
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=_FETCH_BYTES,
        producer_max_request_size=topics.MAX_RECORD_BYTES,
        producer_max_batch_size=_BATCH_BYTES,
        producer_acks=-1,
        broker_commit_interval=1.0,
        broker_heartbeat_interval=min(_HEARTBEAT_SECONDS, kafka.session_seconds / 4),
        broker_session_timeout=kafka.session_seconds,
        broker_request_timeout=_REQUEST_SECONDS,
        stream_wait_empty=True,
        broker_credentials=_credentials(kafka.security),
    )
    app.transport = _Transport(app.conf.broker, app)
    return app


def _credentials(security: KafkaSecurity) -> Any:
    """How Faust's own clients prove themselves, by the same settings as ours."""
    if security.mechanism:
        return faust.SASLCredentials(
            username=security.username,
            password=security.password,
            mechanism=security.mechanism,
            ssl_context=security.context(),
        )
    return faust.SSLCredentials(security.context()) if security.tls else None


def create_app(kafka: Kafka, group: str, data_dir: str, parts: Parts) -> Any:
    """The Faust app with every agent attached; nothing is started. Topics must stand already."""
    app = new_app(kafka, group, data_dir)
    articles, enriched, dead = (
        app.topic(topic.name, key_type=bytes, value_type=bytes)
        for topic in (topics.ARTICLES, topics.ENRICHED, topics.DEAD)
    )
    set_aside = SetAsideArticles(parts.archive, dead, parts.clock)
    EnrichAgent(
        source=articles,
        sink=enriched,
        pool=parts.pool,
        set_aside=set_aside,
        progress=parts.progress,
        batch=parts.batch,
        timeout_seconds=parts.batch_timeout_seconds,
    ).attach(app)
    AlertAgent(
        source=enriched,
        archive=parts.archive,
        watched=parts.watched,
        recipients=parts.recipients,
        set_aside=set_aside,
        progress=parts.progress,
        clock=parts.clock,
    ).attach(app)
    return app


class _ConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust fixes an empty fetch's wait at 1500 ms, half of which the embedded broker sleeps through."""

    logger = driver.logger

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = _FETCH_WAIT_MS
        return consumer


class _Consumer(driver.Consumer):
    logger = driver.logger

    def _new_consumer_thread(self) -> _ConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon)


class _Transport(driver.Transport):
    Consumer = _Consumer

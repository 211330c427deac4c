"""From the outbox to Kafka: publish, wait for the acknowledgement, delete the row. Nothing leaves it otherwise.

Of several pollers one publishes for all, as long as it lives: two would publish each article twice, and reading one
twice costs a worker twice.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from datetime import timedelta

from streams import metrics, topics
from streams.archive import duty, outbox
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import BrokerUnavailable, RetryLater
from streams.kafka import Kafka, Publisher, ensure_topics, partition_of
from streams.owner import new_owner

log = logging.getLogger(__name__)

EXTERNAL_RUN = "kafka"
"""The run id of a broker that keeps its records: Apache Kafka never starts empty."""
_BATCH = 200
_ACK_SECONDS = 20.0
_IDLE_SECONDS = 0.1
_LOOK_AGAIN_SECONDS = 15.0
_DUTY = "publish"
_DUTY_LASTS = timedelta(seconds=_ACK_SECONDS + 5)
"""Longer than any wait for an acknowledgement. Who died on this machine is not waited for."""
_DUTY_RENEWED_SECONDS, _DUTY_LOOK_SECONDS = 3.0, 0.5
_MAX_PAUSE_SECONDS = 15.0


class OutboxPublisher:
    """Publishes the outbox in its own thread until stopped; of several one does, and another once it is gone."""

    def __init__(self, archive: Archive, kafka: Kafka, clock: Clock, *, embedded: bool) -> None:
        self._archive = archive
        self._clock = clock
        self._embedded = embedded
        self._kafka = kafka
        self._publisher = Publisher(kafka)
        self._topics_made_for: str | None = None
        self._looked_for: str | None = None
        self._look_again = 0.0
        self._owner = new_owner()
        self._on_duty = False
        self._look_at_duty = 0.0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def wake(self) -> None:
        """Something was put into the outbox: look at once."""
        self._wake.set()

    def stop(self, seconds: float) -> None:
        """Finish the batch in hand, within `seconds`."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                sent = self.publish_once()
                pause = 0.0
            except Exception as error:  # whatever it was, this thread must not end while its process lives
                pause = min(_MAX_PAUSE_SECONDS, pause * 2 or 0.5)
                _complain(error, pause)
                self._lay_down_duty()  # Kafka may be within another's reach
                self._look_at_duty = time.monotonic() + pause
                self._stopping.wait(pause)
                continue
            if not sent:
                self._wake.wait(_IDLE_SECONDS)
                self._wake.clear()
        self._publisher.close()
        self._lay_down_duty()

    def publish_once(self) -> int:
        """Publish one batch, where this is the one who publishes; how many records were acknowledged.

        Raises RetryLater's kinds: ArchiveUnavailable, and BrokerUnavailable where not one was acknowledged.
        """
        standing = self._archive.glance(outbox.standing)
        metrics.OUTBOX_ARTICLES.set(standing.articles)
        run = standing.broker_run if self._embedded else EXTERNAL_RUN
        if run is None or standing.is_broker_recycling or not self._is_on_duty():
            return 0
        if run != self._looked_for or time.monotonic() >= self._look_again:  # not the wall clock: it may be set back
            self._put_lost_back(run)
            self._put_overdue_back()
            self._looked_for, self._look_again = run, time.monotonic() + _LOOK_AGAIN_SECONDS
        elif not standing.articles:
            return 0
        with self._archive.read() as connection:
            batch = outbox.unsent(connection, _BATCH)
        if not batch:
            return 0
        if run != self._topics_made_for:
            ensure_topics(self._kafka)
            self._topics_made_for = run
        started = time.monotonic()
        acknowledged = self._publisher.publish(
            topics.ARTICLES.name, [(one.article, one.record.encode()) for one in batch], _ACK_SECONDS
        )
        sent = [one for one, ok in zip(batch, acknowledged, strict=True) if ok]
        metrics.ARTICLES.labels("publish", "again").inc(len(batch) - len(sent))
        if not sent:
            raise BrokerUnavailable(f"Kafka acknowledged none of {len(batch)} articles")
        with self._archive.begin() as connection:
            outbox.mark_sent(connection, sent, run, self._clock())
        metrics.ARTICLES.labels("publish", "ok").inc(len(sent))
        metrics.BATCH_SECONDS.labels("publish").observe(time.monotonic() - started)
        metrics.BATCH_ARTICLES.labels("publish").observe(len(batch))
        metrics.LAST_COMMIT.labels("publish").set(self._clock().timestamp())
        return len(sent)

    def _is_on_duty(self) -> bool:
        if time.monotonic() >= self._look_at_duty:
            with self._archive.begin() as connection:
                self._on_duty = duty.take(connection, _DUTY, self._owner, self._clock(), _DUTY_LASTS)
            self._look_at_duty = time.monotonic() + (_DUTY_RENEWED_SECONDS if self._on_duty else _DUTY_LOOK_SECONDS)
        return self._on_duty

    def _lay_down_duty(self) -> None:
        if not self._on_duty:
            return
        self._on_duty = False
        with suppress(Exception), self._archive.begin() as connection:  # else it runs out by itself
            duty.lay_down(connection, _DUTY, self._owner)

    def _put_lost_back(self, run: str) -> None:
        with self._archive.read() as connection:
            if not outbox.has_lost(connection, run):
                return
        with self._archive.begin() as connection:
            count = outbox.send_lost_again(connection, run, self._clock())
        if count:
            log.info("outbox: %d articles that an earlier broker held are published again", count)

    def _put_overdue_back(self) -> None:
        with self._archive.begin() as connection:
            count = outbox.send_overdue_again(connection, self._partition, self._clock())
        if count:
            log.warning("outbox: %d articles were not done for too long and are published again", count)

    def _partition(self, article: str) -> int:
        return partition_of(article, self._kafka.partitions)


def _complain(error: Exception, pause: float) -> None:
    trace = None if isinstance(error, RetryLater) else error
    log.error("outbox: %s; again in %.1f s", error, pause, exc_info=trace)

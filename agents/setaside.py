"""Setting an article aside: to the archive and to the `dead` topic, with the step, the error and the bytes."""

from __future__ import annotations

import asyncio
import base64
import logging
from datetime import datetime
from typing import Any

from streams import metrics
from streams.archive import dead
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.ids import digest
from streams.records import Article, DeadArticle, encode_dead
from streams.topics import MAX_RECORD_BYTES

log = logging.getLogger(__name__)

_MOST_REASON_CHARACTERS = 2_000
_MOST_RAW_BYTES = MAX_RECORD_BYTES // 4
"""More of a record is not kept: in base64 it would be too large for the topic, and so never be set aside."""


class SetAsideArticles:
    """Keeps what cannot be processed; `topic` is the Faust topic `dead`."""

    def __init__(self, archive: Archive, topic: Any, clock: Clock) -> None:
        self._archive = archive
        self._topic = topic
        self._clock = clock

    async def keep(
        self, step: str, raw: bytes | None, key: bytes | None, error: Exception, article: Article | None
    ) -> None:
        """Keep one (see `dead_record`); raises ArchiveUnavailable."""
        record = dead_record(step, raw, key, error, article, self._clock())
        log.error("set aside at %s: article %s: %s", step, record.article, record.error)
        await asyncio.to_thread(self._store, record)
        sent = await self._topic.send(key=record.article.encode(), value=encode_dead(record))
        await sent
        metrics.DEAD_ARTICLES.labels(step).inc()
        metrics.ARTICLES.labels(step, "dead").inc()

    def _store(self, record: DeadArticle) -> None:
        with self._archive.begin() as connection:
            dead.set_aside(connection, record)


def dead_record(
    step: str, raw: bytes | None, key: bytes | None, error: Exception, article: Article | None, now: datetime
) -> DeadArticle:
    """What is kept of one; what is no record of ours goes under its Kafka key, or under a hash of its bytes.

    `raw` is None for a record that has no bytes at all, which Kafka allows.
    """
    raw = raw or b""
    reason = f"{type(error).__name__}: {error}"[:_MOST_REASON_CHARACTERS].encode("utf-8", "replace").decode()
    if len(raw) > _MOST_RAW_BYTES:
        reason += f" (the first {_MOST_RAW_BYTES} of {len(raw)} bytes are kept)"
    return DeadArticle(
        article=article.id if article else (key or b"").decode("utf-8", "replace") or digest("bytes", raw.hex()),
        revision=article.revision if article else 0,
        step=step,
        error=reason,
        raw=base64.b64encode(raw[:_MOST_RAW_BYTES]).decode(),
        at=now,
    )

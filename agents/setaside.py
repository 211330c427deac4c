"""Setting an article aside: to the archive and to the `dead` topic, with the step, the error and the bytes."""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import Any

from streams import metrics
from streams.archive import dead
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.ids import digest
from streams.records import Article, DeadArticle, encode_dead

log = logging.getLogger(__name__)


class SetAsideArticles:
    """Keeps what cannot be processed; `topic` is the Faust topic `dead`."""

    def __init__(self, archive: Archive, topic: Any, clock: Clock) -> None:
        self._archive = archive
        self._topic = topic
        self._clock = clock

    async def keep(self, step: str, raw: bytes, key: bytes | None, error: Exception, article: Article | None) -> None:
        """Keep one; what is no record of ours goes under its Kafka key, or under a hash of its bytes."""
        name = article.id if article else (key or b"").decode("utf-8", "replace") or digest("bytes", raw.hex())
        record = DeadArticle(
            article=name,
            revision=article.revision if article else 0,
            step=step,
            error=f"{type(error).__name__}: {error}",
            raw=base64.b64encode(raw).decode(),
            at=self._clock(),
        )
        log.error("set aside at %s: article %s: %s", step, name, record.error)
        await asyncio.to_thread(self._store, record)
        sent = await self._topic.send(key=name.encode(), value=encode_dead(record))
        await sent
        metrics.DEAD_ARTICLES.labels(step).inc()
        metrics.ARTICLES.labels(step, "dead").inc()

    def _store(self, record: DeadArticle) -> None:
        with self._archive.begin() as connection:
            dead.set_aside(connection, record)

"""The alert agent: `articles.enriched` in; matches, stories, alerts and deliveries into the archive."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.alert.transaction import Recorded, record_article
from agents.match.compile import CompiledWatches
from agents.match.matcher import match
from agents.match.watch import Watch
from agents.progress import Progress, see_through
from agents.setaside import SetAsideArticles
from streams import metrics
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import ArchiveUnavailable, EnrichmentFailed, MalformedRecord, SetAside
from streams.records import EnrichedArticle, decode_enriched

log = logging.getLogger(__name__)

STEP = "alert"
_BATCH = 64
_WITHIN_SECONDS = 0.01
_ARCHIVE_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AlertAgent:
    """What the agent works with; `source` is the Faust topic of enriched articles as raw bytes."""

    source: Any
    archive: Archive
    compiled: CompiledWatches
    watches: Mapping[str, Watch]
    endpoints: Sequence[str]
    set_aside: SetAsideArticles
    progress: Progress
    clock: Clock

    def attach(self, app: Any) -> None:
        """Add the agent to a Faust app. Its concurrency stays 1: more would commit past what is in flight."""

        async def alert(stream: Any) -> None:
            async for events in stream.take_events(_BATCH, within=_WITHIN_SECONDS):
                await see_through(STEP, events, self.progress, self._process)

        app.agent(self.source, name=STEP, concurrency=1)(alert)

    async def _process(self, events: Sequence[Any]) -> None:
        for event in events:
            await self._process_one(event)

    async def _process_one(self, event: Any) -> None:
        raw = event.message.value
        try:
            enriched = decode_enriched(raw)
        except MalformedRecord as error:
            await self.set_aside.keep(STEP, raw, event.message.key, error, None)
            return
        try:
            recorded = await asyncio.to_thread(self._record, enriched)
        except ArchiveUnavailable:
            raise
        except Exception as error:  # a poisonous article must not stop the stream
            log.exception("alert: article %s", enriched.article.id)
            reason: SetAside = EnrichmentFailed(f"{type(error).__name__}: {error}")
            await self.set_aside.keep(STEP, raw, event.message.key, reason, enriched.article)
            return
        self._count(enriched, recorded)

    def _record(self, enriched: EnrichedArticle) -> Recorded:
        hits = match(enriched, self.compiled)
        deadline = time.monotonic() + _ARCHIVE_PATIENCE_SECONDS
        while True:
            try:
                return record_article(self.archive, enriched, hits, self.watches, self.endpoints, self.clock())
            except ArchiveUnavailable as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("alert: %s; trying again", error)
                time.sleep(0.5)

    def _count(self, enriched: EnrichedArticle, recorded: Recorded) -> None:
        metrics.ARTICLES.labels(STEP, recorded.outcome).inc()
        for reason in recorded.joined:
            metrics.HITS.labels(reason).inc()
        for alert in recorded.opened:
            metrics.HITS.labels("opened").inc()
            metrics.count_alert(alert.watch)
            metrics.FIRST_SEEN_TO_ALERT.observe(max(0.0, (alert.opened - alert.first_seen).total_seconds()))
            if alert.published is not None:
                metrics.PUBLISHED_TO_ALERT.observe(max(0.0, (alert.opened - alert.published).total_seconds()))
            log.info("alert %s opened by watch %s: %s", alert.id, alert.watch, enriched.article.title)

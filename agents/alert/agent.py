"""The alert agent: `articles.enriched` in; matches, stories, alerts and deliveries into the archive."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.alert.batch import together
from agents.alert.kept import KeptStories
from agents.alert.telling import noted
from agents.alert.together import Matched, record_together
from agents.alert.transaction import Recorded, record_article
from agents.alert.watched import Watched
from agents.batches import batches
from agents.match.watch import Watch
from agents.progress import Progress, see_through
from agents.setaside import SetAsideArticles
from agents.tell.rules import Recipients
from streams import metrics
from streams.archive.engine import Archive
from streams.clock import Clock
from streams.errors import AlertingFailed, ArchiveUnavailable, MalformedRecord, SetAside
from streams.records import Article, EnrichedArticle, Hit, decode_enriched

log = logging.getLogger(__name__)

STEP = "alert"
_BATCH = 64
_WITHIN_SECONDS = 0.01
_ARCHIVE_PATIENCE_SECONDS = 60.0

_Failure = tuple[Article | None, SetAside]


@dataclass(frozen=True, slots=True)
class AlertAgent:
    """What the agent works with; `source` is the Faust topic of enriched articles as raw bytes."""

    source: Any
    archive: Archive
    watched: Watched
    recipients: Callable[[], Recipients]
    """Who is told at this moment."""
    set_aside: SetAsideArticles
    progress: Progress
    clock: Clock
    stories: KeptStories = field(default_factory=KeptStories)

    def attach(self, app: Any) -> None:
        """Add the agent to a Faust app. Its concurrency stays 1: more would commit past what is in flight."""

        async def alert(stream: Any) -> None:
            async for events in batches(stream, _BATCH, _WITHIN_SECONDS):
                await see_through(STEP, events, self.progress, self._process)

        app.agent(self.source, name=STEP, concurrency=1)(alert)

    async def _process(self, events: Sequence[Any]) -> None:
        # One trip to a thread for the whole batch: SQL blocks, and a trip an article costs more than its SQL.
        for event, result in await asyncio.to_thread(self._process_in_order, events):
            if isinstance(result, Recorded):
                continue
            article, error = result
            await self.set_aside.keep(STEP, event.message.value, event.message.key, error, article)

    def _process_in_order(self, events: Sequence[Any]) -> list[tuple[Any, Recorded | _Failure]]:
        read = [self._match(event.message.value or b"") for event in events]
        done = self._record_all({place: one for place, one in enumerate(read) if isinstance(one, Matched)})
        return [
            (event, done[place] if isinstance(one, Matched) else one)
            for place, (event, one) in enumerate(zip(events, read, strict=True))
        ]

    def _match(self, raw: bytes) -> Matched | _Failure:
        try:
            enriched = decode_enriched(raw)
        except MalformedRecord as error:
            return None, error
        try:
            enriched = noted(enriched)
            return Matched(enriched, self.watched.match(enriched))
        except Exception as error:
            return _poisonous(enriched, error)

    def _record_all(self, left: dict[int, Matched]) -> dict[int, Recorded | _Failure]:
        """Record the articles of a batch, by place, as if one after another: many in a transaction where they can."""
        done: dict[int, Recorded | _Failure] = {}
        alone: set[int] = set()
        most = 1 if self.recipients().rules.inhibitions else len(left)
        while left:
            some = together(left, alone, most)
            if len(some) < 2:
                place = next(iter(left))
                done[place] = self._record_one(left.pop(place))
                continue
            recorded = self._record_together([left[place] for place in some])
            kept = [place for place in some if left[place].enriched.article.id in recorded]
            hitting = [place for place in some if left[place].hits]
            if not recorded:
                alone.update(some)
            alone.update(place for place in (*hitting[:1], *set(some).difference(hitting)) if place not in kept)
            if hitting:  # what was left out is decided anew: where that is much, fewer are tried
                most = min(most, max(1, 2 * len(set(hitting).intersection(kept))))
            for place in kept:
                enriched = left.pop(place).enriched
                done[place] = recorded[enriched.article.id]
                self._count(enriched, recorded[enriched.article.id])
        return done

    def _record_together(self, some: Sequence[Matched]) -> dict[str, Recorded]:
        """What was recorded in one transaction, by article; nothing where that failed."""
        try:
            return record_together(self.archive, some, self.recipients(), self.clock(), self.stories)
        except Exception as error:  # one of them may be poisonous, and none may be taken down by another
            log.warning("alert: %d articles at once: %s; one by one now", len(some), error)
            return {}

    def _record_one(self, one: Matched) -> Recorded | _Failure:
        enriched = one.enriched
        try:
            recorded = self._record(enriched, one.hits)
        except ArchiveUnavailable:
            raise
        except Exception as error:
            return _poisonous(enriched, error)
        self._count(enriched, recorded)
        return recorded

    def _record(self, enriched: EnrichedArticle, matched: Sequence[tuple[Hit, Watch]]) -> Recorded:
        hits = [hit for hit, _ in matched]
        watches = {watch.id: watch for _, watch in matched}
        told = self.recipients()
        deadline = time.monotonic() + _ARCHIVE_PATIENCE_SECONDS
        while True:
            try:
                return record_article(
                    self.archive, enriched, hits, watches, told.endpoints, self.clock(), self._is_in_force, told.rules,
                    self.stories,
                )  # fmt: skip
            except ArchiveUnavailable as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("alert: %s; trying again", error)
                time.sleep(0.5)

    def _is_in_force(self, watch: str) -> bool:
        return self.watched.live.watch(watch) is not None

    def _count(self, enriched: EnrichedArticle, recorded: Recorded) -> None:
        metrics.ARTICLES.labels(STEP, recorded.outcome).inc()
        for reason in recorded.joined:
            metrics.HITS.labels(reason).inc()
        for notice in recorded.notices:
            metrics.NOTICES.labels(notice).inc()
        for alert in recorded.changed:
            log.info("alert %s %s: %s", alert.id, alert.status, "; ".join(alert.changes))
        for alert in recorded.opened:
            metrics.HITS.labels("opened").inc()
            metrics.count_alert(alert.watch)
            metrics.FIRST_SEEN_TO_ALERT.observe(max(0.0, (alert.opened - alert.first_seen).total_seconds()))
            if alert.published is not None:
                metrics.PUBLISHED_TO_ALERT.observe(max(0.0, (alert.opened - alert.published).total_seconds()))
            log.info("alert %s opened by watch %s: %s", alert.id, alert.watch, enriched.article.title)


def _poisonous(enriched: EnrichedArticle, error: Exception) -> _Failure:
    """An article that must not stop the stream."""
    log.error("alert: article %s", enriched.article.id, exc_info=error)
    return enriched.article, AlertingFailed(f"{type(error).__name__}: {error}")

"""The enrich agent: `articles` in, `articles.enriched` out, through a pool of warm processes."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.batches import batches
from agents.enrich.chunks import even_chunks
from agents.progress import Progress, see_through
from agents.setaside import SetAsideArticles
from streams import metrics
from streams.errors import EnrichmentFailed, MalformedRecord, SetAside, TooLarge, WorkTimedOut
from streams.processes import ProcessPool, WorkFailed
from streams.records import decode_article
from streams.topics import MAX_RECORD_BYTES

log = logging.getLogger(__name__)

STEP = "enrich"
_WITHIN_SECONDS = 0.01
_PIECE = 16
"""Articles that a process gets at once: fewer cost the models their batching, more leave the others waiting."""


@dataclass(frozen=True, slots=True)
class EnrichAgent:
    """What the agent works with; `source` and `sink` are Faust topics of raw bytes."""

    source: Any
    sink: Any
    pool: ProcessPool
    set_aside: SetAsideArticles
    progress: Progress
    batch: int
    timeout_seconds: float
    """For a piece of a batch; one article alone gets as long."""

    def attach(self, app: Any) -> None:
        """Add the agent to a Faust app. Its concurrency stays 1: more would commit past what is in flight."""

        async def enrich(stream: Any) -> None:
            async for events in batches(stream, self.batch, _WITHIN_SECONDS):
                await see_through(STEP, events, self.progress, self._process)

        app.agent(self.source, name=STEP, concurrency=1)(enrich)

    async def _process(self, events: Sequence[Any]) -> None:
        # More pieces than processes: one that is done early takes another, and what is done is sent meanwhile.
        pieces = max(self.pool.size, math.ceil(len(events) / _PIECE))
        chunks = even_chunks([len(_raw(event)) for event in events], pieces)
        await asyncio.gather(*(self._enrich([events[i] for i in chunk]) for chunk in chunks))

    async def _enrich(self, events: list[Any], *, tried: bool = False) -> None:
        try:
            answers = await self.pool.call([_raw(event) for event in events], self.timeout_seconds)
        except (WorkTimedOut, WorkFailed) as error:
            self.progress.still_at_work()
            if len(events) == 1 and tried:
                await self._dead(events[0], _as_set_aside(error))
                return
            # A process may die of what is not the article's fault: each gets one more chance, alone.
            log.warning("enrich: %d articles: %s; one by one now", len(events), error)
            metrics.ARTICLES.labels(STEP, "again").inc(len(events))
            for event in events:
                await self._enrich([event], tried=len(events) == 1)
            return
        self.progress.still_at_work()
        pending = []
        for event, (outcome, value) in zip(events, answers, strict=True):
            if outcome != "ok":
                await self._dead(event, EnrichmentFailed(value))
            elif len(value) > MAX_RECORD_BYTES // 2:
                await self._dead(event, TooLarge(f"{len(value)} bytes of findings"))
            else:
                pending.append(await self.sink.send(key=event.message.key, value=value))
        for sent in pending:
            await sent
        metrics.ARTICLES.labels(STEP, "ok").inc(len(pending))

    async def _dead(self, event: Any, error: SetAside) -> None:
        raw = _raw(event)
        try:
            article = decode_article(raw)
        except MalformedRecord:
            article = None
        await self.set_aside.keep(STEP, raw, event.message.key, error, article)


def _raw(event: Any) -> bytes:
    """A record's bytes; one without a value (a tombstone, which nobody of ours writes) is no article."""
    value: bytes | None = event.message.value
    return value or b""


def _as_set_aside(error: Exception) -> SetAside:
    return error if isinstance(error, SetAside) else EnrichmentFailed(str(error))

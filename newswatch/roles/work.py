"""The work role: the Faust agents."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import Any

from agents.alert.watched import Watched
from agents.pipeline import Parts, create_app
from agents.progress import Progress, end_when_stalled, end_without_acknowledging
from newswatch.roles.runner import RoleContext
from newswatch.roles.watching import Watching, keep_watching, teach
from streams import metrics
from streams.archive import articles
from streams.errors import ArchiveUnavailable
from streams.kafka import wait_for_topics
from streams.processes import ProcessPool

log = logging.getLogger(__name__)

_STALLED_SECONDS = 60.0
_TOPICS_SECONDS = 60.0
_GAUGES_EVERY_SECONDS = 2.0


async def main(context: RoleContext) -> None:
    """Enrich and alert until stopped."""
    settings = context.settings
    enrich = settings.enrich
    pool = ProcessPool(
        "agents.enrich.enricher:make_enricher",
        (dict(enrich.models), tuple(str(pack) for pack in enrich.packs), str(settings.cache_dir())),
        size=enrich.processes,
        recycle_after=enrich.recycle_after,
        recycle_bytes=enrich.recycle_megabytes * 1024 * 1024,
    )
    watching = Watching(context.config, settings, context.archive)
    kafka = await context.kafka()
    stopping = asyncio.create_task(context.stopping.wait())
    loading = asyncio.gather(
        asyncio.to_thread(wait_for_topics, kafka, _TOPICS_SECONDS, context.stopping.is_set),
        asyncio.to_thread(watching.load),
        pool.start(),
    )
    either: set[asyncio.Future[Any]] = {loading, stopping}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not loading.done():
        loading.cancel()
        await pool.stop()
        context.end_at_once("stopped while loading")  # a thread cannot be cancelled; nothing was taken from Kafka yet
    _, live, _ = loading.result()
    if live.entities:
        await teach(pool, live.entities)
    log.info("models, names and %d watches are loaded (%d processes)", len(live.matcher), pool.size)
    progress = Progress()
    parts = Parts(
        archive=context.archive,
        pool=pool,
        watched=Watched(live),
        recipients=lambda: watching.recipients,
        progress=progress,
        clock=context.clock,
        batch=enrich.batch,
        batch_timeout_seconds=enrich.batch_timeout_seconds,
    )
    app = create_app(kafka, settings.kafka.group, str(settings.data_dir / "faust"), parts)
    await app.start()
    log.info("agents are running")
    context.readiness.ready()
    ended = asyncio.create_task(app.wait_until_stopped())
    watchdog = asyncio.create_task(
        end_when_stalled(
            progress,
            lambda: _is_stalled(context, app, progress),
            patience_seconds=max(_STALLED_SECONDS, enrich.batch_timeout_seconds + 30),
        )
    )
    gauges = asyncio.create_task(_keep_gauges(context, pool))
    changes = asyncio.create_task(keep_watching(watching, pool, context.reload))
    await asyncio.wait({stopping, ended, watchdog, gauges, changes}, return_when=asyncio.FIRST_COMPLETED)
    if not context.stopping.is_set():
        reason = next(
            (str(task.exception()) for task in (watchdog, gauges, changes) if task.done()), str(app.crash_reason)
        )
        end_without_acknowledging(f"the agents ended unasked: {reason}")
    for task in (watchdog, gauges, changes):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await app.stop()
    await pool.stop()
    live.close()


async def _is_stalled(context: RoleContext, app: Any, progress: Progress) -> bool:
    """Whether articles wait that Kafka acknowledged a while ago, and this worker is one that should take them.

    Where there are more workers than partitions some rightly have none; but one that has none for five times as
    long may as well have got stuck on its way into the group.
    """
    if not app.consumer.assignment() and progress.seconds_ago() < 5 * _STALLED_SECONDS:
        return False

    before = context.clock() - timedelta(seconds=_STALLED_SECONDS)
    try:
        return await asyncio.to_thread(
            context.archive.glance, lambda connection: articles.sent_before_and_waiting(connection, before)
        )
    except ArchiveUnavailable as error:
        log.warning("watchdog: %s", error)
        return False


async def _keep_gauges(context: RoleContext, pool: ProcessPool) -> None:
    restarts = recycled = 0
    while True:
        try:
            waiting = await asyncio.to_thread(context.archive.glance, articles.waiting)
            metrics.ARTICLES_WAITING.set(waiting.articles)
            age = (context.clock() - waiting.oldest).total_seconds() if waiting.oldest else 0.0
            metrics.OLDEST_WAITING.set(age)
        except ArchiveUnavailable as error:
            log.warning("gauges: %s", error)
        metrics.PROCESS_RESTARTS.labels("enrich").inc(pool.restarts - restarts)
        metrics.PROCESS_RECYCLES.labels("enrich").inc(pool.recycled - recycled)
        restarts, recycled = pool.restarts, pool.recycled
        await asyncio.sleep(_GAUGES_EVERY_SECONDS)

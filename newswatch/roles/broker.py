"""The embedded broker's role: keep it running, make its topics, and recycle it before it grows too large."""

from __future__ import annotations

import asyncio
import logging
import uuid

from newswatch.roles.runner import RoleContext
from streams import metrics
from streams.archive import facts, outbox
from streams.broker import EmbeddedBroker, free_port
from streams.kafka import Kafka, ensure_topics
from streams.memory import resident_bytes

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0
_RUN_DRY_SECONDS = 60.0


async def main(context: RoleContext) -> None:
    """Run the broker until stopped; started again when it ends by itself or has grown past its bound."""
    port = context.settings.kafka.embedded_port or _port_of_before(context) or free_port()
    broker = EmbeddedBroker(port)
    bound = context.settings.kafka.recycle_megabytes * 1024 * 1024
    try:
        while not context.stopping.is_set():
            await _start(context, broker)
            ended = asyncio.create_task(broker.wait())
            grown = asyncio.create_task(_grown(broker, bound))
            stopping = asyncio.create_task(context.stopping.wait())
            await asyncio.wait({ended, grown, stopping}, return_when=asyncio.FIRST_COMPLETED)
            grown.cancel()
            stopping.cancel()
            if ended.done() and not context.stopping.is_set():
                context.readiness.not_ready("the embedded broker ended and is started again")
                log.error("the embedded broker ended (exit code %d) and is started again", ended.result())
                metrics.PROCESS_RESTARTS.labels("broker").inc()
            elif not context.stopping.is_set():
                context.readiness.not_ready("the embedded broker is recycled")
                await _run_dry(context, ended)
                await broker.stop()
                await ended
                metrics.BROKER_RECYCLES.inc()
            else:
                await broker.stop()
                await ended
    finally:
        await broker.stop()


async def _start(context: RoleContext, broker: EmbeddedBroker) -> None:
    await broker.start()
    kafka = Kafka(broker.address, context.settings.kafka.partitions, 1)
    await asyncio.to_thread(ensure_topics, kafka)
    run = uuid.uuid4().hex

    def tell() -> None:
        with context.archive.begin() as connection:
            now = context.clock()
            facts.tell(connection, facts.BROKER_ADDRESS, broker.address, now)
            facts.tell(connection, facts.BROKER_RUN, run, now)
            facts.take_back(connection, facts.BROKER_RECYCLING)

    await asyncio.to_thread(tell)
    context.readiness.ready()
    log.info("embedded broker listens on %s (run %s)", broker.address, run)


async def _grown(broker: EmbeddedBroker, bound: int) -> None:
    """Return when the broker's memory has passed its bound."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
        used = await asyncio.to_thread(resident_bytes, broker.pid) if broker.pid else None
        if used is not None:
            metrics.BROKER_BYTES.set(used)
            if used > bound:
                log.info("embedded broker holds %d MB and is recycled", used // 1_048_576)
                return


async def _run_dry(context: RoleContext, ended: asyncio.Task[int]) -> None:
    """Stop the publishing and wait until what was published is done, but not for ever: the rest is sent again."""

    def announce() -> str | None:
        with context.archive.begin() as connection:
            facts.tell(connection, facts.BROKER_RECYCLING, "1", context.clock())
            return facts.told(connection, facts.BROKER_RUN)

    def left(run: str) -> int:
        with context.archive.read() as connection:
            return outbox.in_flight(connection, run)

    run = await asyncio.to_thread(announce)
    waited = 0.0
    while run is not None and waited < _RUN_DRY_SECONDS and not context.stopping.is_set() and not ended.done():
        if await asyncio.to_thread(left, run) == 0 and waited >= 1.0:  # a batch may be on its way to be marked
            return
        await asyncio.sleep(0.25)
        waited += 0.25


def _port_of_before(context: RoleContext) -> int | None:
    with context.archive.read() as connection:
        address = facts.told(connection, facts.BROKER_ADDRESS)
    return int(address.rpartition(":")[2]) if address else None

"""How a step is getting on, and the end of a process that does not get on at all.

Faust workers can stall after a rebalance or broker trouble without an error. A worker that has a backlog and
has finished nothing for a while ends itself without acknowledging; its supervisor starts it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

from streams import metrics

log = logging.getLogger(__name__)

EXIT_STALLED = 75
EXIT_CANNOT_GO_ON = 70


class Progress:
    """When any step of this process was last seen to get on."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def made(self, step: str, articles: int, seconds: float) -> None:
        """A step finished a batch of so many articles that took so long."""
        self.still_at_work()
        metrics.BATCH_SECONDS.labels(step).observe(seconds)
        metrics.BATCH_ARTICLES.labels(step).observe(articles)
        metrics.LAST_COMMIT.labels(step).set(time.time())

    def still_at_work(self) -> None:
        """A batch was taken, or a piece of one ended, well or not: slow, but no stall."""
        self._at = time.monotonic()

    def seconds_ago(self) -> float:
        """Seconds since a step was last seen to get on, or since the start."""
        return time.monotonic() - self._at


async def see_through(
    step: str, events: Sequence[Any], progress: Progress, process: Callable[[Sequence[Any]], Awaitable[None]]
) -> None:
    """Process one batch of Faust events to its very end, or end this process without acknowledging it.

    Nothing may leave the body of a Faust agent, neither an exception nor a cancellation: Faust would acknowledge
    the batch.
    """
    started = time.monotonic()
    progress.still_at_work()
    try:
        for event in events:
            if (event.message.timestamp or 0) > 0:  # a producer need not give one
                metrics.QUEUE_SECONDS.labels(step).observe(max(0.0, time.time() - event.message.timestamp))
        await process(events)
    except asyncio.CancelledError:
        end_without_acknowledging(f"{step}: the batch was cancelled")
    except Exception as error:
        log.exception("%s: the batch failed", step)
        end_without_acknowledging(f"{step}: {error}")
    progress.made(step, len(events), time.monotonic() - started)


async def end_when_stalled(
    progress: Progress,
    has_backlog: Callable[[], Awaitable[bool]],
    *,
    patience_seconds: float,
    every_seconds: float = 5.0,
) -> None:
    """Watch until cancelled; end the process when there is a backlog and no progress for `patience_seconds`."""
    while True:
        await asyncio.sleep(every_seconds)
        if progress.seconds_ago() > patience_seconds and await has_backlog():
            end_without_acknowledging(
                f"articles wait and nothing was finished for {progress.seconds_ago():.0f} s", EXIT_STALLED
            )


def end_without_acknowledging(why: str, code: int = EXIT_CANNOT_GO_ON) -> NoReturn:
    """End this process at once, so that Kafka gives what is in hand to the next one.

    An exception would do the opposite: Faust acknowledges a batch whose body ends by one.
    """
    log.critical("ending without acknowledging: %s", why)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(code)

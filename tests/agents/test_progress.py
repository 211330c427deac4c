"""A batch is seen through to its end, or its process ends without acknowledging it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from agents.progress import EXIT_CANNOT_GO_ON, EXIT_STALLED, Progress, end_when_stalled, see_through

EVENTS = [
    SimpleNamespace(message=SimpleNamespace(timestamp=timestamp)) for timestamp in (1_700_000_000.0, -0.001, None)
]


async def backlog() -> bool:
    return True


async def test_records_without_a_time_are_processed_like_any_other() -> None:
    seen: list[Any] = []

    async def process(events: Sequence[Any]) -> None:
        seen.extend(events)

    await see_through("alert", EVENTS, Progress(), process)
    assert seen == EVENTS


async def test_a_slow_batch_that_gets_on_is_no_stall() -> None:
    progress = Progress()
    watchdog = asyncio.create_task(end_when_stalled(progress, backlog, patience_seconds=0.5, every_seconds=0.02))

    async def process(_events: Sequence[Any]) -> None:
        for _ in range(8):
            await asyncio.sleep(0.1)
            progress.still_at_work()

    await see_through("enrich", EVENTS, progress, process)  # a stall would end the whole test run
    watchdog.cancel()
    assert progress.seconds_ago() < 0.5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("raise ValueError('no')", EXIT_CANNOT_GO_ON),
        ("asyncio.current_task().cancel(); await asyncio.sleep(1)", EXIT_CANNOT_GO_ON),
        ("await asyncio.sleep(60)", EXIT_STALLED),
    ],
)
def test_what_does_not_end_well_ends_the_process_at_once(body: str, code: int) -> None:
    program = (
        "import asyncio\n"
        "from agents.progress import Progress, end_when_stalled, see_through\n"
        "async def backlog(): return True\n"
        f"async def process(events): {body}\n"
        "async def main():\n"
        "    progress = Progress()\n"
        "    dog = asyncio.create_task(end_when_stalled(progress, backlog, patience_seconds=.5, every_seconds=.1))\n"
        "    await see_through('enrich', [], progress, process)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], timeout=50, check=False, capture_output=True)
    assert ended.returncode == code

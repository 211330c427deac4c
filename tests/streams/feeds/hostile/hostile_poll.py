"""Polls feeds for a while as a process of its own, so that its memory and its lateness are the poller's alone.

`python hostile_poll.py ARCHIVE SECONDS` reads `[[id, url, every seconds], ...]` from standard input and prints one line
of JSON: how late each feed's polls began (s, by the time that the poll before set), how late this process's timers
were (s), for how long its own work held each of them up (s of processor, however busy the machine is), the addresses it
connected to, and the most bytes (RSS) that it or one of its children took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from hostile_serve import TICK_SECONDS
from hostile_watch import dialled, rebind
from hostile_weigh import weighed

from newswatch.settings import PollSettings
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller
from streams.feeds.report import PollReport
from streams.prompt import keep_prompt

SETTINGS = PollSettings(allow_networks=("127.0.0.1/32",), host_spacing_seconds=0.0)  # all servers are one host


@dataclass(frozen=True)
class Polled:
    """What came of polling for a while."""

    late: dict[str, list[float]]
    loop_late: list[float]
    loop_held: list[float]
    dialled: list[str]
    most_bytes: int


class Watched(Poller):
    """Notes how late each poll begins, by the time that the poll before it set."""

    late: dict[str, list[float]]

    async def poll_once(self, feed: Feed) -> PollReport:
        due = self._ledger.state(feed).next_poll_at
        if due is not None:
            self.late.setdefault(feed.key(), []).append((utc_now() - due).total_seconds())
        return await super().poll_once(feed)


class Heart:
    """How late this process's timers are, and what of it is the loop's own work."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.held: list[float] = []

    async def beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before, worked = loop.time(), time.thread_time()
            await asyncio.sleep(TICK_SECONDS)
            self.late.append(loop.time() - before - TICK_SECONDS)
            self.held.append(max(0.0, time.thread_time() - worked - TICK_SECONDS))


async def polled(archive: Path, feeds: list[Feed], seconds: float) -> Polled:
    """Start `hostile_poll.py` on these feeds, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__)), str(archive), str(seconds)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    asked = json.dumps([(feed.id, str(feed.url), feed.every_seconds) for feed in feeds])
    out, _ = await process.communicate(asked.encode())
    assert process.returncode == 0
    return Polled(**json.loads(out))


async def _poll(archive_file: str, feeds: list[Feed], seconds: float) -> Polled:
    archive = open_archive(f"sqlite:///{archive_file}")
    poller, heart = Watched(archive, feeds, SETTINGS), Heart()
    poller.late = {}
    async with weighed() as most:
        with dialled() as heard:
            tasks = [asyncio.create_task(work) for work in (poller.run(), heart.beat())]
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            assert not any(task.done() for task in tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    archive.close()
    return Polled(poller.late, heart.late, heart.held, sorted(heard), most[0])


if __name__ == "__main__":
    keep_prompt()  # as the role does
    with pytest.MonkeyPatch.context() as patch:
        rebind(patch)
        some = [
            Feed.model_validate({"id": feed, "url": url, "every_seconds": every})
            for feed, url, every in json.loads(sys.stdin.read())
        ]
        print(json.dumps(asdict(asyncio.run(_poll(sys.argv[1], some, float(sys.argv[2]))))))

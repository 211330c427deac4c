"""The enrich agent over real processes: a killed process costs its article nothing, one that kills ends in `dead`."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders import an_article

from agents.enrich.agent import EnrichAgent
from agents.progress import Progress
from streams.processes import ProcessPool
from streams.records import Article, encode_article

WORK = """
import os, time
def make():
    def work(batch):
        answers = []
        for raw in batch:
            if b"kills" in raw:
                os._exit(9)
            if b"slow" in raw:
                time.sleep(0.5)
            answers.append(("failed", "ValueError: no") if b"raises" in raw or not raw else ("ok", raw))
        return answers
    return work
"""


class Kept:
    """Stands where Kafka and the archive stand, and notes what reaches them."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.dead: list[str] = []

    async def send(self, key: bytes, value: bytes) -> Any:  # noqa: ARG002 - as Faust's topic has it
        self.sent.append(key)
        acknowledged = asyncio.get_running_loop().create_future()
        acknowledged.set_result(None)
        return acknowledged

    async def keep(self, step: str, raw: bytes, key: bytes, error: Exception, article: Article | None) -> None:  # noqa: ARG002
        self.dead.append(f"{step} {key.decode()} {type(error).__name__}")


def an_event(key: str, text: str | None) -> Any:
    value = None if text is None else encode_article(an_article(key, text=text))
    return SimpleNamespace(message=SimpleNamespace(key=key.encode(), value=value))


@pytest.fixture
async def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "agent_work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pool = ProcessPool("agent_work:make", size=2)
    await pool.start()
    yield pool
    await pool.stop()


def an_agent(pool: ProcessPool, kept: Kept) -> EnrichAgent:
    return EnrichAgent(None, kept, pool, kept, Progress(), 64, 20.0)  # type: ignore[arg-type]


async def test_a_process_killed_from_outside_costs_its_article_nothing(pool: ProcessPool) -> None:
    kept = Kept()
    batch = asyncio.create_task(an_agent(pool, kept)._process([an_event("alone", "slow")]))
    await asyncio.sleep(0.2)
    for pid in pool.pids:
        os.kill(pid, signal.SIGKILL)
    await batch
    assert (kept.sent, kept.dead) == ([b"alone"], [])


async def test_the_one_that_kills_or_raises_is_dead_and_its_neighbours_go_on(pool: ProcessPool) -> None:
    kept = Kept()
    events = [an_event(f"good-{number}", "words") for number in range(20)]
    events[3:3] = [an_event("killer", "kills"), an_event("raiser", "raises"), an_event("tombstone", None)]
    await an_agent(pool, kept)._process(events)
    assert sorted(kept.sent) == sorted(f"good-{number}".encode() for number in range(20))
    assert sorted(kept.dead) == [
        "enrich killer WorkTimedOut",
        "enrich raiser EnrichmentFailed",
        "enrich tombstone EnrichmentFailed",
    ]

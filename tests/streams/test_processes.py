"""Warm processes do the work, survive what kills one of them, and never outlive their parent."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from streams.errors import WorkTimedOut
from streams.processes import ProcessPool, WorkFailed

WORK = """
import os, time
kept = []
def make(prefix):
    print("a library's chatter at start")
    def work(piece):
        print("a library's chatter")
        if piece == "raise":
            raise ValueError("no such thing")
        if piece == "die":
            os._exit(3)
        if piece == "grow":
            kept.append(os.urandom(60_000_000))
        if piece == "hang":
            time.sleep(600)
        return prefix + str(piece), os.getpid()
    return work
def broken():
    raise RuntimeError("no model")
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of work that child processes can import."""
    (tmp_path / "some_work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "some_work:make"


async def test_work_is_shared_and_answers_come_back(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=2)
    await pool.start()
    answers = await asyncio.gather(*(pool.call(number, 10) for number in range(20)))
    assert [text for text, _ in answers] == [f"n{number}" for number in range(20)]
    assert {pid for _, pid in answers} == set(pool.pids)
    await pool.stop()


async def test_an_exception_is_an_answer_and_the_process_lives_on(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=1)
    await pool.start()
    pids = pool.pids
    with pytest.raises(WorkFailed, match="ValueError: no such thing"):
        await pool.call("raise", 10)
    assert await pool.call(1, 10) == ("n1", pids[0])
    await pool.stop()


@pytest.mark.parametrize("piece", ["hang", "die"])
async def test_what_hangs_or_dies_costs_only_its_own_piece(target: str, piece: str) -> None:
    pool = ProcessPool(target, ("n",), size=1)
    await pool.start()
    (before,) = pool.pids
    with pytest.raises(WorkTimedOut):
        await pool.call(piece, 1.0)
    assert (await pool.call(2, 10))[0] == "n2"
    assert pool.pids != [before]
    assert not psutil.pid_exists(before)
    assert pool.restarts == 1
    await pool.stop()


async def test_processes_are_renewed_after_so_many_calls(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=1, recycle_after=2)
    await pool.start()
    pids = [(await pool.call(number, 10))[1] for number in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert pool.restarts == 0
    await pool.stop()


async def test_a_process_that_has_grown_is_renewed_before_its_next_work(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=1, recycle_bytes=50_000_000)
    await pool.start()
    pids = [(await pool.call(piece, 30))[1] for piece in (1, 2, "grow", 3, 4)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4]
    assert (pool.recycled, pool.restarts) == (1, 0)
    await pool.stop()


async def test_a_dead_nursery_is_loaded_anew(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=1)
    await pool.start()
    worker = psutil.Process(pool.pids[0])
    nursery = worker.parent()
    assert nursery is not None
    nursery.kill()
    await asyncio.to_thread(worker.wait, 5)  # its workers end with it
    assert (await pool.call(2, 10))[0] == "n2"
    await pool.stop()


async def test_a_process_that_died_while_idle_costs_no_work(target: str) -> None:
    pool = ProcessPool(target, ("n",), size=1)
    await pool.start()
    idle = psutil.Process(pool.pids[0])
    idle.kill()
    await asyncio.to_thread(idle.wait, 5)
    assert (await pool.call(3, 10))[0] == "n3"
    assert pool.restarts == 1
    await pool.stop()


async def test_a_factory_that_fails_says_why(target: str) -> None:
    pool = ProcessPool(target.replace("make", "broken"), size=1)
    with pytest.raises(WorkFailed, match="RuntimeError: no model"):
        await pool.start()
    await pool.stop()


def test_children_end_when_their_parent_is_killed(target: str) -> None:
    program = (
        "import asyncio\nfrom streams.processes import ProcessPool\n"
        "async def main():\n"
        f"    pool = ProcessPool({target!r}, ('n',), size=2)\n"
        "    await pool.start()\n"
        "    print(*pool.pids, flush=True)\n"
        "    await pool.call('hang', 600)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ.copy())
    assert parent.stdout is not None
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    time.sleep(0.3)  # one of them is at work now
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []

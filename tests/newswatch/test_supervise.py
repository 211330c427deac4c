"""Roles are started again for as long as it takes, and what they end with says whether that can help."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from newswatch.config_file import load_settings
from newswatch.roles.runner import EXIT_FAILED, EXIT_NEEDS_A_PERSON
from newswatch.supervise import Supervisor, pause_before_restart
from streams.archive import facts, moving, roles
from streams.archive.engine import open_archive
from streams.clock import utc_now

ANY_PORT = "127.0.0.1:0"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file whose roles listen on free ports."""
    file = tmp_path / "newswatch.yaml"
    metrics = dict.fromkeys(("broker", "poll", "work", "notify"), ANY_PORT)
    with file.open("w") as opened:
        YAML().dump({"data_dir": "data", "web": {"listen": ANY_PORT, "metrics": metrics}}, opened)
    return file


def test_pauses_grow_and_stay_bearable_for_ever() -> None:
    pauses = [pause_before_restart(failures) for failures in range(1, 5_000)]
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert all(earlier <= later for earlier, later in pairwise(pauses))
    assert pauses[-1] == 30.0


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.05)


async def test_a_role_that_cannot_be_started_for_a_while_comes_back(
    config: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(config)
    archive = await asyncio.to_thread(open_archive, settings.archive_url())
    logs = tmp_path / "logs"
    supervisor = Supervisor(settings, config, archive, logs=logs)
    supervisor._children = [child for child in supervisor._children if child.role == "web"]
    await supervisor.start()
    try:
        first = supervisor.pids()["web"]
        shutil.rmtree(logs)
        logs.touch()  # no log can be written, so no role can be started
        os.kill(first, signal.SIGKILL)
        await until(lambda: "cannot be started" in caplog.text)
        logs.unlink()
        await until(lambda: supervisor.pids()["web"] != first)
        assert supervisor.restarts() == {"web": 1}
    finally:
        await supervisor.stop()
        archive.close()


def test_a_role_refuses_an_archive_that_was_half_moved(config: Path) -> None:
    archive = open_archive(load_settings(config).archive_url())
    with archive.begin() as connection:  # as a move that was stopped leaves it
        facts.tell(connection, moving.MARK, "sqlite:///before.sqlite", utc_now())
    ended = subprocess.run(
        [sys.executable, "-m", "newswatch", "notify", "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == EXIT_NEEDS_A_PERSON
    (line,) = [line for line in ended.stderr.splitlines() if "level=critical" in line]
    assert "it holds the beginning of a move from sqlite:///before.sqlite, not all of it" in line
    with archive.read() as connection:
        assert roles.list_roles(connection) == []
    archive.close()


def test_a_fault_of_our_own_does_not_look_like_a_mistake_in_the_settings(config: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from newswatch.roles.runner import run_role\n"
        "async def main(context):\n"
        "    await context.kafka\n"
        "sys.exit(run_role('notify', Path(sys.argv[1]), main))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(config)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == EXIT_FAILED  # the supervisor gives up over any other
    assert "notify failed" in ended.stderr
    archive = open_archive(load_settings(config).archive_url())
    with archive.read() as connection:
        (row,) = roles.list_roles(connection)
    archive.close()
    assert "can't be used in 'await'" in str(row.error)

"""The demonstration as a person or a script runs it: the command itself, with every role, from start to end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

COMMAND = [sys.executable, "-m", "newswatch", "demo"]
PATIENCE_SECONDS = 240


class Demo:
    """A running demonstration; every process it starts carries a mark in its environment."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self._mark = uuid.uuid4().hex
        self.out = directory / "out"
        self.err = directory / "err"
        (directory / "tmp").mkdir()
        environment = {**os.environ, "NEWSWATCH_TEST_MARK": self._mark, "TMPDIR": str(directory / "tmp")}
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                start_new_session=True,
            )
        self.temporary = directory / "tmp"

    def alive(self) -> list[str]:
        """What of it still runs."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("NEWSWATCH_TEST_MARK") == self._mark:
                    found.append(f"{process.pid} {' '.join(process.cmdline())}")
            except psutil.Error:
                continue
        return found

    def wait_until_it_says(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words not in self.out.read_text("utf-8") + self.err.read_text("utf-8"):
            assert self.process.poll() is None, self.err.read_text("utf-8")
            assert time.monotonic() < deadline, self.err.read_text("utf-8")
            time.sleep(0.1)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def started() -> Iterator[list[Demo]]:
    demos: list[Demo] = []
    yield demos
    for demo in demos:
        demo.end()


@pytest.mark.timeout(PATIENCE_SECONDS + 60)
def test_until_alert_prints_one_route_alert_as_json_and_leaves_nothing_behind(
    tmp_path: Path, started: list[Demo]
) -> None:
    demo = Demo(tmp_path, "--until-alert", "--json", "--timeout", str(PATIENCE_SECONDS))
    started.append(demo)
    assert demo.process.wait(PATIENCE_SECONDS + 30) == 0, demo.err.read_text("utf-8")
    lines = demo.out.read_text("utf-8").splitlines()
    assert len(lines) == 1
    alert = json.loads(lines[0])
    assert "route" in alert["kinds"]
    assert alert["status"] == "opened"
    assert alert["quote"]
    for start, end in alert["quote_spans"]:
        assert alert["quote"][start:end].strip()
    assert {one["surface"] for one in alert["evidence"]} & {alert["quote"][s:e] for s, e in alert["quote_spans"]}
    assert demo.alive() == []
    assert list(demo.temporary.iterdir()) == []


@pytest.mark.timeout(PATIENCE_SECONDS + 60)
def test_ctrl_c_ends_everything_within_ten_seconds(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path)
    started.append(demo)
    demo.wait_until_it_says("ALERT")
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(10) == 0
    assert demo.alive() == []
    assert list(demo.temporary.iterdir()) == []
    assert "has stopped" in demo.err.read_text("utf-8")


def test_sigterm_during_the_start_ends_everything_too(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path)
    started.append(demo)
    demo.wait_until_it_says("starting")
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(10) == 0
    assert demo.alive() == []


def test_no_alert_in_time_is_told_in_one_line_with_exit_code_1(tmp_path: Path, started: list[Demo]) -> None:
    demo = Demo(tmp_path, "--until-alert", "--json", "--timeout", "1")
    started.append(demo)
    assert demo.process.wait(60) == 1
    assert demo.out.read_text("utf-8") == ""
    last = demo.err.read_text("utf-8").splitlines()[-1]
    assert last.startswith("no alert on a route within 1 s: ")
    assert "articles in" in last
    assert demo.alive() == []

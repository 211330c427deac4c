"""The systemd units: sound, hardened, and what they start exists."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from queries import DEPLOY

from newswatch.cli.main import COMMANDS

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def test_both_units_are_there_and_start_our_commands() -> None:
    assert [unit.name for unit in UNITS] == ["newswatch.service", "newswatch@.service"]
    for unit in UNITS:
        (command,) = re.findall(r"^ExecStart=\S+/newswatch (\S+) --config \S+$", unit.read_text(), re.MULTILINE)
        assert command == "%i" or command in COMMANDS


@pytest.mark.services
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_no_fault_and_little_exposure(
    unit: Path, tmp_path: Path, program_of: Callable[[str, str], str]
) -> None:
    tool = program_of("systemd-analyze", "SYSTEMD")
    here = Path(sys.executable).parent
    text = unit.read_text().replace("/opt/newswatch/.venv/bin", str(here))
    placed = tmp_path / unit.name.replace("@", "@work")
    (tmp_path / unit.name).write_text(text)
    placed.write_text(text)
    checked = subprocess.run([tool, "verify", str(placed)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    exposed = subprocess.run(
        [tool, "security", "--offline=yes", "--threshold=20", str(placed)], capture_output=True, text=True, check=False
    )
    assert exposed.returncode == 0, exposed.stdout[-300:]

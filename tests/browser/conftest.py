"""What tests of the page share: Chromium as they open it, and axe."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from without_service import without_service


@pytest.fixture(scope="session")
def axe(repository: Path) -> str:
    """The program of axe-core, which `scripts/install_services.sh` fetches into the user's cache."""
    script = (repository / "scripts" / "install_services.sh").read_text()
    (name,) = set(re.findall(r"axe-core@[\d.]+", script))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    program = cache / "newswatch" / "npm" / name / "node_modules" / "axe-core" / "axe.min.js"
    if not program.is_file():
        without_service("AXE", f"{program} is not there: run scripts/install_services.sh")
    return program.read_text("utf-8")

"""How much memory a process has."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path


def resident_bytes(pid: int) -> int | None:
    """Memory of a process in bytes, or None where it cannot be told (the process is gone)."""
    statm = Path(f"/proc/{pid}/statm")
    if statm.exists():
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return None
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return int(shown.stdout) * 1024 if shown.stdout.strip().isdigit() else None

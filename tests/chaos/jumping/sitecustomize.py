"""Puts the clock of a newswatch process forward or back: on its path, Python runs this before anything of ours.

The offset in seconds is read from the file that NEWSWATCH_TEST_CLOCK names, at most four times a second. The monotonic
clock stays true, as where a machine's time is set.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FILE = Path(os.environ["NEWSWATCH_TEST_CLOCK"])
_true_time = time.time
_read_at = -1.0
_offset = 0.0


def _jumped() -> float:
    global _read_at, _offset
    now = time.monotonic()
    if now - _read_at > 0.25:
        _read_at, _offset = now, float(_FILE.read_text() or 0.0)
    return _offset


def _time() -> float:
    return _true_time() + _jumped()


def _utc_now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=_jumped())


time.time = _time

from streams import clock  # noqa: E402 - after the standard library's clock is ours

clock.utc_now = _utc_now

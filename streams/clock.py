"""Time, passed in wherever a decision depends on it, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, timezone-aware, in UTC."""


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)

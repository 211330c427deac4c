"""When a delivery that failed is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 28_800, 28_800))
"""After the first attempt, the second, and so on: a day in all."""
LONGEST = timedelta(hours=24)
"""Nothing is owed for longer."""
_JITTER = 0.2
_LONGEST_WISH_SECONDS = 6 * 3600.0


def next_attempt(attempts: int, retry_after: float | None, now: datetime, chance: float) -> datetime | None:
    """When to try again after `attempts` failed attempts (1 or more), or None when it is exhausted.

    `retry_after` is the endpoint's own wish in seconds, honoured up to six hours; `chance` in [0, 1) spreads the
    attempts by up to a fifth, so that what failed together does not come back together.
    """
    if attempts > len(_PAUSES):
        return None
    pause = _PAUSES[attempts - 1] * (1 + _JITTER * chance)
    if retry_after is not None:
        pause = max(pause, timedelta(seconds=min(max(0.0, retry_after), _LONGEST_WISH_SECONDS)))
    return now + pause

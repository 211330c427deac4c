"""When a delivery that failed is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 28_800))
"""After the first attempt, the second, and so on; from the last on always that."""
LONGEST = timedelta(hours=24)
"""So long after it was owed a delivery is tried for the last time."""
_JITTER = 0.2
_LONGEST_WISH = timedelta(hours=6)


def next_attempt(
    attempts: int, retry_after: float | None, owed_since: datetime, now: datetime, chance: float
) -> datetime | None:
    """When to try again after `attempts` failed attempts (1 or more), or None when it is exhausted.

    It is after a day, not after so many attempts: an endpoint that comes and goes is tried whenever it is back.
    `retry_after` is the endpoint's own wish in seconds, honoured up to six hours; `chance` in [0, 1) spreads the
    attempts by up to a fifth, so that what failed together does not come back together.
    """
    last = owed_since + LONGEST
    if now >= last:
        return None
    again = min(now + _PAUSES[min(attempts, len(_PAUSES)) - 1] * (1 + _JITTER * chance), last)
    if retry_after is not None:
        again = max(again, now + min(timedelta(seconds=min(max(0.0, retry_after), 1e6)), _LONGEST_WISH))
    return again

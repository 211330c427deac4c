"""An endpoint's circuit: after failures in a row one delivery at a time is a probe, until one arrives.

So a dead endpoint costs one attempt now and then, and its other deliveries keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_THAT_OPEN = 5
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(minutes=5)
_LONGEST_WISH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Circuit:
    """How an endpoint does."""

    failures: int = 0
    """In a row."""
    probe_at: datetime | None = None
    """While open: when the next probe may go."""
    quiet_until: datetime | None = None
    """The endpoint asked to be left alone until then (`Retry-After`)."""

    @property
    def is_open(self) -> bool:
        """Whether only probes go."""
        return self.failures >= FAILURES_THAT_OPEN

    def may_send(self, in_hand: int, most: int, now: datetime) -> int:
        """How many deliveries may be begun now, with so many on their way and so many at most at once."""
        if self.quiet_until is not None and now < self.quiet_until:
            return 0
        if not self.is_open:
            return max(0, most - in_hand)
        return int(in_hand == 0 and (self.probe_at is None or now >= self.probe_at))

    def arrived(self) -> Circuit:
        """A delivery arrived."""
        return Circuit()

    def failed(self, now: datetime, retry_after: float | None = None) -> Circuit:
        """A delivery failed; `retry_after` is the endpoint's own wish in seconds."""
        failures = self.failures + 1
        quiet = self.quiet_until
        if retry_after is not None and retry_after > 0:
            quiet = now + min(timedelta(seconds=min(retry_after, 1e6)), _LONGEST_WISH)
        if failures < FAILURES_THAT_OPEN:
            return replace(self, failures=failures, quiet_until=quiet)
        doublings = min(failures - FAILURES_THAT_OPEN, 16)
        pause = min(_FIRST_PAUSE * 2**doublings, _LONGEST_PAUSE)
        return Circuit(failures, now + pause, quiet)

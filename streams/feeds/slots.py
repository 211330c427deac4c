"""How many polls may run at once, so that those that wait for slow servers hold no others up."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

SLOW_AFTER_SECONDS = 2.0
"""A poll that takes longer is waiting, for a server or for its turn to be parsed: it costs a socket, no more."""
WAITING_PER_SLOT = 8


@dataclass
class Slots:
    """`size` polls may be fresh at once, half of them of doubtful feeds; slow ones leave their slot.

    There are `WAITING_PER_SLOT` times as many polls at most, slow ones included. Times are seconds of any one clock.
    """

    size: int
    _fresh: OrderedDict[Hashable, tuple[float, bool]] = field(default_factory=OrderedDict)
    _doubtful: int = 0
    _all: int = 0

    @property
    def most(self) -> int:
        """How many polls there are at most, slow ones included."""
        return self.size * WAITING_PER_SLOT

    def begin(self, poll: Hashable, now: float, *, doubtful: bool) -> None:
        """A poll takes a slot."""
        self._fresh[poll] = (now, doubtful)
        self._doubtful += doubtful
        self._all += 1

    def end(self, poll: Hashable) -> None:
        """A poll is over."""
        self._doubtful -= self._fresh.pop(poll, (0.0, False))[1]
        self._all -= 1

    def is_free(self, now: float) -> bool:
        """Whether a poll may begin."""
        while self._fresh and next(iter(self._fresh.values()))[0] + SLOW_AFTER_SECONDS <= now:
            _, (_, doubtful) = self._fresh.popitem(last=False)
            self._doubtful -= doubtful
        return len(self._fresh) < self.size and self._all < self.most

    def may_doubt(self) -> bool:
        """Whether, where a poll may begin, it may be one of a doubtful feed."""
        half = (self.size + 1) // 2
        return self._doubtful < half and self._all - len(self._fresh) < self.most - half

    def next_free(self) -> float | None:
        """When a slow poll leaves its slot; None where only an end frees one."""
        return next(iter(self._fresh.values()))[0] + SLOW_AFTER_SECONDS if self._fresh else None

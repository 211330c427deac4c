"""When a feed is polled next, and why: a pure decision over its rhythm, what its server asks for, and its failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from streams.feeds.rhythm import Rhythm, next_poll_minutes

JITTER = 0.05
"""A turn comes up to this part of its interval later, so that feeds do not fall into step."""
Reason = Literal["interval", "rhythm", "hint", "push", "retry_after", "back_off", "gone", "outage"]
_HOUR = 3_600.0
_GONE_SECONDS = 24 * _HOUR
_OUTAGE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class BackOff:
    """How one class of failure is waited out, in seconds."""

    longest: float
    growth: float = 2.0
    """Of each further wait over the one before."""
    least: float = 0.0


BACK_OFFS = {
    "dns": BackOff(2 * _HOUR),  # a name that is gone for a day rarely comes back within the hour
    "network": BackOff(_HOUR),
    "timeout": BackOff(_HOUR, growth=1.5),  # a server under load: often well again at the next turn
    "tls": BackOff(6 * _HOUR),  # somebody must renew a certificate
    "http": BackOff(_HOUR),
    "parse": BackOff(_HOUR, growth=1.5),  # the next edition may be whole again
    "block": BackOff(6 * _HOUR, least=900.0),
    "too_large": BackOff(6 * _HOUR, growth=3.0),  # each try costs both sides all of it
    "refused": BackOff(12 * _HOUR, growth=4.0),  # an address of ours to mend, or a trap
}
"""What may heal by itself is asked for again soon; nothing is ever given up."""
_ANY_OTHER = BackOff(_HOUR)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the operator allows, in seconds."""

    floor: float = 300.0
    cap: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until the next poll, in seconds, and what decided it."""

    seconds: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a poll's end says of the next one."""

    outcome: str
    """`ok`, `unchanged`, or the class of a FetchFailed."""
    failures: int = 0
    """Failed polls in a row, this one included."""
    hint_seconds: float | None = None
    """What the server or the feed asked for when all went well."""
    retry_after: float | None = None
    """What the server asked for when it did not."""
    ours: bool = False
    """It failed while most hosts failed: the network is away, not the feed."""
    pushed: bool = False
    """Its hub sends what it brings: a poll only sees to it that nothing is missed."""


def next_wait(
    every_seconds: float | None, rhythm: Rhythm, answer: Answer, now: datetime, bounds: Bounds, chance: float
) -> Wait:
    """Seconds until the next poll; `every_seconds` is the operator's word, `chance` is in [0, 1).

    The operator's word overrules rhythm and hints, never a server's `Retry-After`.
    """
    wait = _plain(every_seconds, rhythm, answer, now, bounds)
    return Wait(wait.seconds * (1 + JITTER * chance), wait.reason)


def _plain(every_seconds: float | None, rhythm: Rhythm, answer: Answer, now: datetime, bounds: Bounds) -> Wait:
    if every_seconds is not None:
        usual = Wait(every_seconds, "interval")
    else:
        minutes = next_poll_minutes(rhythm, now, floor=bounds.floor / 60, cap=bounds.cap / 60)
        usual = Wait(bounds.cap, "push") if answer.pushed else Wait(minutes * 60, "rhythm")
        if answer.hint_seconds is not None and answer.hint_seconds > usual.seconds:
            usual = Wait(answer.hint_seconds, "hint")
    if answer.failures == 0 and answer.outcome in ("ok", "unchanged"):
        return usual
    if answer.ours:
        wait = Wait(min(usual.seconds, _OUTAGE_SECONDS), "outage")
    elif answer.outcome == "gone":
        wait = Wait(max(_GONE_SECONDS, usual.seconds), "gone")
    else:
        wait = _back_off(usual, answer)
    if answer.retry_after is not None and answer.retry_after >= wait.seconds:
        return Wait(answer.retry_after, "retry_after")
    return wait


def _back_off(usual: Wait, answer: Answer) -> Wait:
    """The first failure waits as long as ever, or its class's least; each further one longer, up to its bound."""
    of_class = BACK_OFFS.get(answer.outcome, _ANY_OTHER)
    longest = max(of_class.longest, usual.seconds)
    further = min(max(0, answer.failures - 1), 20)
    seconds = max(usual.seconds, min(of_class.least, longest)) * of_class.growth**further
    seconds = min(seconds, longest)
    return Wait(seconds, "back_off" if seconds > usual.seconds else usual.reason)

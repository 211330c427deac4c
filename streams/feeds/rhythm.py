"""A feed's rhythm: how many items it brings at which hour of the week and minute of the hour, learned as it goes.

The rate is a product: an hour of the week's rate, drawn towards its hour of the day and that towards the feed's mean
while little is known (empirical Bayes), times the minute's part of the hour, times how lively the last hours were
against what was expected. Old counts fade with a half-life, so that a feed that changes is learned anew.
The next poll comes when the expected item-minutes of waiting are worth a request, which for a steady rate is the
square-root rule of freshness (Cho and Garcia-Molina, 2003), and before half of the feed's window is new.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

HOURS = 168
SLOTS = 12
"""Parts of an hour."""
_DAY = 24
_WEEKLY_HOURS = 4
_HALF_LIFE_HOURS = 24.0 * 21
_LIVELY_HALF_LIFE_HOURS = 1.0
_PRIOR_HOURS = 3.0
_PRIOR_SLOT_ITEMS = 24.0
_FIRST_RATE = 1.0
"""Items an hour of a feed of which nothing is known."""
_LEAST_LIVELY, _MOST_LIVELY = 0.25, 20.0
_WORTH_ITEM_MINUTES = 5.0
"""A poll is worth this much waiting: at six items an hour, one poll in ten minutes."""
_FRESH_MINUTES = 9.5
"""No sooner than this for freshness alone; only a window that would overflow asks for more."""
_LONGEST_LOOK_BACK_HOURS = 24.0 * 14
_SURE_ITEMS = 20.0
_QUIET_ITEMS = 9.0
"""As many items overdue are no chance: one time in e^9 for a Poisson process."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What is known of a feed's rhythm; counts fade, so they are no whole numbers. Times are aware datetimes."""

    items: tuple[float, ...] = (0.0,) * HOURS
    """By hour of the week (UTC, Monday 0 h first)."""
    hours: tuple[float, ...] = (0.0,) * HOURS
    """Hours watched, by hour of the week."""
    slots: tuple[float, ...] = (0.0,) * SLOTS
    """Items by part of the hour."""
    came: float = 0.0
    """Items of the last hours, fading fast, and how many were expected."""
    expected: float = 0.0
    window: float = 15.0
    """Items of a document, as seen lately."""
    rush: float = 0.0
    """The most items within an hour, fading slowly."""
    clumps: float = 1.0
    """Items that come together: the mean size of what one poll brings, where it brings anything."""
    upto: datetime | None = None
    """Until when the feed was watched."""
    last_item: datetime | None = None


def hour_of_week(at: datetime) -> int:
    """0 to 167, in UTC."""
    at = at.astimezone(UTC)
    return at.weekday() * _DAY + at.hour


def weekly(rhythm: Rhythm) -> tuple[float, ...]:
    """Items an hour by every fourth hour of the week, as watched: Monday 0 to 4 h UTC first. Empty before all that."""
    parts = range(0, HOURS, _WEEKLY_HOURS)
    watched = [sum(rhythm.hours[part : part + _WEEKLY_HOURS]) for part in parts]
    if not sum(watched):
        return ()
    items = [sum(rhythm.items[part : part + _WEEKLY_HOURS]) for part in parts]
    return tuple(round(came / max(hours, 1.0), 2) for came, hours in zip(items, watched, strict=True))


def rate(rhythm: Rhythm, at: datetime) -> float:
    """Items an hour expected at a time, with what the last hours were like left out."""
    return _Rates(rhythm).at(at)


def observed(rhythm: Rhythm, now: datetime, published: Sequence[datetime | None], document_items: int) -> Rhythm:
    """The rhythm after a poll that brought these unknown items (with the dates they bear) out of a document.

    An item without a date, or with one that cannot be, came some time since the last poll.
    """
    since = rhythm.upto
    earliest = now - timedelta(hours=_LONGEST_LOOK_BACK_HOURS)
    dated = sorted(at for at in published if at is not None and (since or earliest) - timedelta(hours=6) <= at <= now)
    if since is None:  # the first document tells of the past
        since = max(earliest, dated[0]) if len(dated) > 1 else now - timedelta(hours=1)
    if len(published) >= document_items > 1 and dated:
        since = max(since, dated[0])  # what came before the oldest item is unknown
    since = min(since, now)
    gap = (now - since) / max(1, len(published) - len(dated) + 1)
    times = sorted([*dated, *(since + gap * at for at in range(1, len(published) - len(dated) + 1))])
    elapsed = (now - since).total_seconds() / 3600
    fade = 0.5 ** (elapsed / _HALF_LIFE_HOURS)
    items, hours = [count * fade for count in rhythm.items], [count * fade for count in rhythm.hours]
    slots = [count * fade for count in rhythm.slots]
    for at in times:
        items[hour_of_week(at)] += 1
        slots[_slot(at)] += 1
    for hour, part in _hours_between(since, now):
        hours[hour] += part
    expected = _Rates(rhythm).between(since, now)
    lately = 0.5 ** (elapsed / _LIVELY_HALF_LIFE_HOURS)
    known = rhythm.upto is not None
    return replace(
        rhythm,
        items=tuple(items),
        hours=tuple(hours),
        slots=tuple(slots),
        came=rhythm.came * lately + len(times) if known else 0.0,
        expected=rhythm.expected * lately + expected if known else 0.0,
        window=_moved(rhythm.window, document_items) if document_items else rhythm.window,
        rush=max(rhythm.rush * fade, _rush(times)),
        clumps=_moved(rhythm.clumps, len(times)) if times and known else rhythm.clumps,
        upto=now,
        last_item=times[-1] if times else rhythm.last_item,
    )


def next_poll_minutes(rhythm: Rhythm, now: datetime, *, floor: float = 5.0, cap: float = 60.0) -> float:
    """Minutes from `now` until a poll is worth a request, between `floor` and `cap`."""
    rates = _Rates(rhythm)
    lively = _lively(rhythm)
    longest = cap
    if rhythm.rush > 0.8 * rhythm.window:
        longest = max(floor, min(cap, 60.0 * 0.6 * rhythm.window / rhythm.rush))
    minutes = items = waiting = 0.0
    while minutes < longest:
        at = now + timedelta(minutes=minutes)
        into_slot = at.minute % (60 // SLOTS) + at.second / 60
        step = max(0.5, 60 / SLOTS - into_slot)
        boost = 1 + (lively - 1) * 0.5 ** (minutes / 60 / _LIVELY_HALF_LIFE_HOURS)
        a_minute = rates.at(at) * boost / 60
        enough = _crossing(a_minute / 2, items, waiting - _WORTH_ITEM_MINUTES)
        half = (rhythm.window / 2 - items) / a_minute if a_minute > 0 else math.inf
        if half <= step:
            return max(floor, min(longest, minutes + max(0.0, half)))
        if enough <= step and minutes + step > _FRESH_MINUTES:
            return max(floor, min(longest, max(_FRESH_MINUTES, minutes + enough)))
        waiting += items * step + a_minute * step * step / 2
        items += a_minute * step
        minutes += step
    return max(floor, longest)


def overdue(rhythm: Rhythm, now: datetime) -> float:
    """How many times over a feed should have brought something since its last item; 1 and more is a quiet source.

    0 while too little is known of it.
    """
    if rhythm.last_item is None or sum(rhythm.items) < _SURE_ITEMS:
        return 0.0
    expected = _Rates(rhythm).between(rhythm.last_item, now)
    return expected / (_QUIET_ITEMS * max(1.0, rhythm.clumps))


class _Rates:
    """Items an hour by time, from the counts; the same for all hours of one rhythm."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._rhythm = rhythm
        watched = sum(rhythm.hours)
        self._mean = (sum(rhythm.items) + _FIRST_RATE * _PRIOR_HOURS) / (watched + _PRIOR_HOURS)
        self._slot_items = sum(rhythm.slots) + _PRIOR_SLOT_ITEMS

    def at(self, at: datetime) -> float:
        slot = SLOTS * (self._rhythm.slots[_slot(at)] + _PRIOR_SLOT_ITEMS / SLOTS) / self._slot_items
        return self.of_hour(hour_of_week(at)) * slot

    def of_hour(self, hour: int) -> float:
        """Hour of the week drawn towards the hour of the day, drawn towards the mean."""
        items, hours = self._rhythm.items, self._rhythm.hours
        days = range(hour % _DAY, HOURS, _DAY)
        daily = (sum(items[one] for one in days) + self._mean * _PRIOR_HOURS) / (
            sum(hours[one] for one in days) + _PRIOR_HOURS
        )
        return (items[hour] + daily * _PRIOR_HOURS) / (hours[hour] + _PRIOR_HOURS)

    def between(self, since: datetime, until: datetime) -> float:
        """Items expected from one time to another."""
        return sum(self.of_hour(hour) * part for hour, part in _hours_between(since, until))


def _slot(at: datetime) -> int:
    return at.minute * SLOTS // 60


def _hours_between(since: datetime, until: datetime) -> Iterator[tuple[int, float]]:
    """Hours of the week and how much of each lies between two times; two weeks at most."""
    at = max(since, until - timedelta(hours=_LONGEST_LOOK_BACK_HOURS))
    while at < until:
        end = min(until, at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        yield hour_of_week(at), (end - at).total_seconds() / 3600
        at = end


def _crossing(square: float, linear: float, constant: float) -> float:
    """The least t >= 0 where `square t^2 + linear t + constant` is 0, for coefficients that only rise."""
    if constant >= 0:
        return 0.0
    if square <= 0:
        return -constant / linear if linear > 0 else math.inf
    return (math.sqrt(linear * linear - 4 * square * constant) - linear) / (2 * square)


def _lively(rhythm: Rhythm) -> float:
    lively = (rhythm.came + 1.0) / (rhythm.expected + 1.0)
    return min(_MOST_LIVELY, max(_LEAST_LIVELY, lively))


def _moved(before: float, seen: float) -> float:
    return before + 0.2 * (seen - before)


def _rush(times: Sequence[datetime]) -> float:
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > timedelta(hours=1):
            first += 1
        most = max(most, last - first + 1)
    return float(most)


def encode_rhythm(rhythm: Rhythm) -> str:
    """A rhythm as JSON, for the archive."""
    return json.dumps(
        {
            name: [_short(one) for one in value]
            if isinstance(value, tuple)
            else value.isoformat()
            if isinstance(value, datetime)
            else value
            for name in Rhythm.__slots__
            if (value := getattr(rhythm, name)) is not None
        },
        separators=(",", ":"),
    )


def _short(count: float) -> float | int:
    """With three decimals, and none where there are none: archives hold many of these."""
    return int(count) if count == int(count) else round(count, 3)


def decode_rhythm(text: str) -> Rhythm:
    """The rhythm that `encode_rhythm` wrote; a fresh one where there is none or it is not whole."""
    try:
        values = json.loads(text) if text else {}
        for name in ("items", "hours", "slots"):
            if name in values:
                values[name] = tuple(float(one) for one in values[name])
        for name in ("upto", "last_item"):
            if name in values:
                values[name] = datetime.fromisoformat(values[name])
        rhythm = Rhythm(**values)
    except (ValueError, TypeError):
        return Rhythm()
    whole = (len(rhythm.items), len(rhythm.hours), len(rhythm.slots)) == (HOURS, HOURS, SLOTS)
    return rhythm if whole else Rhythm()

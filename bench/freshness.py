"""How fresh feeds are kept, and at how many requests: newswatch's rhythm beside fixed intervals and an oracle.

Virtual time: publication processes of eleven shapes run for six weeks, the last four are counted. An item is missed
when it left its feed's window before a poll saw it, and late when it waited over ten minutes. The oracle knows every
item beforehand: it polls just when ten minutes of waiting are up, leaves out the polls that serve fewest items until
5% of all items are late, and obeys the same floor and cap.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from streams.feeds.rhythm import Rhythm, next_poll_minutes, observed

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
WEEKS, COUNTED_FROM_WEEK = 6, 2
END = WEEKS * 7 * 24 * 60.0
COUNTED = COUNTED_FROM_WEEK * 7 * 24 * 60.0
WINDOW, LATE, FLOOR, CAP = 15, 10.0, 5.0, 60.0


def thinned(rng: random.Random, most: float, rate: Callable[[float], float]) -> Iterator[float]:
    """A Poisson process of `rate(minute)` items an hour, `most` at most (Lewis and Shedler, 1979)."""
    at = 0.0
    while (at := at + rng.expovariate(most / 60)) < END:
        if rng.random() * most < rate(at):
            yield at


def hour(at: float) -> float:
    """Hour of the day."""
    return at / 60 % 24


def day(at: float) -> int:
    """Day of the week, Monday 0."""
    return int(at / 1440) % 7


RATES: dict[str, Callable[[float], float]] = {
    "wire": lambda at: 30 + 10 * math.sin(math.pi * hour(at) / 12),
    "newsroom": lambda at: 12 if 7 <= hour(at) < 20 else 0.5,
    "weekly": lambda at: 8 if day(at) < 5 and 8 <= hour(at) < 18 else 0.2,
    "slow": lambda _at: 0.07,
    "steady": lambda _at: 6,
    "awakened": lambda at: 10 if at > 3 * 10_080 and 5 <= hour(at) < 23 else 0.1,
    "two_shifts": lambda at: 25 if 6 <= hour(at) < 9 or 17 <= hour(at) < 20 else 3,
}
"""Items an hour at a minute, of the shapes whose items come by chance alone."""


def wire(rng: random.Random) -> list[float]:
    """A news agency, round the clock."""
    return list(thinned(rng, 40, RATES["wire"]))


def newsroom(rng: random.Random) -> list[float]:
    """Busy by day, nearly silent at night."""
    return list(thinned(rng, 12, RATES["newsroom"]))


def weekly(rng: random.Random) -> list[float]:
    """Five days a week, office hours."""
    return list(thinned(rng, 8, RATES["weekly"]))


def slow(rng: random.Random) -> list[float]:
    """A blog: one or two a day."""
    return list(thinned(rng, 0.07, RATES["slow"]))


def steady(rng: random.Random) -> list[float]:
    """Six an hour, always."""
    return list(thinned(rng, 6, RATES["steady"]))


def hourly(rng: random.Random) -> list[float]:
    """A batch at each full hour."""
    return [h * 60 + rng.random() * 2 for h in range(WEEKS * 168) for _ in range(rng.randint(3, 8))]


def digest(rng: random.Random) -> list[float]:
    """A morning edition."""
    return [d * 1440 + 360 + rng.random() * 5 for d in range(WEEKS * 7) for _ in range(rng.randint(8, 12))]


def bursty(rng: random.Random) -> list[float]:
    """A site that publishes in bursts of up to a dozen, some times a day, at any hour."""
    starts = thinned(rng, 0.2, lambda _at: 0.2)
    return sorted(start + rng.random() * 20 for start in starts for _ in range(rng.randint(4, 12)))


def breaking(rng: random.Random) -> list[float]:
    """Self-exciting: each item may cause others within the half hour (Hawkes, 1971)."""
    waiting = list(thinned(rng, 1.5, lambda _at: 1.5))
    heapq.heapify(waiting)
    items = []
    while waiting:
        at = heapq.heappop(waiting)
        items.append(at)
        children = sum(rng.random() < 0.35 for _ in range(2))
        for _ in range(children):
            later = at + rng.expovariate(1 / 12)
            if later < END:
                heapq.heappush(waiting, later)
    return items


def awakened(rng: random.Random) -> list[float]:
    """Silent for weeks, then a conflict begins on its doorstep."""
    return list(thinned(rng, 10, RATES["awakened"]))


def two_shifts(rng: random.Random) -> list[float]:
    """A morning and an evening peak."""
    return list(thinned(rng, 25, RATES["two_shifts"]))


SHAPES = (wire, newsroom, weekly, slow, steady, hourly, digest, bursty, breaking, awakened, two_shifts)
Seen = tuple[list[float], int, int]
"""Delays in minutes, missed items and requests, of the weeks that count."""


def simulated(items: list[float], next_poll: Callable[[float, list[float], int], float]) -> Seen:
    """Poll a feed through virtual time; `next_poll(now, new items, document items)` gives the next time."""
    at = 30.0
    seen_upto = 0
    delays: list[float] = []
    missed = requests = 0
    while at < END:
        upto = bisect_right(items, at)
        first = max(seen_upto, upto - WINDOW)
        if at >= COUNTED:
            requests += 1
            missed += sum(1 for item in items[seen_upto:first] if item >= COUNTED)
            delays += [at - item for item in items[first:upto] if item >= COUNTED]
        new = items[first:upto]
        seen_upto = upto
        at = next_poll(at, new, min(WINDOW, upto))
    return delays, missed, requests


def by_rhythm(rng: random.Random) -> Callable[[float, list[float], int], float]:
    """The poller's own decision, with its jitter."""
    rhythm = Rhythm()

    def next_poll(now: float, new: list[float], document: int) -> float:
        nonlocal rhythm
        at = START + timedelta(minutes=now)
        rhythm = observed(rhythm, at, [START + timedelta(minutes=item) for item in new], document)
        return now + next_poll_minutes(rhythm, at, floor=FLOOR, cap=CAP) * (1 + 0.05 * rng.random())

    return next_poll


def fixed(minutes: float) -> Callable[[float, list[float], int], float]:
    """The same interval for all."""
    return lambda now, _new, _document: now + minutes


def oracle(feeds: list[list[float]], served_late: float = 0.05) -> list[int]:
    """Requests of the oracle, by feed."""
    clusters: list[tuple[int, int, float]] = []  # items served, feed, time of the poll
    total = 0
    for feed, items in enumerate(feeds):
        at = 0
        total += len(items)
        last = -math.inf
        while at < len(items):
            poll = max(items[at] + LATE, last + FLOOR)
            end = min(bisect_right(items, poll), at + WINDOW)
            poll = min(poll, items[end]) if end < len(items) and end - at == WINDOW else poll
            clusters.append((end - at, feed, poll))
            at, last = end, poll
    spare = served_late * total
    kept: list[list[float]] = [[] for _ in feeds]
    for count, feed, poll in sorted(clusters):
        if count <= spare and count < WINDOW // 2:
            spare -= count
        else:
            kept[feed].append(poll)
    requests = []
    for polls in kept:
        times = sorted(poll for poll in polls if poll >= COUNTED)
        gaps = zip([COUNTED, *times], [*times, END], strict=True)
        requests.append(len(times) + sum(max(0, math.ceil((b - a) / CAP) - 1) for a, b in gaps))
    return requests


def knowing_the_rates(names: list[str], feeds: list[list[float]], floor: list[int], served_late: float = 0.05) -> float:
    """Requests that nobody needs fewer of who knows every true rate but not the draws, of the oracle's.

    For items by chance, polls every T minutes (10 to the cap, or till the window is full) leave 1 - 10/T of them late,
    so a request saved costs the fewest late items where the rate is least: there the whole allowance is spent. All
    other shapes are taken at the oracle's own requests, and as never late.
    """
    hours = sorted(
        RATES[name](at * 60.0 + 30.0)
        for name in names
        if name in RATES
        for at in range(int(COUNTED // 60), int(END // 60))
    )
    allowed = served_late * sum(item >= COUNTED for items in feeds for item in items)
    requests = float(sum(count for count, name in zip(floor, names, strict=True) if name not in RATES))
    for rate in hours:
        longest = max(LATE, min(CAP, 60.0 * WINDOW / rate))
        late = min(allowed, rate * (1 - LATE / longest))
        allowed -= late
        requests += 60.0 / (LATE / (1 - late / rate))
    return requests / sum(floor)


def p95(delays: list[float]) -> float:
    """The delay that 95 of 100 items do not exceed."""
    return statistics.quantiles(delays, n=100)[94] if len(delays) > 1 else 0.0


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=4, help="feeds of each shape")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    names, feeds = [], []
    for shape in SHAPES:
        for _ in range(arguments.feeds):
            names.append(shape.__name__)
            feeds.append(sorted(item for item in shape(rng) if item < END))
    floor = oracle(feeds)
    rows = {
        "rhythm": [simulated(items, by_rhythm(rng)) for items in feeds],
        **{f"every {m} min": [simulated(items, fixed(m)) for items in feeds] for m in (15, 30, 60)},
    }
    bound = knowing_the_rates(names, feeds, floor)
    print(f"who knows all rates, but not the draws, needs {bound:.2f} of the oracle's requests at least")
    print(f"{'shape':12s}{'items':>8s}{'p50':>8s}{'p95':>8s}{'missed':>9s}{'requests':>10s}{'of oracle':>11s}")
    for shape in dict.fromkeys(names):
        mine = [at for at, name in enumerate(names) if name == shape]
        delays = [delay for at in mine for delay in rows["rhythm"][at][0]]
        missed = sum(rows["rhythm"][at][1] for at in mine)
        requests = sum(rows["rhythm"][at][2] for at in mine)
        ratio = requests / sum(floor[at] for at in mine)
        half = statistics.median(delays) if delays else 0.0
        print(f"{shape:12s}{len(delays):8d}{half:8.1f}{p95(delays):8.1f}{missed:9d}{requests:10d}{ratio:11.2f}")
    for name, seen in rows.items():
        delays = [delay for one in seen for delay in one[0]]
        missed = sum(one[1] for one in seen)
        requests = sum(one[2] for one in seen)
        print(
            f"{name:12s}  missed {missed / (len(delays) + missed):.3%}  p50 {statistics.median(delays):.1f} min"
            f"  p95 {p95(delays):.1f} min  requests {requests / sum(floor):.2f} of the oracle's"
        )


if __name__ == "__main__":
    main()

"""Slow, doubtful and large feeds take their turn without holding the others up."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from streams.archive.polls import FeedState
from streams.errors import FetchFailed
from streams.feeds.bulk import SMALL_BYTES, Bulk
from streams.feeds.entry import newest
from streams.feeds.manners import Manners
from streams.feeds.schedule import PATIENCE_SECONDS, Turns
from streams.feeds.slots import SLOW_AFTER_SECONDS, Slots

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_slow_poll_leaves_its_slot_but_there_is_an_end_to_it() -> None:
    slots = Slots(2)
    slots.begin("a", 0.0, doubtful=False)
    slots.begin("b", 1.0, doubtful=False)
    assert not slots.is_free(1.5)
    assert slots.next_free() == SLOW_AFTER_SECONDS
    assert slots.is_free(SLOW_AFTER_SECONDS)
    for number in range(slots.most - 2):
        slots.begin(number, 10.0 * number + 10, doubtful=False)
    assert not slots.is_free(10_000.0)
    slots.end("a")
    assert slots.is_free(10_000.0)


def test_doubtful_feeds_take_half_of_the_slots() -> None:
    slots = Slots(4)
    slots.begin("a", 0.0, doubtful=True)
    assert slots.may_doubt()
    slots.begin("b", 0.0, doubtful=True)
    assert slots.is_free(0.0)
    assert not slots.may_doubt()
    slots.end("a")
    assert slots.may_doubt()


def test_what_is_known_to_be_well_goes_first_but_not_for_ever() -> None:
    turns = Turns()
    turns.add("new", "a.example", 0.0, doubtful=True)
    turns.add("well", "b.example", 30.0)
    assert turns.take(30.0) == "well"
    turns.done("well", "b.example", 31.0, PATIENCE_SECONDS + 40.0)
    assert turns.take(31.0, also_doubtful=False) is None
    assert turns.take(PATIENCE_SECONDS + 40.0) == "new"


async def test_few_large_documents_are_in_memory_at_once() -> None:
    bulk = Bulk()
    holding: list[int] = []
    most = 0
    gate = asyncio.Event()

    async def poll(number: int, size: int) -> None:
        nonlocal most
        async with bulk.hold() as hold:
            await hold.grow(size)
            await hold.grow(size + 1)  # asks no second time
            holding.append(number)
            most = max(most, sum(one < 10 for one in holding))
            await gate.wait()
            holding.remove(number)

    large = [asyncio.create_task(poll(number, SMALL_BYTES + 1)) for number in range(8)]
    small = [asyncio.create_task(poll(number, SMALL_BYTES - 1)) for number in range(10, 18)]
    while len(holding) < 3 + len(small):
        await asyncio.sleep(0)
    assert len([one for one in holding if one < 10]) == 3
    gate.set()
    await asyncio.gather(*large, *small)
    assert most == 3


def test_of_a_long_document_the_newest_entries_are_read_in_its_order() -> None:
    entries = [{"title": str(n), "published": (NOW - timedelta(hours=n)).isoformat()} for n in (5, 1, 4, 2, 3)]
    entries.append({"title": "undated"})
    assert [entry["title"] for entry in newest(entries, 3)] == ["1", "2", "undated"]
    assert newest(entries, 6) == entries


def refused(feed: str, at: datetime, *, pace: str = "retry_after", failures: int = 2) -> FeedState:
    return FeedState(
        feed, "u", polled_at=at, next_poll_at=at + timedelta(hours=1), outcome="block", failures=failures, pace=pace
    )


def test_a_host_that_asked_to_be_left_alone_is_so_after_a_restart_too() -> None:
    before = NOW - timedelta(minutes=10)
    both = [refused("a", before), refused("b", before - timedelta(minutes=1))]
    assert Manners().recall("h", both, NOW) == 3_000.0
    assert Manners().recall("h", both[:1], NOW) == 0.0  # one feed's refusal is the feed's own
    well = FeedState("c", "u", polled_at=NOW, outcome="ok")
    assert Manners().recall("h", [*both, well], NOW) == 0.0
    manners = Manners()
    manners.recall("h", [refused("a", before, failures=1), refused("b", before, failures=1)], NOW)
    manners.refused("h", "c", FetchFailed("block", "status 429", 600.0))
    assert manners.leave_alone("h") == 600.0  # the third in a row, two of them before the restart

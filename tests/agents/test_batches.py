"""Batches of a Faust stream's events: how many, when, and what is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import faust
import pytest

from agents.batches import batches

LONG = 3600.0


@pytest.fixture
async def stream() -> AsyncIterator[Any]:
    """A stream over a channel in memory (no broker is asked), with `put` to put values into it and `acknowledged`."""
    app = faust.App("batches", broker="kafka://127.0.0.1:1", store="memory://", web_enabled=False)
    app.flow_control.resume()
    channel = app.channel()
    one = channel.stream()
    one.acknowledged = []
    acknowledge = one.ack

    async def ack(event: Any) -> bool:
        one.acknowledged.append(event.value)
        return bool(await acknowledge(event))

    async def put(*values: int) -> None:
        for value in values:
            await channel.send(value=value)

    one.ack, one.put = ack, put
    yield one
    await one.stop()


async def taken(given: AsyncIterator[list[Any]]) -> list[int]:
    async with asyncio.timeout(20):
        return [event.value for event in await anext(given)]


async def test_a_full_batch_is_given_at_once(stream: Any) -> None:
    await stream.put(1, 2, 3, 4)
    given = batches(stream, 2, LONG)
    assert [await taken(given), await taken(given)] == [[1, 2], [3, 4]]


async def test_what_came_is_given_a_moment_after_the_first(stream: Any) -> None:
    given = batches(stream, 64, 0.05)
    waiting = asyncio.create_task(taken(given))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await stream.put(1, 2)
    assert await waiting == [1, 2]


async def test_a_batch_is_acknowledged_when_the_next_is_asked_for_and_never_where_its_body_ends_otherwise(
    stream: Any,
) -> None:
    await stream.put(1, 2, 3)
    given = batches(stream, 1, LONG)
    assert await taken(given) == [1]
    assert stream.acknowledged == []
    assert await taken(given) == [2]
    assert stream.acknowledged == [1]
    with pytest.raises(RuntimeError, match="the body"):
        await given.athrow(RuntimeError("the body"))  # type: ignore[attr-defined]
    assert stream.acknowledged == [1]


async def test_nothing_is_added_to_a_batch_in_hand(stream: Any) -> None:
    await stream.put(1, 2)
    given = batches(stream, 2, LONG)
    in_hand = await anext(given)
    await stream.put(3, 4)
    await asyncio.sleep(0.05)
    assert [event.value for event in in_hand] == [1, 2]
    assert await taken(given) == [3, 4]
    assert stream.acknowledged == [1, 2]


async def test_it_ends_when_the_stream_stops(stream: Any) -> None:
    given = batches(stream, 64, LONG)
    waiting = asyncio.create_task(anext(given, None))
    await asyncio.sleep(0.05)
    await stream.stop()
    async with asyncio.timeout(20):
        assert await waiting is None

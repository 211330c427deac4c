"""Batches of a Faust stream's events, for agents that work on many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

_Value = TypeVar("_Value")


async def batches(stream: Any, most: int, within: float) -> AsyncIterator[list[Any]]:
    """Events as they come: `most` at once, or those that came within so many seconds of the first.

    Each batch is acknowledged when the next is asked for, and not where its body ended otherwise. Meanwhile at most
    one event more is taken. Faust's own `take_events` looks at a clock all the time, a hundred times a second for an
    agent that is to be prompt, and acknowledges what ended by an exception.
    """
    held: list[Any] = []
    came, full, room = asyncio.Event(), asyncio.Event(), asyncio.Event()
    room.set()

    async def hold(value: _Value) -> _Value:
        await room.wait()
        held.append(stream.current_event)
        came.set()
        if len(held) >= most:
            full.set()
            room.clear()
        return value

    stream.enable_acks = False  # a batch is acknowledged here, not by being taken
    stream.add_processor(hold)
    stream._enable_passive(aiter(stream.channel))  # takes events while this waits, as for `take_events`
    while not stream.should_stop:
        if not held:
            came.clear()
            await stream.wait_for_stopped(came)
            continue
        if len(held) < most:
            await stream.wait_for_stopped(full, timeout=within)
        room.clear()
        yield list(held)
        for event in held:
            await stream.ack(event)
        held.clear()
        full.clear()
        room.set()

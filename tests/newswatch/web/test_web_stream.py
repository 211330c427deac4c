"""The stream of alerts over a real server: resumed over restarts without a gap or a repeat."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
import uvicorn
from builders import NOON, a_hit, an_enriched

from agents.alert.transaction import record_article
from newswatch.web.app import create_web
from newswatch.web.house import House

WORDS = ("grain", "water", "fuel", "flour", "medicine", "tents", "blankets", "timber", "cement", "seed")


@contextlib.asynccontextmanager
async def serving(house: House) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(create_web(house), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(settings)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await running
    listening.close()


async def events(base: str, many: int, last: int | None = None, **asked: str) -> list[int]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    ids: list[int] = []
    async with (
        asyncio.timeout(30),
        aiohttp.ClientSession() as session,
        session.get(f"{base}/api/v1/stream", headers=headers, params=asked) as answer,
    ):
        assert answer.content_type == "text/event-stream"
        async for line in answer.content:
            if line.startswith(b"id: "):
                ids.append(int(line[4:]))
                if len(ids) == many:
                    break
    return ids


def tell(house: House, number: int) -> None:
    words = f"Trucks with {WORDS[number]} reached Khanasser; drivers spoke of {number * 7 + 3} {WORDS[number]} sacks."
    enriched = an_enriched(f"more-{number}", text=words, first_seen=NOON + timedelta(days=2 + number))
    (road,) = house.settings.watches
    at = NOON + timedelta(days=2 + number)
    record_article(house.archive, enriched, [a_hit(enriched)], {"road": road}, ["console"], at)


async def test_it_resumes_over_a_restart_without_a_gap_or_a_repeat(house: House) -> None:
    async with serving(house) as base:
        assert await events(base, 3, after="0") == [1, 2, 3]
        following = asyncio.create_task(events(base, 2))
        await asyncio.sleep(1)
        await asyncio.to_thread(tell, house, 0)
        await asyncio.to_thread(tell, house, 1)
        assert await following == [4, 5]
    await asyncio.to_thread(tell, house, 2)
    async with serving(house) as base:
        following = asyncio.create_task(events(base, 3, last=4))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(tell, house, 3)
        assert await following == [5, 6, 7]


async def test_many_readers_see_the_same(house: House) -> None:
    async with serving(house) as base:
        readers = [asyncio.create_task(events(base, 5, after="0")) for _ in range(20)]
        for number in (4, 5):
            await asyncio.to_thread(tell, house, number)
        assert await asyncio.gather(*readers) == [[1, 2, 3, 4, 5]] * 20


@pytest.mark.parametrize("wrong", ["x", "-1", "٣", str(2**70)])
async def test_a_wrong_id_is_a_problem(house: House, wrong: str) -> None:
    async with (
        serving(house) as base,
        aiohttp.ClientSession() as session,
        session.get(f"{base}/api/v1/stream", headers={"Last-Event-ID": wrong}) as answer,
    ):
        assert (answer.status, answer.content_type) == (400, "application/problem+json")

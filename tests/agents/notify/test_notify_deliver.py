"""Deliveries reach a real HTTP endpoint, whatever it answers first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from builders import a_hit, an_enriched
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.notify.deliver import Notifier
from agents.notify.endpoint import ConsoleEndpoint, Endpoint, WebhookEndpoint
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.clock import utc_now

WATCH = Watch(id="road", any=(TownCondition(town="Khanasser"),))


class Receiver:
    """A loopback HTTP server that answers with each status in turn, the last one for ever."""

    def __init__(self, *statuses: int, headers: dict[str, str] | None = None, delay: float = 0.0) -> None:
        self.statuses = list(statuses)
        self.headers = headers or {}
        self.delay = delay
        self.posts: list[tuple[str, dict[str, object]]] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.posts.append((request.headers["webhook-id"], await request.json()))
        await asyncio.sleep(self.delay)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, headers=self.headers)


@asynccontextmanager
async def listening(*receivers: Receiver) -> AsyncIterator[None]:
    runners = []
    for receiver in receivers:
        app = web.Application()
        app.router.add_post("/hook", receiver.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        runners.append(runner)
    yield
    for runner in runners:
        await runner.cleanup()


def webhook(name: str, receiver: Receiver, timeout: float = 5.0) -> WebhookEndpoint:
    return WebhookEndpoint.model_validate(
        {"id": name, "kind": "webhook", "url": receiver.url, "timeout_seconds": timeout}
    )


def owe(archive: Archive, *endpoints: Endpoint, name: str = "one") -> None:
    enriched = an_enriched(name)
    ids = [endpoint.id for endpoint in endpoints]
    record_article(archive, enriched, [a_hit(enriched)], {"road": WATCH}, ids, utc_now())


def rows(archive: Archive) -> dict[str, tuple[str, int, str | None, datetime]]:
    with archive.read() as connection:
        chosen = select(
            deliveries.c.endpoint, deliveries.c.state, deliveries.c.attempts, deliveries.c.error, deliveries.c.due_at
        )
        return {row[0]: tuple(row[1:]) for row in connection.execute(chosen)}  # type: ignore[misc]


async def notify_until(archive: Archive, endpoints: list[Endpoint], done: Callable[[], bool], hours: float = 0) -> None:
    """Run a notifier whose clock is so many hours ahead until `done`."""
    notifier = Notifier(archive, endpoints, lambda: utc_now() + timedelta(hours=hours))
    task = asyncio.create_task(notifier.run())
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_webhook_gets_the_alert_once_with_its_id(archive: Archive) -> None:
    receiver = Receiver(204)
    async with listening(receiver):
        endpoint = webhook("desk", receiver)
        owe(archive, endpoint)
        await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][0] == "delivered")
        await notify_until(archive, [endpoint], lambda: True)
    ((identity, body),) = receiver.posts
    with archive.read() as connection:
        assert identity == connection.execute(select(deliveries.c.id)).scalar_one()
    assert body["type"] == "alert.opened"
    assert body["data"]["watch"] == "road"  # type: ignore[index]
    assert body["data"]["quote"] == "A convoy left Khanasser."  # type: ignore[index]
    assert json.loads(json.dumps(body)) == body


async def test_an_endpoint_that_fails_gets_the_same_id_again_later(archive: Archive) -> None:
    receiver = Receiver(500, 200, headers={"retry-after": "60"})
    async with listening(receiver):
        endpoint = webhook("desk", receiver)
        owe(archive, endpoint)
        await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][1] == 1)
        state, _, error, due_at = rows(archive)["desk"]
        assert state == "pending"
        assert error is not None
        assert "500" in error
        assert due_at > utc_now() + timedelta(seconds=50)
        await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][0] == "delivered", hours=1)
    assert len({identity for identity, _ in receiver.posts}) == 1
    assert len(receiver.posts) == 2


async def test_gone_is_never_tried_again(archive: Archive) -> None:
    receiver = Receiver(410)
    async with listening(receiver):
        endpoint = webhook("desk", receiver)
        owe(archive, endpoint)
        await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][0] == "exhausted")
    assert "410" in str(rows(archive)["desk"][2])


async def test_a_slow_endpoint_delays_no_other(archive: Archive) -> None:
    slow, quick = Receiver(200, delay=30.0), Receiver(200)
    async with listening(slow, quick):
        endpoints: list[Endpoint] = [webhook("slow", slow, timeout=2.0), webhook("quick", quick)]
        for name in ("one", "two", "three"):
            owe(archive, *endpoints, name=name)
        await notify_until(archive, endpoints, lambda: len(quick.posts) == 3 and len(slow.posts) == 1)


async def test_nobody_listening_is_a_failure_with_its_reason(archive: Archive) -> None:
    receiver = Receiver(200)
    async with listening(receiver):
        endpoint = webhook("desk", receiver)
    owe(archive, endpoint)
    await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][1] == 1)
    assert "ClientConnectorError" in str(rows(archive)["desk"][2])


async def test_the_console_marks_the_evidence(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = ConsoleEndpoint(id="console", kind="console")
    owe(archive, endpoint)
    await notify_until(archive, [endpoint], lambda: rows(archive)["console"][0] == "delivered")
    assert "« A convoy left [Khanasser]. »" in capsys.readouterr().out

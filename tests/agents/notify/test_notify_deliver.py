"""Deliveries reach a real HTTP endpoint, whatever it answers first."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from builders import a_hit, an_enriched
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.notify.circuit import FAILURES_THAT_OPEN
from agents.notify.deliver import Notifier
from agents.notify.endpoint import ConsoleEndpoint, Endpoint, KafkaEndpoint, WebhookEndpoint
from streams.addresses import AddressPolicy
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.clock import utc_now
from streams.errors import BrokerUnavailable
from streams.kafka import Kafka

LOOPBACK = AddressPolicy(["127.0.0.0/8"])
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
    notifier = Notifier(archive, endpoints, lambda: utc_now() + timedelta(hours=hours), LOOPBACK)
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
        await notify_until(archive, endpoints, lambda: len(quick.posts) == 3 and len(slow.posts) == 3)


async def test_nobody_listening_is_a_failure_with_its_reason(archive: Archive) -> None:
    receiver = Receiver(200)
    async with listening(receiver):
        endpoint = webhook("desk", receiver)
    owe(archive, endpoint)
    await notify_until(archive, [endpoint], lambda: rows(archive)["desk"][1] == 1)
    assert "ClientConnectorError" in str(rows(archive)["desk"][2])


async def test_many_that_fail_in_one_request_keep_an_endpoint_waiting_no_longer_than_one(archive: Archive) -> None:
    async def away() -> Kafka:
        raise BrokerUnavailable("Kafka is away")

    bus = KafkaEndpoint(id="bus", kind="kafka")
    for number in range(20):
        owe(archive, bus, name=f"n{number}")
    notifier = Notifier(archive, [bus], utc_now, LOOPBACK, away)
    task = asyncio.create_task(notifier.run())

    def tried() -> int:
        with archive.read() as connection:
            return len(connection.execute(select(deliveries.c.id).where(deliveries.c.attempts > 0)).all())

    async with asyncio.timeout(20):
        while tried() < 20:
            await asyncio.sleep(0.02)
    assert notifier._circuits["bus"].failures == FAILURES_THAT_OPEN
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_console_marks_the_evidence(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint = ConsoleEndpoint(id="console", kind="console")
    owe(archive, endpoint)
    await notify_until(archive, [endpoint], lambda: rows(archive)["console"][0] == "delivered")
    assert "« A convoy left [Khanasser]. »" in capsys.readouterr().out


async def test_no_wish_of_an_endpoint_ends_the_notifier(archive: Archive) -> None:
    absurd, quick = Receiver(503, headers={"retry-after": "9" * 10}), Receiver(200)
    async with listening(absurd, quick):
        endpoints: list[Endpoint] = [webhook("absurd", absurd), webhook("quick", quick)]
        owe(archive, endpoints[0])
        await notify_until(archive, endpoints, lambda: rows(archive)["absurd"][1] == 1)
        owe(archive, endpoints[1], name="two")
        await notify_until(archive, endpoints, lambda: rows(archive)["quick"][0] == "delivered")
    assert rows(archive)["absurd"][3] > utc_now() + timedelta(hours=5)


async def test_what_a_notifier_had_in_hand_when_it_ended_is_anybodys_at_once(archive: Archive) -> None:
    slow, quick = Receiver(200, delay=30.0), Receiver(200)
    async with listening(slow, quick):
        first = webhook("desk", slow)
        for name in ("one", "two", "three"):
            owe(archive, first, name=name)
        await notify_until(archive, [first], lambda: len(slow.posts) == 3)  # ended with all in hand
        await notify_until(archive, [webhook("desk", quick)], lambda: len(quick.posts) == 3)
    assert {identity for identity, _ in slow.posts} == {identity for identity, _ in quick.posts}


async def test_without_endpoints_it_runs_and_waits(archive: Archive) -> None:
    notifier = asyncio.create_task(Notifier(archive, [], utc_now).run())
    done, _ = await asyncio.wait({notifier}, timeout=0.5)
    assert not done
    notifier.cancel()
    with pytest.raises(asyncio.CancelledError):
        await notifier


def of_the_console(archive: Archive, encoding: str, *webhooks: str) -> subprocess.Popen[bytes]:
    program = (
        "import asyncio, sys\n"
        "from agents.notify.deliver import Notifier\n"
        "from agents.notify.endpoint import ConsoleEndpoint, WebhookEndpoint\n"
        "from streams.archive.engine import open_archive\n"
        "from streams.clock import utc_now\n"
        "ends = [ConsoleEndpoint(id='console', kind='console')]\n"
        "ends += [WebhookEndpoint(id='desk', kind='webhook', url=url) for url in sys.argv[2:]]\n"
        "from streams.addresses import AddressPolicy\n"
        "policy = AddressPolicy(['127.0.0.0/8'])\n"
        "asyncio.run(Notifier(open_archive(sys.argv[1]), ends, utc_now, policy).run())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, archive.url, *webhooks],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )


async def test_a_console_without_the_letters_still_shows_the_alert(archive: Archive) -> None:
    enriched = an_enriched(title="طريق خناصر")
    record_article(archive, enriched, [a_hit(enriched)], {"road": WATCH}, ["console"], utc_now())
    process = await asyncio.to_thread(of_the_console, archive, "ascii")
    try:
        async with asyncio.timeout(20):
            while rows(archive)["console"][:2] == ("pending", 0):
                await asyncio.sleep(0.05)
    finally:
        process.kill()
    out, _ = process.communicate()
    assert rows(archive)["console"][0] == "delivered"
    assert b"\\u0637" in out


async def test_a_console_that_nobody_reads_holds_up_no_other_endpoint(archive: Archive) -> None:
    desk = Receiver(200)
    async with listening(desk):
        console = ConsoleEndpoint(id="console", kind="console")
        long = an_enriched(title="x" * 100_000)  # more than a pipe holds
        record_article(archive, long, [a_hit(long)], {"road": WATCH}, [console.id], utc_now())
        program = await asyncio.to_thread(of_the_console, archive, "utf-8", desk.url)
        try:
            async with asyncio.timeout(20):
                while not await asyncio.to_thread(leased, archive):
                    await asyncio.sleep(0.05)
                owe(archive, webhook("desk", desk), name="two")
                while not desk.posts:
                    await asyncio.sleep(0.05)
        finally:
            program.kill()
            program.communicate()
    assert rows(archive)["console"][0] == "pending"


def leased(archive: Archive) -> bool:
    with archive.read() as connection:
        return connection.execute(select(deliveries.c.leased_until)).scalar() is not None

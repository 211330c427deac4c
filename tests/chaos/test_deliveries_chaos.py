"""Endpoints that fail in every way while the notifier is killed again and again: nothing lost, nothing under two ids.

The notifiers' clock runs `FASTER` than the wall's, so that the pauses of hours pass in the test's time.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web
from builders import a_hit, an_enriched
from sqlalchemy import func, insert, select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import alerts, deliveries
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions
from streams.archive.schema import deliveries as table
from streams.clock import utc_now
from streams.records import encode_alert

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
SEED = 20260302
ALERTS = 1_200
KILLS = 12
FASTER = 200
WATCHES = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}
MANNERS = ("well", "well", "breaks", "busy", "busy_silent", "hangs", "resets", "late", "gone")
NOTIFIER = """
import asyncio, json, sys, time
from datetime import timedelta
from agents.notify.deliver import Notifier
from agents.notify.endpoint import WebhookEndpoint
from streams.addresses import AddressPolicy
from streams.archive.engine import Archive
from streams.clock import utc_now
base, started, faster, ends = utc_now(), time.time(), float(sys.argv[2]), json.loads(sys.argv[3])
begun = float(sys.argv[4])
clock = lambda: utc_now() + timedelta(seconds=(time.time() - begun) * (faster - 1))
ends = [WebhookEndpoint(id=name, kind='webhook', url=url, timeout_seconds=1.0) for name, url in ends.items()]
asyncio.run(Notifier(Archive(sys.argv[1]), ends, clock, AddressPolicy(['127.0.0.0/8'])).run())
"""


class Endpoints:
    """One server; each path an endpoint with manners of its own, all of them well once `healed`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.healed = False
        self.taken: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        """By endpoint: delivery id, alert and revision of every post that was answered with success."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        manner = name.partition("-")[0]
        body = (await request.json())["data"]
        if manner == "gone":
            return web.Response(status=410)
        if not self.healed and self.rng.random() < 0.6:
            if manner == "breaks":
                return web.Response(status=500)
            if manner == "busy":
                return web.Response(status=429, headers={"Retry-After": "20"})
            if manner == "busy_silent":
                return web.Response(status=429)
            if manner == "hangs":
                await asyncio.sleep(3)
            if manner == "resets" and request.transport is not None:
                request.transport.abort()
                return web.Response()
        self.taken[name].append((request.headers["webhook-id"], body["id"], body["revision"]))
        if manner == "late" and not self.healed and self.rng.random() < 0.3:
            await asyncio.sleep(1.3)  # taken, and answered when nobody listens any more
        return web.Response()


@asynccontextmanager
async def served(endpoints: Endpoints) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{name}", endpoints.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def owe(archive: Archive, names: list[str]) -> None:
    """Alerts to one endpoint each, every fifth with a second revision."""
    for number in range(ALERTS):
        enriched = an_enriched(str(number), text=f"A convoy left Khanasser on day {number}.")
        enriched = replace(enriched, fingerprint=f"words {number}")
        name = names[number % len(names)]
        opened = record_article(archive, enriched, [a_hit(enriched)], WATCHES, [name], utc_now()).opened
        if number % 5 == 0:
            second = replace(opened[0], revision=2)
            row = {"alert": second.id, "revision": 2, "record": encode_alert(second).decode(), "at": utc_now()}
            with archive.begin() as connection:
                connection.execute(insert(alert_revisions).values(**row))
                deliveries.add_deliveries(connection, second, [name], utc_now())


def pending(archive: Archive) -> int:
    with archive.read() as connection:
        counted = select(func.count()).select_from(table).where(table.c.state == "pending")
        return int(connection.execute(counted).scalar_one())


async def test_no_alert_is_lost_or_told_under_two_ids_whatever_dies(archive: Archive) -> None:
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    endpoints = Endpoints(rng)
    names = [f"{manner}-{number}" for number, manner in enumerate(MANNERS * 2)]
    await asyncio.to_thread(owe, archive, names)
    begun = time.time()
    async with served(endpoints) as base:
        arguments = json.dumps({name: f"{base}/{name}" for name in names})

        async def start() -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", NOTIFIER, archive.url, str(FASTER), arguments, str(begun),
                stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip

        notifier = await start()
        try:
            for _ in range(KILLS):
                await asyncio.sleep(rng.uniform(2.0, 5.0))
                notifier.send_signal(signal.SIGKILL)
                await notifier.wait()
                notifier = await start()
            endpoints.healed = True
            async with asyncio.timeout(600):
                while await asyncio.to_thread(pending, archive):
                    await asyncio.sleep(0.5)
        finally:
            notifier.kill()
            await notifier.wait()
    with archive.read() as connection:
        rows = connection.execute(select(table)).all()
        told = {alert.id for alert in alerts.recent_alerts(connection, ALERTS)}
    assert len(told) == ALERTS
    for row in rows:
        got = [one for one in endpoints.taken[row.endpoint] if one[1:] == (row.alert, row.alert_revision)]
        if row.endpoint.startswith("gone"):
            assert (row.state, got) == ("exhausted", [])
            continue
        assert row.state == "delivered", row
        assert {one[0] for one in got} == {row.id}
    for name, taken in endpoints.taken.items():
        first_seen: dict[tuple[str, int], int] = {}
        for at, (_, alert, revision) in enumerate(taken):
            first_seen.setdefault((alert, revision), at)
        for (alert, revision), at in first_seen.items():
            if revision == 2:
                assert first_seen[alert, 1] < at, name
    repeats = sum(len(taken) for taken in endpoints.taken.values()) - sum(r.state == "delivered" for r in rows)
    attempts = sum(row.attempts for row in rows)
    print(f"{len(rows)} deliveries, {attempts} attempts, {repeats} repeats under their own ids, {KILLS} kills")
    assert attempts > len(rows)  # the endpoints failed, or this proves nothing

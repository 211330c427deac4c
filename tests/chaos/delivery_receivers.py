"""Endpoints that take alerts well or fail in every way, on one server."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from delivery_processes import ATTEMPT_SECONDS

HEALTHY = "well"
GONE = "gone"
MANNERS = (
    HEALTHY, "breaks", HEALTHY, "busy", HEALTHY, "busy_silent", HEALTHY, "hangs", "resets", "late_answer", GONE,
)  # fmt: skip
"""What each endpoint does, in turn."""
_FAILS = 0.6


@dataclass(frozen=True, slots=True)
class Receipt:
    """One post that was taken."""

    delivery: str
    alert: str
    revision: int
    at: float
    """Seconds since 1970."""
    told_at: str
    """When its revision was decided, ISO 8601."""


@dataclass
class Receivers:
    """The endpoints by name (`breaks-3`); all but the gone take everything once `healed`."""

    chance: random.Random
    healed: bool = False
    taken: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    failures: int = 0
    well: set[str] = field(default_factory=set)
    """The ids that came to healthy endpoints."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take a post, or fail in the endpoint's own manner."""
        name = request.match_info["name"]
        manner = name.partition("-")[0]
        body = (await request.json())["data"]
        if manner == GONE:
            return web.Response(status=410)
        ill = manner != HEALTHY and not self.healed and self.chance.random() < _FAILS
        self.failures += ill
        if ill and manner == "breaks":
            return web.Response(status=500)
        if ill and manner == "busy":
            return web.Response(status=429, headers={"Retry-After": "20"})
        if ill and manner == "busy_silent":
            return web.Response(status=429)
        if ill and manner == "hangs":
            await asyncio.sleep(3 * ATTEMPT_SECONDS)
            return web.Response(status=504)
        if ill and manner == "resets" and request.transport is not None:
            request.transport.abort()
            return web.Response()
        told_at = body["updated"] or body["opened"]
        receipt = Receipt(request.headers["webhook-id"], body["id"], body["revision"], time.time(), told_at)
        self.taken[name].append(receipt)
        if manner == HEALTHY:
            self.well.add(receipt.delivery)
        if ill and manner == "late_answer":
            await asyncio.sleep(1.5 * ATTEMPT_SECONDS)  # taken, and answered when nobody listens any more
        return web.Response()


@asynccontextmanager
async def served(receivers: Receivers) -> AsyncIterator[str]:
    """The address of their server."""
    app = web.Application()
    app.router.add_post("/{name}", receivers.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

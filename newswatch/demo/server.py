"""The demonstration's newsrooms on loopback: feeds that grow as time passes, and a receiver of webhooks."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from itertools import chain
from typing import Any

from aiohttp import web

from newswatch.demo.endless import endless
from newswatch.demo.feeds import CONTENT_TYPES, Item, render
from newswatch.demo.samples import Sample, Source, load_samples, load_sources
from streams.clock import Clock, utc_now
from streams.ids import digest

AT_ONCE = 6
"""Articles that stand in the feeds from the start."""
MOST_ITEMS = 40
"""Items in one feed document; older ones leave it, as real feeds do."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert as a webhook brought it."""

    id: str
    """The `webhook-id` header."""
    body: dict[str, Any]


class DemoServer:
    """Serves `/feeds/<source>` with conditional GET and takes deliveries at `/hook`, on a free loopback port.

    `release_every` is the time between two releases, in seconds. `deliveries` gives each webhook delivery once;
    repeats of an id are acknowledged and dropped, as a receiver should do.
    """

    def __init__(self, release_every: float = 2.0, clock: Clock = utc_now, seed: int = 0) -> None:
        self.deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        self.released = 0
        self.repeats = 0
        self._release_every = release_every
        self._clock = clock
        self._sources = {source.id: source for source in load_sources()}
        self._items: dict[str, list[Item]] = {source: [] for source in self._sources}
        self._coming = chain(load_samples(), endless(seed))
        self._seen_deliveries: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._releasing: asyncio.Task[None] | None = None
        self.base = ""

    @property
    def sources(self) -> list[Source]:
        """The newsrooms that are served."""
        return list(self._sources.values())

    def feed_url(self, source: Source) -> str:
        """The address of a newsroom's feed."""
        return f"{self.base}/feeds/{source.id}"

    @property
    def hook_url(self) -> str:
        """The address that takes webhooks."""
        return f"{self.base}/hook"

    async def start(self) -> None:
        """Release the first articles, listen, and go on releasing."""
        for _ in range(AT_ONCE):
            self.release()
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.router.add_get("/feeds/{source}", self._feed)
        application.router.add_post("/hook", self._hook)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._releasing = asyncio.create_task(self._release_on(), name="demo-releases")

    async def stop(self) -> None:
        """Stop releasing and listening; harmless when it was not started."""
        if self._releasing is not None:
            self._releasing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._releasing
        if self._runner is not None:
            await self._runner.cleanup()

    def release(self) -> Sample:
        """Let the next article into its feed."""
        sample = next(self._coming)
        items = self._items[sample.feed]
        items.append(Item(sample, self._clock()))
        del items[:-MOST_ITEMS]
        self.released += 1
        return sample

    async def _release_on(self) -> None:
        while True:
            await asyncio.sleep(self._release_every)
            self.release()

    async def _feed(self, request: web.Request) -> web.Response:
        source = self._sources.get(request.match_info["source"])
        if source is None:
            raise web.HTTPNotFound(text="no such feed\n")
        items = self._items[source.id]
        body = render(source, items)
        newest = max((item.released for item in items), default=self._clock()).replace(microsecond=0)
        headers = {
            "ETag": f'"{digest("feed", body.decode())}"',
            "Last-Modified": format_datetime(newest, usegmt=True),
        }
        if _unchanged(request, headers["ETag"], newest):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers=headers | {"Content-Type": CONTENT_TYPES[source.format]})

    async def _hook(self, request: web.Request) -> web.Response:
        delivery_id = request.headers.get("webhook-id", "")
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or not delivery_id:
            raise web.HTTPBadRequest(text="a JSON object with a webhook-id header is expected\n")
        if delivery_id in self._seen_deliveries:
            self.repeats += 1
        else:
            self._seen_deliveries.add(delivery_id)
            self.deliveries.put_nowait(Delivery(delivery_id, body))
        return web.Response(status=204)


def _unchanged(request: web.Request, etag: str, modified: datetime) -> bool:
    """Whether the client's copy is the present one: its ETag decides where it sent one, else its date."""
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None:
        return etag in (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    if_modified_since = request.headers.get("If-Modified-Since")
    if if_modified_since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(if_modified_since)
    except (ValueError, TypeError):  # TypeError: a date without a zone cannot be compared
        return False

"""A real WebSub hub on loopback that also serves the feeds it is the hub of."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp
from aiohttp import web


@dataclass
class Hub:
    """Confirms what it is asked, grants `lease` seconds, and sends documents signed by the subscriber's secret."""

    lease: int = 864_000
    answer: int = 202
    feeds: dict[str, str] = field(default_factory=dict)
    """Documents by path; what begins as HTML is served as that."""
    headers: dict[str, str] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    """What was asked, in order."""
    confirmed: list[tuple[str, int, str]] = field(default_factory=list)
    """(mode, status, body) of what subscribers answered."""
    subscribers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """(topic, secret) by callback."""
    gets: list[str] = field(default_factory=list)
    base: str = ""
    session: aiohttp.ClientSession | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Hub]:
        app = web.Application()
        app.router.add_post("/hub", self._asked)
        app.router.add_get("/{path:.*}", self._get)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self.session:
            yield self
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await runner.cleanup()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.gets.append(request.path)
        body = self.feeds.get(request.path)
        if body is None:
            return web.Response(status=404)
        kind = "text/html" if body.lower().startswith("<!doctype html") else "application/rss+xml"
        return web.Response(text=body, content_type=kind, headers=self.headers)

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        if self.answer != 202:
            return web.Response(status=self.answer, text="not today")
        task = asyncio.create_task(self._confirm(form))  # after the answer, as the standard has it
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return web.Response(status=202)

    async def _confirm(self, form: dict[str, str]) -> None:
        mode, topic, callback = form["hub.mode"], form["hub.topic"], form["hub.callback"]
        challenge = hashlib.sha256(f"{len(self.forms)} {callback}".encode()).hexdigest()
        status, body = await self.ask_back(callback, mode, topic, challenge, self.lease)
        self.confirmed.append((mode, status, body))
        if status == 200 and body == challenge:
            if mode == "subscribe":
                self.subscribers[callback] = topic, form.get("hub.secret", "")
            else:
                self.subscribers.pop(callback, None)

    async def ask_back(
        self, callback: str, mode: str, topic: str, challenge: str, lease: int | None = None
    ) -> tuple[int, str]:
        """The question about intent."""
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        if lease is not None and mode == "subscribe":
            query["hub.lease_seconds"] = str(lease)
        assert self.session is not None
        async with self.session.get(f"{callback}?{urlencode(query)}") as response:
            return response.status, await response.text()

    async def publish(
        self,
        topic: str,
        body: bytes,
        method: str = "sha256",
        secret: str | None = None,
        callback: str | None = None,
        kind: str = "application/rss+xml",
    ) -> list[int]:
        """Send a document to everybody who subscribed to a topic (or to one callback); what they answered."""
        assert self.session is not None
        answers = []
        for one, (of, known) in list(self.subscribers.items()):
            if of != topic or callback not in (None, one):
                continue
            signature = hmac.new((secret or known).encode(), body, method).hexdigest()
            headers = {"Content-Type": kind} | ({"X-Hub-Signature": f"{method}={signature}"} if method else {})
            async with self.session.post(one, data=body, headers=headers) as response:
                answers.append(response.status)
        return answers

"""A real HTTP server of feeds on loopback, and a poller's limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web


@dataclass(frozen=True)
class Limits:
    user_agent: str = "newswatch-test/1"
    timeout_seconds: float = 20.0
    max_document_megabytes: float = 16.0
    parse_timeout_seconds: float = 30.0  # the machine may be busy; the tests of the limit set their own
    parse_processes: int = 1
    concurrency: int = 8
    least_seconds: float = 300.0
    most_seconds: float = 3600.0
    host_spacing_seconds: float = 0.0
    allow_networks: tuple[str, ...] = ("127.0.0.0/8",)
    full_text: str = "auto"
    max_page_megabytes: float = 1.0


@dataclass
class FeedServer:
    """Serves what `pages` holds, by path; counts requests and how many were at work at once."""

    port: int = 0
    pages: dict[str, web.StreamResponse | Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(
        default_factory=dict
    )
    requests: list[web.BaseRequest] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    delay: float = 0.0
    runner: web.ServerRunner | None = None

    async def listen_on(self, host: str) -> None:
        """Answer on another loopback address too."""
        assert self.runner is not None
        await web.TCPSite(self.runner, host, self.port).start()

    def redirect(self, path: str, to: str, status: int) -> str:
        async def page(_request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, headers={"Location": to})

        self.pages[path] = page
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, path: str, body: bytes | str, content_type: str = "application/rss+xml", **headers: str) -> str:
        raw = body.encode() if isinstance(body, str) else body
        etag = headers.get("ETag")

        async def page(request: web.Request) -> web.StreamResponse:
            if etag and request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            return web.Response(body=raw, headers={"Content-Type": content_type, **headers})

        self.pages[path] = page
        return self.url(path)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            page = self.pages.get(request.path)
            if page is None:
                return web.Response(status=404, text="no such page")
            assert isinstance(request, web.BaseRequest)
            return page if isinstance(page, web.StreamResponse) else await page(request)  # type: ignore[arg-type]
        finally:
            self.at_once -= 1


@pytest.fixture
async def feed_server() -> AsyncIterator[FeedServer]:
    server = FeedServer()
    runner = web.ServerRunner(web.Server(server.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port, server.runner = runner.addresses[0][1], runner
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
def limits() -> Limits:
    return Limits()

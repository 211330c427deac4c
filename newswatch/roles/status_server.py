"""The small HTTP server of a role: `/metrics`, `/healthz`, `/readyz` and `/-/reload`."""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.errors import AddressTaken


def listen_on(address: str) -> socket.socket:
    """A listening socket at `host:port`; a port 0 takes a free one. Raises AddressTaken."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise AddressTaken(f"cannot listen on {address}: {why}; set another under `web:`") from error


def address_of(listening: socket.socket) -> str:
    """`host:port` of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class StatusServer:
    """Serves on a listening socket until stopped."""

    def __init__(
        self,
        listening: socket.socket,
        health: Callable[[], dict[str, object]],
        why_not_ready: Callable[[], str],
        reload: Callable[[], Awaitable[Sequence[str]]],
    ) -> None:
        self._listening = listening
        self._health = health
        self._why_not_ready = why_not_ready
        self._reload = reload
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_post("/-/reload", self._reloaded)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)

    async def start(self) -> None:
        """Begin to serve."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listening).start()

    async def stop(self) -> None:
        """Stop serving."""
        await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.json_response(self._health())

    async def _readyz(self, _request: web.Request) -> web.Response:
        why = self._why_not_ready()
        return web.json_response({"ready": not why, "why": why}, status=503 if why else 200)

    async def _reloaded(self, _request: web.Request) -> web.Response:
        mistakes = list(await self._reload())
        return web.json_response({"ok": not mistakes, "mistakes": mistakes}, status=400 if mistakes else 200)

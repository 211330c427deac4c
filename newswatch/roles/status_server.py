"""The small HTTP server of a role: `/metrics` and `/healthz`."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

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

    def __init__(self, listening: socket.socket, health: Callable[[], dict[str, object]]) -> None:
        self._listening = listening
        self._health = health
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._healthz)
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
        health = self._health()
        return web.json_response(health, status=200 if health["ok"] else 503)

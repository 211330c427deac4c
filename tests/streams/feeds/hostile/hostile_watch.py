"""What a hostile world may not bring about: connections to private addresses, seen where they are made."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hostile_redirects import CANARY, HANGING, NAMES

_dialled: list[set[str]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _dialled and isinstance(arguments[1], tuple):
        for heard in _dialled:
            heard.add(str(arguments[1][0]))


sys.addaudithook(_hear)  # cannot be taken back; it hears nothing unless somebody listens


@contextlib.contextmanager
def dialled() -> Iterator[set[str]]:
    """Every address that this process connects to over the network, whoever asks for it."""
    heard: set[str] = set()
    _dialled.append(heard)
    try:
        yield heard
    finally:
        _dialled.remove(heard)


@contextlib.asynccontextmanager
async def canary() -> AsyncIterator[tuple[int, list[str]]]:
    """Listeners on addresses that are not allowed: their port, and who called."""
    callers: list[str] = []

    async def called(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(str(writer.get_extra_info("sockname")))
        writer.close()

    server = await asyncio.start_server(called, CANARY, 0)
    port = server.sockets[0].getsockname()[1]
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(server)
        with contextlib.suppress(OSError):  # a machine without IPv6 has nothing to call there
            await stack.enter_async_context(await asyncio.start_server(called, "::1", port))
        yield port, callers


def rebind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the names of `NAMES` mean what they say there, one look-up after another."""
    real, count = socket.getaddrinfo, dict.fromkeys(NAMES, 0)

    def look_up(host: Any, port: Any, *arguments: Any, **named: Any) -> list[Any]:
        if str(host).startswith(HANGING):
            time.sleep(5)
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answers")
        if host not in NAMES:
            return real(host, port, *arguments, **named)
        turns = NAMES[host]
        addresses = turns[min(count[host], len(turns) - 1)]
        count[host] += 1
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

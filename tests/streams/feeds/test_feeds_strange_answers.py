"""Answers that are HTTP only just."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streams.archive.engine import Archive
from streams.archive.polls import feed_states
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 503 Indisponible, r\xe9essayez\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: texte/\xe9trange\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    ],
)
async def test_headers_in_another_encoding_are_the_feeds_fault_not_ours(
    archive: Archive, limits: Any, answer: bytes
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        feed = Feed(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed", id="wire")  # type: ignore[arg-type]
        async with Poller(archive, [feed], limits) as poller:
            report = await poller.poll_once(feed)
    assert report.outcome in {"http", "block", "parse"}, report
    with archive.read() as connection:
        assert feed_states(connection)["wire"].error == report.error

"""A hostile server: a name, what it answers, and how a poll of it may end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FEED = (
    b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title><link>https://hostile.example/</link>"
    b"<item><title>One</title><guid isPermaLink='false'>one</guid><link>https://hostile.example/1</link>"
    b"<description>Nothing happens.</description></item></channel></rss>"
)


@dataclass(frozen=True)
class Case:
    """One server.

    `outcomes` are those a poll may have (see PollReport); `read` says that its article is kept; `heavy` that reading
    what it answers takes seconds.
    """

    name: str
    answer: Answer
    outcomes: frozenset[str]
    read: bool = False
    heavy: bool = False


@dataclass(frozen=True)
class Heavy:
    """An answer that takes seconds to read."""

    answer: Answer


def case(name: str, answer: Answer | Heavy | bytes, outcomes: str, *, read: bool = False) -> Case:
    """A case whose answer is a function, or the bytes that it writes."""
    how = answer.answer if isinstance(answer, Heavy) else says(answer) if isinstance(answer, bytes) else answer
    return Case(name, how, frozenset(outcomes.split()), read, isinstance(answer, Heavy))


def head(*headers: str, status: str = "200 OK", kind: str = "application/rss+xml") -> bytes:
    """A status line and headers, to their end; the connection is closed after the answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def whole(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/rss+xml") -> bytes:
    """An answer with a body of the length it says."""
    return head(f"Content-Length: {len(body)}", *headers, status=status, kind=kind) + body


def says(answer_bytes: bytes) -> Answer:
    """Write this once the request is read."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes)
        await writer.drain()

    return answer


def made(make: Callable[[], bytes]) -> Answer:
    """Write what `make` makes, made anew each time, so that no large body is kept."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await asyncio.to_thread(make))
        await writer.drain()

    return answer


def drips(first: bytes, drop: bytes, seconds: float) -> Answer:
    """Write the first piece, then a drop now and then for ever."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(seconds)

    return answer


def pours(first: bytes, piece: bytes) -> Answer:
    """Write the first piece, then the other as fast as it is taken, for ever."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()

    return answer


def answering(one: Case) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """What serves a connection: reads a request's head, answers as the case does, closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # what is still being poured at the end of a test ends with it
        with contextlib.suppress(
            OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError
        ):
            await reader.readuntil(b"\r\n\r\n")
            await one.answer(reader, writer)
        writer.close()

    return serve

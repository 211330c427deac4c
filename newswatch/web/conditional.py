"""ETags for answers in JSON: who has the answer already is told so, without its body."""

from __future__ import annotations

import hashlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST = 4 * 1024 * 1024
"""Larger answers are sent as they come."""


class Conditional:
    """Adds a weak ETag to whole JSON answers of GET that have none, and answers 304 where `If-None-Match` has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        wanted = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        held: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                is_json = headers.get(b"content-type", b"").startswith((b"application/json", b"application/geo+json"))
                length = int(headers.get(b"content-length", b"-1"))
                if message["status"] == 200 and is_json and 0 <= length <= _MOST and b"etag" not in headers:
                    held = message
                    return
            elif held is not None and message["type"] == "http.response.body":
                start, held = held, None
                tag = b'W/"' + hashlib.blake2b(message.get("body", b""), digest_size=12).hexdigest().encode() + b'"'
                start["headers"] = [*start["headers"], (b"etag", tag), (b"cache-control", b"private, no-cache")]
                if tag in [one.strip() for one in wanted.split(b",")] or wanted.strip() == b"*":
                    kept = [one for one in start["headers"] if one[0] not in (b"content-length", b"content-type")]
                    await send({"type": "http.response.start", "status": 304, "headers": kept})
                    await send({"type": "http.response.body", "body": b""})
                    return
                await send(start)
            await send(message)

        await self._app(scope, receive, tagged)

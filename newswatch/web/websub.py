"""The callbacks of subscriptions: where hubs ask whether we meant it, and where they send what feeds bring."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter

from streams import metrics
from streams.archive import subscriptions
from streams.archive.engine import Archive
from streams.archive.subscriptions import Push, Subscription
from streams.clock import Clock, utc_now
from streams.errors import ArchiveUnavailable, FetchFailed
from streams.feeds.decompress import decompress
from streams.feeds.websub import confirmation, is_signed
from streams.ids import digest

Token = Annotated[str, PathParameter(pattern="^[A-Za-z0-9_-]{20,100}$")]
_BODY_SECONDS = 30.0
_MOST_UNREAD = 1_000
_MOST_UNREAD_BYTES = 256 * 1024 * 1024
_AGAIN = {"Retry-After": "60"}
_LONGEST_TYPE = 200


def add_websub(app: FastAPI, archive: Archive, max_bytes: int, clock: Clock = utc_now) -> None:
    """Serve the callbacks; a document of more than `max_bytes` is refused.

    What is signed as it should be is kept in the archive before it is acknowledged, and a poller reads it. What is
    not is acknowledged as well and dropped, as the standard has it.
    """

    @app.get("/websub/{token}", include_in_schema=False)
    def confirm(
        token: Token,
        mode: Annotated[str, Query(alias="hub.mode", max_length=20)] = "",
        topic: Annotated[str, Query(alias="hub.topic", max_length=8_192)] = "",
        challenge: Annotated[str, Query(alias="hub.challenge")] = "",
        lease_seconds: Annotated[str, Query(alias="hub.lease_seconds", max_length=20)] = "",
        reason: Annotated[str, Query(alias="hub.reason")] = "",
    ) -> Response:
        with archive.begin() as connection:
            found = subscriptions.by_token(connection, token)
            answer = confirmation(found, mode, topic, challenge, lease_seconds, reason, clock())
            if found is None or answer is None:
                raise HTTPException(404, "no such request of ours")
            if answer.state == "gone":
                subscriptions.forget(connection, token)
            else:
                subscriptions.change(
                    connection,
                    token,
                    state=answer.state,
                    retry_at=answer.retry_at,
                    error=answer.error,
                    failures=0,
                    **({"expires_at": answer.expires_at} if answer.expires_at else {}),
                )
        # plain and never sniffed: a challenge is a stranger's text
        return Response(answer.challenge, media_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})

    def known(token: str) -> Subscription | None:
        with archive.read() as connection:
            return subscriptions.by_token(connection, token)

    @app.post("/websub/{token}", include_in_schema=False)
    async def receive(token: Token, request: Request) -> Response:
        found = await asyncio.to_thread(known, token)
        if found is None or found.state not in ("verified", "asked"):
            metrics.PUSHES.labels("unknown").inc()
            raise HTTPException(410, "not subscribed")
        body = await _body(request, max_bytes)
        if not is_signed(found.secret, request.headers.get("x-hub-signature", ""), body):
            metrics.PUSHES.labels("wrong_signature").inc()
            return Response(status_code=202)
        try:
            body = decompress(body, request.headers.get("content-encoding", ""), max_bytes)
        except FetchFailed as error:
            metrics.PUSHES.labels(error.outcome).inc()
            raise HTTPException(413 if error.outcome == "too_large" else 400, str(error)) from error
        kind = request.headers.get("content-type", "")[:_LONGEST_TYPE]
        push = _push(found, kind, body, clock())
        if not await asyncio.to_thread(_take_in, archive, push):
            metrics.PUSHES.labels("full").inc()
            raise HTTPException(503, "too much waits to be read", _AGAIN)
        metrics.PUSHES.labels("accepted").inc()
        return Response(status_code=202)


async def _body(request: Request, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > max_bytes:
                    metrics.PUSHES.labels("too_large").inc()
                    raise HTTPException(413, f"more than {max_bytes} bytes")
                pieces.append(piece)
    except TimeoutError as error:
        raise HTTPException(408, "the body did not come in time") from error
    return b"".join(pieces)


def _push(subscription: Subscription, content_type: str, body: bytes, now: datetime) -> Push:
    name = digest("push", subscription.token, content_type, hashlib.blake2b(body).hexdigest())
    return Push(name, subscription.feed, subscription.token, content_type, body, now)


def _take_in(archive: Archive, push: Push) -> bool:
    """Whether there was room for it."""
    try:
        with archive.begin() as connection:
            count, size = subscriptions.unread_size(connection)
            if count >= _MOST_UNREAD or size + len(push.body) > _MOST_UNREAD_BYTES:
                return False
            subscriptions.take_in(connection, push)
    except ArchiveUnavailable:
        return False
    return True

"""Alerts as they are told: server-sent events that resume where a client left off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from newswatch.web.access import Reader
from newswatch.web.problem import Problem
from newswatch.web.told_stream import ToldStream
from newswatch.web.words import Identity, plain
from streams.archive.told_sequence import Numbered

router = APIRouter(tags=["alerts"])
_LARGEST = 2**62
_REMEMBERED = 1_000


@router.get("/stream", summary="Alerts as they are told", response_class=StreamingResponse)
async def stream(
    request: Request,
    _: Reader,
    watch: Annotated[Identity | None, Query(description="Only of this watch.")] = None,
    after: Annotated[int | None, Query(ge=0, le=_LARGEST, description="What was told after this event.")] = None,
    last_event_id: Annotated[str | None, Header(description="What a browser sends when it comes back.")] = None,
) -> StreamingResponse:
    """One event a revision: `id` is its number, `event` its status, `data` the alert. Without an id from now on."""
    if last_event_id is not None:
        if not last_event_id.isascii() or not last_event_id.isdigit() or int(last_event_id) > _LARGEST:
            raise Problem("bad-cursor", "`Last-Event-ID` is none that this stream gave")
        after = int(last_event_id)
    told: ToldStream = request.app.state.told
    return StreamingResponse(
        _events(told, after, watch),
        media_type="text/event-stream",
        headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
    )


async def _events(told: ToldStream, after: int | None, watch: str | None) -> AsyncIterator[bytes]:
    yield b": newswatch\n\n"  # so that a client knows at once that it is connected
    async for found in told.follow(after):
        if not found:
            yield b": still here\n\n"
        wanted = [one for one in found if watch in (None, one.watch)]
        if wanted:
            yield b"".join(map(_event, wanted))


@lru_cache(_REMEMBERED)
def _event(one: Numbered) -> bytes:
    """One event; made once for all who read."""
    alert = json.loads(one.record)
    data = json.dumps({"alert": alert, "at": plain(one.at), "reason": one.reason})
    return f"id: {one.sequence}\nevent: {alert['status']}\ndata: {data}\n\n".encode()

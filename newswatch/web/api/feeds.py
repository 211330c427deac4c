"""Feeds: how each is, and adding, pausing, resuming and removing them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from sqlalchemy import Connection

from newswatch.web.access import Caller, FeedKeeper, Reader
from newswatch.web.feed_adding import MOST_OPML_BYTES, add_feeds, take_opml
from newswatch.web.house import House, TheHouse
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Words, plain
from streams.archive import audit, kept_feeds
from streams.errors import FetchFailed
from streams.feeds.catalogue import Feed, known_feeds
from streams.feeds.health import feed_health
from streams.feeds.opml import write_opml
from streams.feeds.probe import probe_address

router = APIRouter(prefix="/feeds", tags=["feeds"])
_OPML = {
    "requestBody": {
        "required": True,
        "content": {"text/x-opml": {"schema": {"type": "string"}}},
    }
}
State = Literal["well", "new", "paused", "quiet", "failing"]


@router.get("", summary="Every feed, with how it is")
def list_all(
    house: TheHouse, _: Reader, state: Annotated[State | None, Query(description="Only those that are so.")] = None
) -> dict[str, Any]:
    """By id."""
    rows = feed_health(house.archive, house.settings.feeds, house.clock())
    in_file = {feed.key() for feed in house.settings.feeds}
    return {
        "feeds": [
            {**plain(asdict(row)), "origin": "file" if row.id in in_file else "archive"}
            for row in rows
            if state in (None, row.state)
        ]
    }


@router.get("/opml", summary="Every feed as OPML", response_class=Response)
def as_opml(house: TheHouse, _: Reader) -> Response:
    """With groups, as `newswatch feeds export` writes it."""
    known = known_feeds(house.archive, house.settings.feeds)
    return Response(write_opml(known.values()), media_type="text/x-opml; charset=utf-8")


@router.post("/opml", summary="Add the feeds of an OPML document", openapi_extra=_OPML)
async def add_opml(request: Request, house: TheHouse, caller: FeedKeeper) -> dict[str, Any]:
    """With their groups. Those known already stay as they are; each that cannot be taken is told in a line."""
    document = bytearray()
    async for piece in request.stream():
        document += piece
        if len(document) > MOST_OPML_BYTES:
            break  # what it says of that, it says below
    try:
        taken = await asyncio.to_thread(take_opml, house, bytes(document), caller.name)
    except ValueError as error:
        raise Problem("invalid", str(error)) from error
    return {
        "added": [{"id": feed.key(), "url": str(feed.url)} for feed in taken.added],
        "known": taken.known,
        "problems": list(taken.problems),
    }


@router.post("/probe", summary="What is at an address")
async def probe(
    url: Annotated[Words, Body(embed=True, description="Of a feed or a site.")], house: TheHouse, _: FeedKeeper
) -> dict[str, Any]:
    """Fetched once: whether it is a feed, what it holds, when it would be polled next and why."""
    try:
        found = await probe_address(url, house.settings.poll)
    except FetchFailed as error:
        raise Problem("invalid", str(error), errors=[{"at": "url", "message": str(error)}]) from error
    told = {name: plain(value) for name, value in asdict(found).items() if name not in ("entries", "advertised")}
    advertised = [asdict(one) for one in found.advertised]
    titles = [one.title or one.text[:80] for one in found.entries[:20]]
    return {**told, "entries": len(found.entries), "titles": titles, "advertised": advertised}


@router.post("", status_code=201, summary="Add a feed")
def add(feed: Feed, house: TheHouse, caller: FeedKeeper) -> dict[str, Any]:
    """As the settings file has it; a poller has it within a minute."""
    if not add_feeds(house, [feed], caller.name):
        raise Problem("conflict", f"{feed.url} is among the feeds already")
    return {"id": feed.key(), "url": str(feed.url)}


@router.post("/{feed}/pause", summary="Do not poll a feed for now")
def pause(feed: Identity, house: TheHouse, caller: FeedKeeper) -> dict[str, Any]:
    """Its articles stay."""
    return _change(
        feed, "feed.pause", lambda connection: kept_feeds.pause(connection, feed, house.clock()), house, caller
    )


@router.post("/{feed}/resume", summary="Poll a feed again")
def resume(feed: Identity, house: TheHouse, caller: FeedKeeper) -> dict[str, Any]:
    """At once, as far as its server allows."""
    return _change(feed, "feed.resume", lambda connection: kept_feeds.resume(connection, feed), house, caller)


@router.delete("/{feed}", status_code=204, summary="Remove a feed")
def remove(feed: Identity, house: TheHouse, caller: FeedKeeper) -> None:
    """Its articles stay."""
    if any(one.key() == feed for one in house.settings.feeds):
        raise Problem("conflict", f'the feed "{feed}" stands in the settings file: remove it there, or pause it')
    _change(feed, "feed.remove", lambda connection: kept_feeds.remove(connection, feed), house, caller)


def _change(
    feed: str, action: str, change: Callable[[Connection], bool], house: House, caller: Caller
) -> dict[str, Any]:
    if feed not in known_feeds(house.archive, house.settings.feeds):
        raise Problem("not-found", f'there is no feed "{feed}"')
    with house.archive.begin() as connection:
        changed = change(connection)
        if changed:
            audit.note(connection, caller.name, action, feed, house.clock())
    return {"id": feed, "changed": changed}

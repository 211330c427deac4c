"""Silences: what is not to be told for a while."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agents.alert import actions
from agents.tell.matchers import NoMatcher, parse_matcher
from agents.tell.preview import preview as would_quiet
from newswatch.web.access import AlertKeeper, Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Limit
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Instant, Words, plain, utc
from streams.archive import silences as kept

router = APIRouter(prefix="/silences", tags=["alerts"])
Matchers = Annotated[list[Words], Field(min_length=1, max_length=50, examples=[["country=SY", "severity!=critical"]])]


class GivenSilence(BaseModel):
    """A silence that somebody asks for."""

    model_config = ConfigDict(extra="forbid")

    matchers: Matchers
    until: Instant
    start: Instant | None = None
    comment: Annotated[str, StringConstraints(max_length=2_000)] = ""


class Preview(BaseModel):
    """What a silence would have quieted."""

    model_config = ConfigDict(extra="forbid")

    matchers: Matchers
    days: Annotated[float, Field(gt=0, le=366)] = 7.0


@router.get("", summary="The silences")
def list_all(
    house: TheHouse, _: Reader, limit: Limit = 50, over: Annotated[bool, Query(description="Those over too.")] = False
) -> dict[str, Any]:
    """The newest first, with who made each, until when and why."""
    with house.archive.read() as connection:
        rows = kept.list_silences(connection, None if over else house.clock(), limit)
    return {"silences": [plain(asdict(row)) for row in rows]}


@router.post("", status_code=201, summary="Silence alerts")
def add(given: GivenSilence, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """Alerts that meet every matcher are not told for a while; what was told is corrected all the same."""
    now = house.clock()
    ends = utc(given.until) or now
    with house.archive.begin() as connection:
        silence = actions.add_silence(
            connection, given.matchers, utc(given.start) or now, ends, caller.name, given.comment, now
        )
    told: dict[str, Any] = plain(asdict(silence))
    return told


@router.delete("/{silence}", status_code=204, summary="End a silence")
def expire(silence: Identity, house: TheHouse, caller: AlertKeeper) -> None:
    """What it kept from being told stays untold."""
    with house.archive.begin() as connection:
        if kept.get(connection, silence) is None:
            raise Problem("not-found", f'there is no silence "{silence}"')
        actions.expire_silence(connection, silence, caller.name, house.clock())


@router.post("/preview", summary="What a silence would have quieted")
def preview(asked: Preview, house: TheHouse, _: Reader) -> dict[str, Any]:
    """Over the last days, had it been in force."""
    try:
        read = [parse_matcher(one) for one in asked.matchers]
    except NoMatcher as error:
        raise Problem("invalid", str(error), errors=[{"at": "matchers", "message": str(error)}]) from error
    since = house.clock() - timedelta(days=asked.days)
    with house.archive.read() as connection:
        found = list(would_quiet(connection, read, since))
    quieted = [one for one in found if one is not None]
    return {
        "revisions": len(found),
        "quieted": [
            {
                "alert": one.alert.id, "revision": one.alert.revision, "watch": one.alert.watch,
                "title": one.alert.title, "at": plain(one.at), "why": one.why, "told_anyway": one.told_anyway,
            }
            for one in quieted
        ],
    }  # fmt: skip

"""Backtest: what a watch would have fired on, streamed hit by hit as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from agents.match.summary import WatchSummary
from agents.match.watch import Watch
from newswatch.web.access import Reader
from newswatch.web.given_watch import take
from newswatch.web.house import House, TheHouse
from newswatch.web.problem import Problem
from newswatch.web.replay import replayed
from newswatch.web.words import Identity, plain

router = APIRouter(tags=["reading"])
TYPE = "application/x-ndjson"


class Question(BaseModel):
    """What is replayed."""

    model_config = ConfigDict(extra="forbid")

    watch: Identity | None = Field(default=None, description="A watch by its id.")
    definition: dict[str, Any] | None = Field(default=None, description="Or one that is not kept anywhere.")
    days: Annotated[float, Field(gt=0, le=3660, description="How far back.")] = 30.0
    most: Annotated[int, Field(ge=1, le=10_000, description="So many hits at most are sent; all are counted.")] = 500


@router.post("/backtest", summary="What a watch would have fired on", response_class=StreamingResponse)
def backtest(question: Question, house: TheHouse, _: Reader) -> StreamingResponse:
    """Lines of JSON: each a `hit`, the last one the `summary` with hits a day and the noisiest alias."""
    from newswatch.web.in_force import watches_in_force  # noqa: PLC0415 - heavy, and only where asked for

    if (question.watch is None) == (question.definition is None):
        raise Problem("bad-request", "give either `watch` or `definition`")
    if question.definition is not None:
        watch = take({"id": "given", **question.definition}, house).watch
    else:
        (watch,) = watches_in_force(house, question.watch)
    return StreamingResponse(_lines(watch, question, house), media_type=TYPE)


def _lines(watch: Watch, question: Question, house: House) -> Iterator[str]:
    for count, found in enumerate(replayed(watch, question.days, house)):
        if isinstance(found, WatchSummary):
            yield json.dumps({"summary": plain(asdict(found))}) + "\n"
        elif count < question.most:
            article = found.enriched.article
            told = {
                "article": article.id, "title": article.title, "url": article.url,
                "first_seen": plain(article.first_seen), "alert": found.alert,
                "reason": found.hit.reason, "clause": found.hit.clause,
                "evidence": [asdict(one) for one in found.hit.evidence],
            }  # fmt: skip
            yield json.dumps({"hit": told}) + "\n"

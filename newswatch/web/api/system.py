"""How the system is: roles, backlogs, dead articles, and who changed what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from newswatch.status import read_status
from newswatch.web.access import Admin, Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Limit
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, plain
from streams.archive import articles, audit, dead

router = APIRouter(tags=["system"])


@router.get("/status", summary="How everything is")
def status(house: TheHouse, _: Reader) -> dict[str, Any]:
    """Each role, how far behind it is, and its last error; how much of everything there is."""
    found = read_status(house.archive, house.clock())
    with house.archive.read() as connection:
        counts = articles.counts(connection)
    return {**plain(asdict(found)), "healthy": found.healthy, "counts": asdict(counts)}


@router.get("/dead", summary="What could not be processed")
def list_dead(house: TheHouse, _: Reader, limit: Limit = 50) -> dict[str, Any]:
    """The newest dead articles, each with the step that failed and why."""
    with house.archive.read() as connection:
        rows = dead.list_dead(connection, limit)
    return {"dead": [plain(asdict(row)) for row in rows]}


@router.post("/dead/{article}/retry", summary="Try a dead article again")
def retry(article: Identity, house: TheHouse, caller: Admin) -> dict[str, Any]:
    """It is published again."""
    now = house.clock()
    with house.archive.begin() as connection:
        if not dead.retry(connection, [article], now):
            raise Problem("not-found", f'no dead article "{article}" can be tried again')
        audit.note(connection, caller.name, "dead.retry", article, now)
    return {"article": article, "published_again": True}


@router.get("/audit", summary="Who changed what")
def changes(
    house: TheHouse,
    _: Admin,
    limit: Limit = 50,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="The last id of the page before.")] = None,
) -> dict[str, Any]:
    """The newest changes that people made through the API, the page and the commands."""
    with house.archive.read() as connection:
        rows = audit.changes(connection, limit, before)
    return {
        "changes": [plain(asdict(row)) for row in rows],
        "next": rows[-1].id if len(rows) == limit else None,
    }

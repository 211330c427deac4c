"""Deliveries and endpoints: which alerts reached whom, and trying some again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query

from newswatch.web.access import DeliveryKeeper, Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Cursor, Limit, next_of, position
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Instant, plain, utc
from streams.archive import audit, delivery_log
from streams.archive.delivery_log import LoggedDelivery

router = APIRouter(tags=["deliveries"])
State = Literal["pending", "delivered", "exhausted"]


def _key(row: LoggedDelivery) -> tuple[datetime, str]:
    return row.added_at, row.id


@router.get("/deliveries", summary="The newest deliveries")
def list_all(
    house: TheHouse,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[State | None, Query(description="Only those that stand so.")] = None,
    endpoint: Annotated[Identity | None, Query(description="Only to this endpoint.")] = None,
    alert: Annotated[Identity | None, Query(description="Only of this alert.")] = None,
) -> dict[str, Any]:
    """Newest first, with how often each was tried and what the endpoint said."""
    with house.archive.read() as connection:
        rows = delivery_log.list_deliveries(
            connection, limit, state=state, endpoint=endpoint, alert=alert, after=position(cursor)
        )
    return {"deliveries": [plain(asdict(row)) for row in rows], "next": next_of(rows, limit, _key)}


@router.post("/deliveries/{delivery}/retry", summary="Deliver again")
def retry(delivery: Identity, house: TheHouse, caller: DeliveryKeeper) -> dict[str, Any]:
    """Whatever became of it; the receiver knows a repeat by its id."""
    now = house.clock()
    with house.archive.begin() as connection:
        if not delivery_log.retry(connection, [delivery], now):
            raise Problem("not-found", f'there is no delivery "{delivery}"')
        audit.note(connection, caller.name, "delivery.retry", delivery, now)
    return {"id": delivery, "due": True}


@router.get("/endpoints", summary="The endpoints")
def endpoints(house: TheHouse, _: Reader) -> dict[str, Any]:
    """As the settings file has them, without addresses and secrets."""
    return {"endpoints": [{"id": one.id, "kind": one.kind} for one in house.settings.endpoints]}


@router.post("/endpoints/{endpoint}/recover", summary="Deliver again what was given up")
def recover(
    endpoint: Identity,
    since: Annotated[Instant, Body(embed=True, description="What was given up since then.")],
    house: TheHouse,
    caller: DeliveryKeeper,
) -> dict[str, Any]:
    """Once the endpoint works again."""
    if all(one.id != endpoint for one in house.settings.endpoints):
        raise Problem("not-found", f'there is no endpoint "{endpoint}"')
    now = house.clock()
    first = utc(since) or now
    with house.archive.begin() as connection:
        count = delivery_log.recover(connection, endpoint, first, now)
        audit.note(connection, caller.name, "endpoint.recover", endpoint, now, {"since": plain(first), "due": count})
    return {"endpoint": endpoint, "due": count}

"""Alerts: the newest first, each with its history, its sources and its deliveries."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from newswatch.web.access import Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Cursor, Limit, next_of, position
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Instant, plain, utc
from streams.archive import alert_search, delivery_log
from streams.archive.alerts import tellings_of
from streams.records import Alert, encode_alert

router = APIRouter(prefix="/alerts", tags=["alerts"])
Status = Literal["opened", "updated", "corrected", "retracted", "closed"]


def _sent(alert: Alert) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(encode_alert(alert))
    return told


def _key(alert: Alert) -> tuple[datetime, str]:
    return alert.opened, alert.id


@router.get("", summary="The alerts opened last")
def list_alerts(
    house: TheHouse,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    watch: Annotated[Identity | None, Query(description="Only of this watch.")] = None,
    status: Annotated[Status | None, Query(description="Only those that stand so.")] = None,
    story: Annotated[Identity | None, Query(description="Only of this story.")] = None,
    since: Annotated[Instant | None, Query(description="Opened at or after this time.")] = None,
    until: Annotated[Instant | None, Query(description="Opened before this time.")] = None,
) -> dict[str, Any]:
    """Newest first; `next` leads on where there may be more."""
    wanted = alert_search.Wanted(watch, status, story, utc(since), utc(until))
    with house.archive.read() as connection:
        found = alert_search.search(connection, wanted, limit, position(cursor))
    return {"alerts": [_sent(one) for one in found], "next": next_of(found, limit, _key)}


@router.get("/{alert}", summary="One alert, with its history")
def get_alert(alert: Identity, house: TheHouse, _: Reader) -> dict[str, Any]:
    """As it stands, every revision as it was told, who tells its story and who copied whom."""
    with house.archive.read() as connection:
        found = alert_search.get(connection, alert)
        if found is None:
            raise Problem("not-found", f'there is no alert "{alert}"')
        history = alert_search.history(connection, alert)
        tellings = tellings_of(connection, alert)
        deliveries = delivery_log.list_deliveries(connection, 500, alert=alert)
    return {
        "alert": _sent(found),
        "history": [
            {"revision": one.alert.revision, "at": plain(one.at), "reason": one.reason, "alert": _sent(one.alert)}
            for one in history
        ],
        "tellings": [
            {
                "article": one.article, "outlet": one.outlet, "origin": one.origin, "told_at": plain(one.told_at),
                "reason": one.reason, "copy_of": one.copy_of,
            }
            for one in tellings
        ],
        "deliveries": [plain(asdict(one)) for one in deliveries],
    }  # fmt: skip

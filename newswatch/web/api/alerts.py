"""Alerts: the newest first, each with its history, its sources and its deliveries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection

from agents.alert import actions
from newswatch.web.access import AlertKeeper, Reader
from newswatch.web.house import House, TheHouse
from newswatch.web.paging import Cursor, Limit, next_of, position
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, Instant, plain, utc
from streams.archive import alert_labels, alert_search, audit, delivery_log, handled, held
from streams.archive.alerts import tellings_of
from streams.records import Alert, encode_alert

router = APIRouter(prefix="/alerts", tags=["alerts"])
Status = Literal["opened", "updated", "corrected", "retracted", "closed"]

_LONGEST_TIMELINE = timedelta(days=366)


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


@router.get("/timeline", summary="How many alerts opened in each hour")
def timeline(
    house: TheHouse,
    _: Reader,
    since: Annotated[Instant | None, Query(description="From this time on; seven days back where left out.")] = None,
    until: Annotated[Instant | None, Query(description="Before this time; now where left out.")] = None,
) -> dict[str, Any]:
    """Hours (UTC) that had none are left out; 366 days at most."""
    end = utc(until) or house.clock()
    start = utc(since) or end - timedelta(days=7)
    if end - start > _LONGEST_TIMELINE:
        raise Problem("bad-request", f"a timeline is of {_LONGEST_TIMELINE.days} days at most")
    with house.archive.read() as connection:
        found = alert_search.by_hour(connection, start, end)
    return {"hours": [{"at": plain(at), "alerts": count} for at, count in found.items()]}


@router.get("/as-of", summary="The alerts as they had been told at a time")
def as_of(
    house: TheHouse,
    _: Reader,
    at: Annotated[Instant, Query(description="The time.")],
    limit: Limit = 50,
) -> dict[str, Any]:
    """Those opened last before it, each in the revision that it had then."""
    with house.archive.read() as connection:
        found = alert_search.as_of(connection, utc(at) or house.clock(), limit)
    return {"alerts": [_sent(one) for one in found]}


class Remark(BaseModel):
    """Why something is done."""

    model_config = ConfigDict(extra="forbid")

    comment: Annotated[str, StringConstraints(max_length=2_000)] = ""


class Snooze(Remark):
    """Until when an alert is not told."""

    until: Instant


@router.get("/{alert}/why", summary="Why each endpoint was told or not")
def why(alert: Identity, house: TheHouse, _: Reader) -> dict[str, Any]:
    """For each revision and endpoint: whether it was told, and the name of the reason."""
    with house.archive.read() as connection:
        _known(connection, alert)
        rows = held.why(connection, alert)
    return {"deliveries": [plain(asdict(row)) for row in rows]}


@router.post("/{alert}/acknowledge", summary="See to an alert")
def acknowledge(alert: Identity, remark: Remark, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """It is not told again, nor what is added to it."""
    return _act(alert, house, lambda on: actions.acknowledge(on, alert, caller.name, remark.comment, house.clock()))


@router.post("/{alert}/take-back", summary="See to an alert no more")
def take_back(alert: Identity, remark: Remark, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """Nobody sees to it any more."""
    return _act(alert, house, lambda on: actions.take_back(on, alert, caller.name, remark.comment, house.clock()))


@router.post("/{alert}/snooze", summary="Hear of an alert later")
def snooze(alert: Identity, asked: Snooze, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """What comes of it is told then, or else that it is still open."""
    until = utc(asked.until) or house.clock()
    return _act(alert, house, lambda on: actions.snooze(on, alert, until, caller.name, asked.comment, house.clock()))


@router.post("/{alert}/unsnooze", summary="End a snooze")
def unsnooze(alert: Identity, remark: Remark, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """What waited for its end is told now."""
    return _act(alert, house, lambda on: actions.unsnooze(on, alert, caller.name, remark.comment, house.clock()))


class Labelling(Remark):
    """What somebody says of an alert."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"label": "wrong", "comment": "Another Tripoli"}]}
    )

    label: Literal["right", "wrong"]


@router.post("/{alert}/label", summary="Say that an alert is right or wrong")
def label(alert: Identity, asked: Labelling, house: TheHouse, caller: AlertKeeper) -> dict[str, Any]:
    """It tells how well the watch does. One label a caller and alert: the last word counts."""
    with house.archive.begin() as connection:
        _known(connection, alert)
        said = actions.label(connection, alert, asked.label, caller.name, asked.comment, house.clock())
    return {"id": alert, "label": plain(asdict(said))}


@router.delete("/{alert}/label", status_code=204, summary="Say nothing of an alert any more")
def take_back_label(alert: Identity, house: TheHouse, caller: AlertKeeper) -> None:
    """Takes back what this caller said."""
    with house.archive.begin() as connection:
        _known(connection, alert)
        actions.take_back_label(connection, alert, caller.name, house.clock())


def _known(connection: Connection, alert: str) -> Alert:
    found = alert_search.get(connection, alert)
    if found is None:
        raise Problem("not-found", f'there is no alert "{alert}"')
    return found


def _act(alert: str, house: House, act: Callable[[Connection], None]) -> dict[str, Any]:
    with house.archive.begin() as connection:
        _known(connection, alert)
        act(connection)
        said = handled.handled(connection, alert)
    return {"id": alert, **plain(asdict(said))}


@router.get("/{alert}", summary="One alert, with its history")
def get_alert(alert: Identity, house: TheHouse, _: Reader) -> dict[str, Any]:
    """As it stands, every revision as it was told, who tells its story and who copied whom."""
    with house.archive.read() as connection:
        found = _known(connection, alert)
        history = alert_search.history(connection, alert)
        said = handled.handled(connection, alert)
        acts = audit.changes_of(connection, alert)
        tellings = tellings_of(connection, alert)
        deliveries = delivery_log.list_deliveries(connection, 500, alert=alert)
        labels = alert_labels.of_alert(connection, alert)
    return {
        "alert": _sent(found),
        "handled": plain(asdict(said)),
        "actions": [plain(asdict(one)) for one in acts],
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
        "labels": [plain(asdict(one)) for one in labels],
    }  # fmt: skip

"""Deliveries that are given up are told of once an hour, and never among the alerts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from builders import NOON, a_hit, an_enriched
from notify_receivers import LOOPBACK, an_alert, due, http_server
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.notify.cloudevents import cloud_event
from agents.notify.deliver import Notifier
from agents.notify.endpoint import Endpoint, WebhookEndpoint
from agents.notify.exhausted import notice, tell
from agents.notify.notices import EXHAUSTED_WATCH
from agents.notify.sample import sample_alerts
from streams.archive import alerts, told
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.clock import utc_now

WATCHES = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}


def owe(archive: Archive, many: int, endpoint: str) -> None:
    for number in range(many):
        enriched = an_enriched(f"n{number}", fingerprint=f"words {number}")
        record_article(archive, enriched, [a_hit(enriched)], WATCHES, [endpoint], utc_now())


def states(archive: Archive) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with archive.read() as connection:
        for endpoint, state in connection.execute(select(deliveries.c.endpoint, deliveries.c.state)):
            found.setdefault(endpoint, []).append(state)
    return found


async def deliver_until(
    archive: Archive, endpoints: list[Endpoint], done: Callable[[], bool], clock: Callable[[], datetime] = utc_now
) -> None:
    task = asyncio.create_task(Notifier(archive, endpoints, clock, LOOPBACK, exhausted_to=["ops", "desk"]).run())
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(done):
            await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def webhook(name: str, url: str) -> WebhookEndpoint:
    return WebhookEndpoint.model_validate({"id": name, "kind": "webhook", "url": f"{url}/{name}"})


async def test_an_endpoint_that_is_gone_is_told_of_once_and_not_to_itself(archive: Archive) -> None:
    async with http_server() as gone, http_server() as well:
        gone.status = 410
        endpoints: list[Endpoint] = [webhook("desk", gone.url), webhook("ops", well.url)]
        owe(archive, 6, "desk")
        await deliver_until(
            archive, endpoints, lambda: states(archive) == {"desk": ["exhausted"] * 6, "ops": ["delivered"]}
        )
        owe(archive, 7, "desk")  # one more
        await deliver_until(archive, endpoints, lambda: states(archive)["desk"] == ["exhausted"] * 7)
    ((_, body),) = well.taken[:1]
    told_of = json.loads(body)
    assert told_of["type"] == "delivery.exhausted"
    assert told_of["data"]["watch"] == EXHAUSTED_WATCH
    assert "to desk" in told_of["data"]["title"]
    assert "410" in told_of["data"]["quote"]
    assert "newswatch deliveries recover desk" in told_of["data"]["reason"]
    assert len(well.taken) == len({json.loads(body)["data"]["id"] for _, body in well.taken})
    with archive.read() as connection:
        assert {one.watch for one in alerts.recent_alerts(connection, 100)} == {"road"}
        assert {one.alert.watch for one in told.newest(connection, 100)} == {"road"}


async def test_what_was_tried_for_a_day_is_told_of(archive: Archive) -> None:
    async with http_server() as broken, http_server() as well:
        broken.status = 500
        endpoints: list[Endpoint] = [webhook("desk", broken.url), webhook("ops", well.url)]
        owe(archive, 2, "desk")
        later = utc_now() + timedelta(hours=24)
        await deliver_until(archive, endpoints, lambda: states(archive)["desk"] == ["exhausted"] * 2, lambda: later)
        assert len(broken.taken) == 2  # the last attempt is made, though a day is over
        await deliver_until(archive, endpoints, lambda: bool(well.taken), lambda: later)
    assert json.loads(well.taken[0][1])["type"] == "delivery.exhausted"


def test_it_is_told_once_an_hour(archive: Archive) -> None:
    with archive.begin() as connection:
        assert tell(connection, ["desk"], "desk", 1, "why", NOON) is None  # nobody else to tell
        first = tell(connection, ["ops", "desk"], "desk", 1, "why", NOON)
        assert tell(connection, ["ops", "desk"], "desk", 5, "why", NOON + timedelta(minutes=59)) is None
        second = tell(connection, ["ops", "desk"], "desk", 5, "why", NOON + timedelta(minutes=61))
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert first.title == "newswatch: a delivery to desk was given up"
    assert second.title == "newswatch: 5 deliveries to desk were given up"
    assert states(archive) == {"ops": ["pending", "pending"]}


def test_alerts_are_events_of_their_own_kind() -> None:
    assert json.loads(cloud_event(due(notice("desk", 1, "why", NOON))))["type"] == "newswatch.delivery.exhausted"
    assert json.loads(cloud_event(due(an_alert(status="closed"))))["type"] == "newswatch.alert.closed"
    assert all(one.watch != EXHAUSTED_WATCH for one in sample_alerts())

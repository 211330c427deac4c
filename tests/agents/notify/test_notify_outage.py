"""The network on our side is told to be away once, and to be back once, however many pollers see it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from builders import NOON
from notify_receivers import LOOPBACK, http_server
from sqlalchemy import select

from agents.notify.deliver import Notifier
from agents.notify.endpoint import WebhookEndpoint
from agents.notify.outage import STEADY, note
from streams.archive import alerts, leases
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.clock import utc_now
from streams.records import Alert

SAID = "5 of 6 hosts cannot be reached: the network here is away"
MINUTE = timedelta(minutes=1)


def say(
    archive: Archive, poller: str, said: str | None, now: datetime, *, sure: bool = True, alive: str = "one two"
) -> Alert | None:
    with archive.begin() as connection:
        for one in alive.split():
            leases.renew(connection, one, now)
        return note(connection, ["ops", "desk"], poller, said, is_sure=sure, now=now)


def owed(archive: Archive) -> list[tuple[int, str]]:
    with archive.read() as connection:
        chosen = select(deliveries.c.alert_revision, deliveries.c.endpoint)
        return sorted((revision, endpoint) for revision, endpoint in connection.execute(chosen))


def test_two_pollers_tell_of_one_outage(archive: Archive) -> None:
    begun = say(archive, "one", SAID, NOON)
    assert begun is not None
    assert (begun.status, begun.severity, begun.quote) == ("opened", "critical", SAID)
    assert say(archive, "one", SAID, NOON + MINUTE) is None
    assert say(archive, "two", SAID, NOON + MINUTE) is None
    assert say(archive, "one", None, NOON + 2 * MINUTE) is None
    assert say(archive, "one", None, NOON + 20 * MINUTE) is None  # the other still says so
    say(archive, "two", SAID, NOON + 20 * MINUTE)
    assert say(archive, "two", None, NOON + 20.5 * MINUTE) is None
    assert owed(archive) == [(1, "desk"), (1, "ops")]
    ended = say(archive, "two", None, NOON + 20.5 * MINUTE + STEADY)
    assert ended is not None
    assert (ended.id, ended.revision, ended.status) == (begun.id, 2, "closed")
    assert "from 2026-03-01 12:00 to 2026-03-01 12:20 UTC, 20 min" in ended.quote
    assert say(archive, "one", None, NOON + 30 * MINUTE) is None
    assert owed(archive) == [(1, "desk"), (1, "ops"), (2, "desk"), (2, "ops")]
    again = say(archive, "one", SAID, NOON + 40 * MINUTE)
    assert again is not None
    assert again.id != begun.id
    with archive.read() as connection:
        assert alerts.recent_alerts(connection, 10) == []


def test_a_network_that_comes_and_goes_is_one_outage(archive: Archive) -> None:
    assert say(archive, "one", SAID, NOON) is not None
    at = NOON
    for _ in range(5):
        at += STEADY - MINUTE
        assert say(archive, "one", None, at) is None
        at += MINUTE
        assert say(archive, "one", SAID, at) is None
    assert say(archive, "one", None, at + MINUTE) is None
    assert say(archive, "one", None, at + MINUTE + STEADY) is not None
    assert len(owed(archive)) == 4


def test_who_has_asked_too_few_hosts_ends_nothing(archive: Archive) -> None:
    assert say(archive, "one", None, NOON, sure=False) is None
    assert say(archive, "one", SAID, NOON) is not None
    later = NOON + timedelta(hours=2)  # the first has died meanwhile, as its lease tells
    for minute in range(10):
        assert say(archive, "two", None, later + minute * MINUTE, sure=False, alive="two") is None
    assert say(archive, "two", None, later + 10 * MINUTE, alive="two") is None
    assert say(archive, "two", None, later + 10 * MINUTE + STEADY, alive="two") is not None


def test_what_a_living_poller_says_stands_while_another_is_well(archive: Archive) -> None:
    assert say(archive, "one", SAID, NOON) is not None
    for minute in range(30):
        now = NOON + minute * MINUTE / 2
        assert say(archive, "one", SAID, now) is None
        assert say(archive, "two", None, now) is None
    assert len(owed(archive)) == 2


async def test_an_endpoint_hears_of_both_in_order(archive: Archive) -> None:
    async with http_server() as desk:
        endpoint = WebhookEndpoint.model_validate({"id": "desk", "kind": "webhook", "url": f"{desk.url}/desk"})
        start = utc_now() - timedelta(hours=1)
        with archive.begin() as connection:
            note(connection, ["desk"], "one", SAID, is_sure=True, now=start)
            note(connection, ["desk"], "one", None, is_sure=True, now=start + MINUTE)
            note(connection, ["desk"], "one", None, is_sure=True, now=start + MINUTE + STEADY)
        task = asyncio.create_task(Notifier(archive, [endpoint], utc_now, LOOPBACK).run())
        async with asyncio.timeout(60):
            while len(desk.taken) < 2:
                await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    told = [json.loads(body) for _, body in desk.taken]
    assert [one["type"] for one in told] == ["network.away", "network.back"]
    assert [one["data"]["title"] for one in told] == [
        "newswatch: its network is away",
        "newswatch: its network is back",
    ]

"""Deliveries are leased, tried again, and given up in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOON, a_hit, an_enriched
from sqlalchemy import insert, select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import alerts, deliveries, delivery_log
from streams.archive.deliveries import Outcome
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions
from streams.archive.schema import deliveries as table
from streams.records import encode_alert

LEASE = timedelta(minutes=1)
WATCHES = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}


@pytest.fixture
def owed(archive: Archive) -> Archive:
    """An archive that owes one alert to `desk` and `ops`."""
    enriched = an_enriched()
    record_article(archive, enriched, [a_hit(enriched)], WATCHES, ["desk", "ops"], NOON)
    return archive


def test_a_lease_holds_until_it_runs_out(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = deliveries.lease(connection, "desk", NOON, LEASE, 10)
        assert due.alert.quote == "A convoy left Khanasser."
        assert deliveries.lease(connection, "desk", NOON + LEASE / 2, LEASE, 10) == []
        assert not deliveries.has_due(connection, "desk", NOON + LEASE / 2)
        assert deliveries.has_due(connection, "ops", NOON)
        (again,) = deliveries.lease(connection, "desk", NOON + 2 * LEASE, LEASE, 10)
    assert again.id == due.id


def test_a_failure_comes_back_at_its_time_and_a_success_never(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = deliveries.lease(connection, "desk", NOON, LEASE, 10)
        deliveries.settle(connection, [Outcome(due.id, "pending", NOON, "refused", NOON + 3 * LEASE)])
        assert not deliveries.has_due(connection, "desk", NOON + 2 * LEASE)
        (again,) = deliveries.lease(connection, "desk", NOON + 3 * LEASE, LEASE, 10)
        assert again.attempts == 1
        deliveries.settle(connection, [Outcome(due.id, "delivered", NOON + 3 * LEASE)])
        assert not deliveries.has_due(connection, "desk", NOON + 100 * LEASE)
        assert deliveries.owed(connection) == (1, NOON)


def test_what_is_owed_to_an_endpoint_that_is_gone_is_given_up(owed: Archive) -> None:
    with owed.begin() as connection:
        assert deliveries.exhaust_unknown(connection, ["desk"]) == 1
        assert not deliveries.has_due(connection, "ops", NOON)
        assert deliveries.has_due(connection, "desk", NOON)


def test_revisions_of_one_alert_reach_an_endpoint_in_their_order_each_as_it_was_told(owed: Archive) -> None:
    with owed.begin() as connection:
        (alert,) = alerts.recent_alerts(connection, 10)
        second = replace(alert, revision=2, quote="It was seen near Athriya later.")
        connection.execute(
            insert(alert_revisions).values(alert=alert.id, revision=2, record=encode_alert(second).decode(), at=NOON)
        )
        deliveries.add_deliveries(connection, second, ["desk"], NOON)
        (first,) = deliveries.lease(connection, "desk", NOON, LEASE, 10)
        assert first.alert.quote == "A convoy left Khanasser."
        assert deliveries.lease(connection, "desk", NOON, LEASE, 10) == []  # while the first is on its way
        deliveries.settle(connection, [Outcome(first.id, "pending", NOON, "500", NOON + 2 * LEASE)])
        assert deliveries.lease(connection, "desk", NOON + LEASE, LEASE, 10) == []  # and while it waits
        deliveries.settle(connection, [Outcome(first.id, "exhausted", NOON, "500")])
        (later,) = deliveries.lease(connection, "desk", NOON, LEASE, 10)
        assert later.alert == second


def test_an_outcome_that_comes_late_changes_nothing_that_is_settled(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = deliveries.lease(connection, "desk", NOON, LEASE, 1)
        deliveries.settle(connection, [Outcome(due.id, "delivered", NOON)])
        deliveries.settle(connection, [Outcome(due.id, "pending", NOON, "timeout", NOON)])
        row = connection.execute(select(table.c.state, table.c.attempts).where(table.c.id == due.id)).one()
    assert tuple(row) == ("delivered", 1)


def test_what_the_dead_had_in_hand_is_free_and_what_waits_can_be_hastened_or_given_up(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = deliveries.lease(connection, "desk", NOON, LEASE, 1, "gone")
        assert deliveries.lease_owners(connection) == {"gone"}
        assert deliveries.give_up(connection, "desk", "too late") == 0  # it is in somebody's hand
        assert deliveries.release(connection, ["gone"]) == 1
        assert deliveries.has_due(connection, "desk", NOON)
        deliveries.settle(connection, [Outcome(due.id, "pending", NOON, "500", NOON + 10 * LEASE)])
        assert deliveries.hasten(connection, "desk", NOON) == 1
        assert deliveries.has_due(connection, "desk", NOON)
        assert deliveries.give_up(connection, "desk", "too late", NOON) == 0
        assert deliveries.give_up(connection, "desk", "too late", NOON + LEASE) == 1
        assert not deliveries.has_due(connection, "desk", NOON)


def test_what_was_given_up_can_be_owed_again(owed: Archive) -> None:
    with owed.begin() as connection:
        deliveries.give_up(connection, "desk", "410 Gone")
        (row,) = delivery_log.list_deliveries(connection, 10, state="exhausted")
        assert (row.endpoint, row.watch, row.error) == ("desk", "road", "410 Gone")
        assert delivery_log.recover(connection, "desk", NOON + LEASE, NOON) == 0
        assert delivery_log.recover(connection, "desk", NOON, NOON) == 1
        (due,) = deliveries.lease(connection, "desk", NOON, LEASE, 1)
        deliveries.settle(connection, [Outcome(due.id, "delivered", NOON)])
        assert delivery_log.retry(connection, [due.id, "unknown"], NOON) == {due.id}
        assert deliveries.has_due(connection, "desk", NOON)
        assert len(delivery_log.list_deliveries(connection, 10, endpoint="ops")) == 1

"""Deliveries are leased, tried again, and given up in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import NOON, a_hit, an_enriched
from sqlalchemy import Connection, insert, select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import alerts, deliveries, delivery_log
from streams.archive.deliveries import DueDelivery, Outcome, Owed
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


def lease(
    connection: Connection, endpoint: str, now: datetime, lasting: timedelta, limit: int, owner: str = "me"
) -> list[DueDelivery]:
    due = deliveries.look(connection, {endpoint: limit}, now, "somebody else")
    return deliveries.take(connection, due, now, {endpoint: lasting}, owner) if due else []


def has_due(connection: Connection, endpoint: str, now: datetime) -> bool:
    return bool(deliveries.look(connection, {"nobody": 3, endpoint: 1}, now, "somebody else"))


def settle(connection: Connection, *outcomes: Outcome, owner: str = "me") -> None:
    deliveries.settle(connection, outcomes, owner)


def test_a_lease_holds_until_it_runs_out(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 10)
        assert due.alert.quote == "A convoy left Khanasser."
        assert lease(connection, "desk", NOON + LEASE / 2, LEASE, 10) == []
        assert not has_due(connection, "desk", NOON + LEASE / 2)
        assert has_due(connection, "ops", NOON)
        (again,) = lease(connection, "desk", NOON + 2 * LEASE, LEASE, 10, "another")
    assert again.id == due.id


def test_a_failure_comes_back_at_its_time_and_a_success_never(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 10)
        settle(connection, Outcome(due.id, "pending", NOON, "refused", NOON + 3 * LEASE))
        assert not has_due(connection, "desk", NOON + 2 * LEASE)
        (again,) = lease(connection, "desk", NOON + 3 * LEASE, LEASE, 10)
        assert again.attempts == 1
        settle(connection, Outcome(due.id, "delivered", NOON + 3 * LEASE))
        assert not has_due(connection, "desk", NOON + 100 * LEASE)
        assert deliveries.owed(connection) == (1, NOON)


def test_what_is_owed_to_an_endpoint_that_is_gone_is_given_up(owed: Archive) -> None:
    with owed.begin() as connection:
        assert deliveries.exhaust_unknown(connection, ["desk"], NOON) == 0  # another may have settings that have it
        assert deliveries.exhaust_unknown(connection, ["desk"], NOON + LEASE) == 1
        assert not has_due(connection, "ops", NOON)
        assert has_due(connection, "desk", NOON)


def test_revisions_of_one_alert_reach_an_endpoint_in_their_order_each_as_it_was_told(owed: Archive) -> None:
    with owed.begin() as connection:
        (alert,) = alerts.recent_alerts(connection, 10)
        second = replace(alert, revision=2, quote="It was seen near Athriya later.")
        connection.execute(
            insert(alert_revisions).values(alert=alert.id, revision=2, record=encode_alert(second).decode(), at=NOON)
        )
        deliveries.add_deliveries(connection, [Owed(second, "desk")], NOON)
        (first,) = lease(connection, "desk", NOON, LEASE, 10)
        assert first.alert.quote == "A convoy left Khanasser."
        assert lease(connection, "desk", NOON, LEASE, 10) == []  # while the first is on its way
        settle(connection, Outcome(first.id, "pending", NOON, "500", NOON + 2 * LEASE))
        assert lease(connection, "desk", NOON + LEASE, LEASE, 10) == []  # and while it waits
        lease(connection, "desk", NOON + 2 * LEASE, LEASE, 10)
        settle(connection, Outcome(first.id, "exhausted", NOON, "500"))
        (later,) = lease(connection, "desk", NOON, LEASE, 10)
        assert later.alert == second


def test_an_outcome_that_comes_late_changes_nothing_that_is_settled(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 1)
        settle(connection, Outcome(due.id, "delivered", NOON))
        settle(connection, Outcome(due.id, "pending", NOON, "timeout", NOON))
        row = connection.execute(select(table.c.state, table.c.attempts).where(table.c.id == due.id)).one()
    assert tuple(row) == ("delivered", 1)


def test_a_failure_counts_once_and_only_while_one_has_the_delivery(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 1)
        failed = Outcome(due.id, "pending", NOON, "500", NOON + LEASE)
        settle(connection, failed)
        settle(connection, failed)  # the answer to the commit was lost, and it is written again
        (again,) = lease(connection, "desk", NOON + LEASE, LEASE, 1, "another")
        assert again.attempts == 1
        settle(connection, failed)
        assert not has_due(connection, "desk", NOON + LEASE)  # another's it stays
        settle(connection, Outcome(due.id, "delivered", NOON + LEASE))  # but what arrived has arrived
        row = connection.execute(select(table.c.state, table.c.attempts).where(table.c.id == due.id)).one()
    assert tuple(row) == ("delivered", 2)


def test_what_one_has_in_hand_is_never_taken_twice_and_what_was_never_heard_of_is_given_back(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 1)
        long_after = NOON + 100 * LEASE
        assert deliveries.look(connection, {"desk": 1}, long_after, "me") == []
        assert deliveries.take(connection, [due.id], long_after, {"desk": LEASE}, "me") == []
        assert deliveries.look(connection, {"desk": 1}, long_after, "another") == [due.id]
        assert deliveries.release_lost(connection, "me", [due.id]) == 0
        assert deliveries.release_lost(connection, "another", []) == 0
        assert deliveries.release_lost(connection, "me", []) == 1
        assert deliveries.look(connection, {"desk": 1}, NOON, "me") == [due.id]


def test_the_oldest_of_each_endpoint_come_first_as_many_as_it_has_room(archive: Archive) -> None:
    endpoints = [f"e{number}" for number in range(150)]
    for number in range(3):
        enriched = replace(an_enriched(f"n{number}"), fingerprint=f"words {number}")
        record_article(archive, enriched, [a_hit(enriched)], WATCHES, endpoints, NOON + number * LEASE)
    room = dict.fromkeys(endpoints, 2) | {"e7": 0}
    with archive.begin() as connection:
        due = deliveries.look(connection, room, NOON + 9 * LEASE)
        taken = deliveries.take(connection, due, NOON + 9 * LEASE, dict.fromkeys(endpoints, LEASE))
    assert len(taken) == 2 * 149
    assert {one.added_at for one in taken} == {NOON, NOON + LEASE}
    assert {one.endpoint for one in taken} == set(endpoints) - {"e7"}


def test_what_the_dead_had_in_hand_is_free_and_what_waits_can_be_hastened_or_given_up(owed: Archive) -> None:
    with owed.begin() as connection:
        (due,) = lease(connection, "desk", NOON, LEASE, 1, "gone")
        assert deliveries.lease_owners(connection) == {"gone"}
        assert deliveries.give_up(connection, "desk", "too late") == 0  # it is in somebody's hand
        assert deliveries.release(connection, ["gone"]) == 1
        assert has_due(connection, "desk", NOON)
        lease(connection, "desk", NOON, LEASE, 1)
        settle(connection, Outcome(due.id, "pending", NOON, "500", NOON + 10 * LEASE))
        assert deliveries.hasten(connection, "desk", NOON) == 1
        assert has_due(connection, "desk", NOON)
        assert deliveries.give_up(connection, "desk", "too late", NOON) == 0
        assert deliveries.give_up(connection, "desk", "too late", NOON + LEASE) == 1
        assert not has_due(connection, "desk", NOON)


def test_what_was_given_up_can_be_owed_again(owed: Archive) -> None:
    with owed.begin() as connection:
        deliveries.give_up(connection, "desk", "410 Gone")
        (row,) = delivery_log.list_deliveries(connection, 10, state="exhausted")
        assert (row.endpoint, row.watch, row.error) == ("desk", "road", "410 Gone")
        assert delivery_log.recover(connection, "desk", NOON + LEASE, NOON) == 0
        assert delivery_log.recover(connection, "desk", NOON, NOON) == 1
        (due,) = lease(connection, "desk", NOON, LEASE, 1)
        settle(connection, Outcome(due.id, "delivered", NOON))
        assert delivery_log.retry(connection, [due.id, "unknown"], NOON) == {due.id}
        assert has_due(connection, "desk", NOON)
        assert len(delivery_log.list_deliveries(connection, 10, endpoint="ops")) == 1

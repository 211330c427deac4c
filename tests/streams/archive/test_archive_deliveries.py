"""Deliveries are leased, tried again, and given up in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import NOON, a_hit, an_enriched

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import deliveries
from streams.archive.engine import Archive

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
        deliveries.mark_failed(connection, due.id, "refused", NOON + 3 * LEASE)
        assert not deliveries.has_due(connection, "desk", NOON + 2 * LEASE)
        (again,) = deliveries.lease(connection, "desk", NOON + 3 * LEASE, LEASE, 10)
        assert again.attempts == 1
        deliveries.mark_delivered(connection, due.id, NOON + 3 * LEASE)
        assert not deliveries.has_due(connection, "desk", NOON + 100 * LEASE)
        assert deliveries.owed(connection) == (1, NOON)


def test_what_is_owed_to_an_endpoint_that_is_gone_is_given_up(owed: Archive) -> None:
    with owed.begin() as connection:
        assert deliveries.exhaust_unknown(connection, ["desk"]) == 1
        assert not deliveries.has_due(connection, "ops", NOON)
        assert deliveries.has_due(connection, "desk", NOON)

"""Nothing is lost, told under two ids or out of order, whatever is killed: a short form of `make chaos-deliveries`."""

from __future__ import annotations

from pathlib import Path

import pytest
from delivery_chaos import Outcome, Plan, fresh, shake, share
from real_postgres import PostgresUnavailable, RealPostgres
from without_service import without_service

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
SHORT = Plan(alerts=240, endpoints=11, endpoints_each=2, kills=5, a_second=24.0, patience_seconds=200.0)


async def test_worker_and_notifier_are_killed(tmp_path: Path) -> None:
    judged(await shake(SHORT, f"sqlite:///{tmp_path}/archive.sqlite"), "notifier", "worker")


@pytest.mark.services
async def test_the_database_is_killed_too() -> None:
    try:
        server = RealPostgres()
    except PostgresUnavailable as error:
        without_service("POSTGRESQL", str(error))
    with server:
        judged(await shake(SHORT, fresh(server), server), "notifier", "database", "worker")


def judged(outcome: Outcome, *killed: str) -> None:
    print(outcome)
    assert outcome.faults == []
    assert set(outcome.killed) == set(killed)
    # five seconds where a process starts in one, and the more the busier the machine is
    assert share(outcome.net, 0.99) <= max(5.0, 5.0 * outcome.floor())

"""No alert lost, none told twice, whatever is killed or cut off: a short form of `make chaos`."""

from __future__ import annotations

from pathlib import Path

import pytest
from blows import Lengths
from real_postgres import PostgresUnavailable
from stream_chaos import Plan, shake
from without_service import without_service

SHORT = Plan(
    articles=400,
    a_second=10.0,
    kills=4,
    feeds=4,
    every_seconds=2.0,
    seed=4,
    lengths=Lengths(stop=0, cut=8, disk=0, clock=0),
)


@pytest.mark.services
@pytest.mark.long
@pytest.mark.timeout(500)
@pytest.mark.usefixtures("kafka_at_hand")
async def test_nothing_is_lost_or_told_twice_on_three_brokers_and_postgresql(tmp_path: Path) -> None:
    try:
        outcome = await shake(SHORT, tmp_path)
    except PostgresUnavailable as error:
        without_service("POSTGRESQL", str(error))
    print(outcome)
    assert outcome.faults == []
    assert len(outcome.blows) == SHORT.kills + 1
    assert len(outcome.seconds) >= SHORT.articles // 20

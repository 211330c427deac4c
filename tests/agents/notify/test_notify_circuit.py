from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.notify.circuit import FAILURES_THAT_OPEN, Circuit

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def broken(failures: int, now: datetime = NOW) -> Circuit:
    circuit = Circuit()
    for _ in range(failures):
        circuit = circuit.failed(now)
    return circuit


def test_failures_in_a_row_leave_only_probes() -> None:
    almost, opened = broken(FAILURES_THAT_OPEN - 1), broken(FAILURES_THAT_OPEN)
    assert (almost.is_open, almost.may_send(1, 4, NOW)) == (False, 3)
    assert (opened.is_open, opened.may_send(0, 4, NOW)) == (True, 0)
    assert opened.may_send(0, 4, NOW + 5 * SECOND) == 1
    assert opened.may_send(1, 4, NOW + 5 * SECOND) == 0
    assert opened.arrived() == Circuit()


def test_probes_come_rarer_down_to_one_in_five_minutes() -> None:
    pauses = []
    for failures in range(FAILURES_THAT_OPEN, FAILURES_THAT_OPEN + 9):
        probe_at = broken(failures).probe_at
        assert probe_at is not None
        pauses.append((probe_at - NOW).total_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_an_endpoint_that_asks_to_be_left_alone_is() -> None:
    circuit = Circuit().failed(NOW, 90.0)
    assert circuit.may_send(0, 4, NOW + 89 * SECOND) == 0
    assert circuit.may_send(0, 4, NOW + 90 * SECOND) == 4
    assert Circuit().failed(NOW, 1e30).may_send(0, 4, NOW + timedelta(hours=6)) == 4


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.integers(0, 4)), max_size=60))
def test_a_dead_endpoint_is_always_tried_again(steps: list[tuple[bool, int, int]]) -> None:
    circuit, now = Circuit(), NOW
    for arrives, seconds, in_hand in steps:
        now += seconds * SECOND
        room = circuit.may_send(in_hand, 4, now)
        assert 0 <= room <= 4 - in_hand or room == 0
        circuit = circuit.arrived() if arrives else circuit.failed(now)
    assert circuit.may_send(0, 4, now + timedelta(minutes=5)) >= 1

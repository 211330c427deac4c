from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.feeds.schedule import JITTER, LONGEST_BACK_OFF_SECONDS, Turns, next_delay


def test_failures_double_the_wait_up_to_an_hour() -> None:
    waits = [next_delay(300, failures, 0.0) for failures in range(8)]
    assert waits == [300, 300, 600, 1200, 2400, 3600, 3600, 3600]
    assert next_delay(1, 10_000, 0.0) == LONGEST_BACK_OFF_SECONDS
    assert next_delay(86_400, 5, 0.0) == 86_400


@given(st.floats(1, 86_400), st.integers(0, 100), st.floats(0, 0.999))
def test_jitter_only_ever_waits_a_little_longer(every: float, failures: int, chance: float) -> None:
    plain = next_delay(every, failures, 0.0)
    assert plain <= next_delay(every, failures, chance) <= plain * (1 + JITTER)


def test_the_feed_due_longest_comes_first() -> None:
    turns = Turns()
    turns.add("late", "a", 5.0)
    turns.add("early", "b", 1.0)
    assert turns.next_due() == 1.0
    assert turns.take(0.5) is None
    assert turns.take(6.0) == "early"
    assert turns.take(6.0) == "late"
    assert turns.take(6.0) is None
    turns.done("early", 10.0)
    assert turns.next_due() == 10.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 10)), min_size=1, max_size=12), st.randoms())
def test_one_turn_at_a_time_a_host_and_none_is_lost(feeds: list[tuple[str, float]], random: object) -> None:
    turns = Turns()
    hosts = {f"feed-{number}": host for number, (host, _) in enumerate(feeds)}
    for number, (host, due) in enumerate(feeds):
        turns.add(f"feed-{number}", host, due)
    running: list[str] = []
    polled = dict.fromkeys(hosts, 0)
    for step in range(200):
        while (feed := turns.take(100.0 + step)) is not None:
            running.append(feed)
        assert len({hosts[feed] for feed in running}) == len(running)
        assert running
        feed = running.pop(random.randrange(len(running)))  # type: ignore[attr-defined]
        polled[feed] += 1
        turns.done(feed, 100.0 + step + 0.5)
    assert all(polled.values())

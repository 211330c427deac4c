from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.feeds.schedule import Bucket, Turns


def test_the_feed_due_longest_comes_first() -> None:
    turns = Turns()
    turns.add("late", "a", 5.0)
    turns.add("early", "b", 1.0)
    assert turns.next_due() == 1.0
    assert turns.take(0.5) is None
    assert turns.take(6.0) == "early"
    assert turns.take(6.0) == "late"
    assert turns.take(6.0) is None
    turns.done("early", "b", 6.5, 10.0)
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
        turns.done(feed, hosts[feed], 100.0 + step, 100.0 + step + 0.5)
    assert all(polled.values())


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 50)), min_size=1, max_size=12),
    st.floats(0.1, 5),
    st.floats(0, 0.5),
)
def test_a_host_is_left_alone_after_each_turn(feeds: list[tuple[str, float]], spacing: float, lasting: float) -> None:
    turns = Turns(spacing)
    hosts = {f"feed-{number}": host for number, (host, _) in enumerate(feeds)}
    for number, (host, due) in enumerate(feeds):
        turns.add(f"feed-{number}", host, due)
    now, left = 0.0, {}
    polled: list[str] = []
    for _ in range(400):
        feed = turns.take(now)
        if feed is None:
            due = turns.next_due()
            assert due is not None
            assert due > now
            now = due
            continue
        assert now >= left.get(hosts[feed], 0.0) - 1e-9
        polled.append(feed)
        turns.done(feed, hosts[feed], now + lasting, now + lasting + 7.0)
        left[hosts[feed]] = now + lasting + spacing
    assert set(polled) == set(hosts)


def test_a_host_that_asks_for_it_is_left_alone_and_a_dropped_feed_has_no_turn() -> None:
    turns = Turns()
    turns.add("one", "a", 0.0)
    turns.add("two", "a", 1.0)
    turns.add("three", "b", 2.0)
    turns.leave_alone("a", 60.0)
    turns.drop("three")
    assert turns.take(30.0) is None
    assert turns.next_due() == 60.0
    assert turns.take(60.0) == "one"
    turns.drop("one")
    turns.done("one", "a", 61.0, 62.0)
    assert [turns.take(70.0), turns.take(70.0)] == ["two", None]


def test_a_feed_that_is_added_anew_has_one_turn_only_and_may_change_its_host() -> None:
    turns = Turns()
    turns.add("one", "a", 5.0)
    turns.add("one", "a", 1.0)
    assert [turns.take(9.0), turns.take(9.0)] == ["one", None]
    turns.add("one", "b", 2.0)  # while its poll is on its way
    assert turns.take(9.0) == "one"
    turns.done("one", "a", 9.0, 20.0)
    turns.done("one", "b", 9.0, 30.0)
    turns.add("two", "a", 10.0)
    assert [turns.take(40.0), turns.take(40.0)] == ["two", "one"]


@given(st.integers(1, 8), st.floats(0.05, 2), st.floats(0, 1), st.randoms())
def test_a_host_is_asked_no_more_than_its_bucket_holds(
    size: int, per_second: float, spacing: float, random: object
) -> None:
    turns = Turns(spacing, Bucket(size, per_second))
    for number in range(6):
        turns.add(f"feed-{number}", "a", 0.0)
    turns.add("elsewhere", "b", 1e6)  # another host's bucket is its own
    now, taken = 0.0, []
    while len(taken) < 60:
        feed = turns.take(now)
        if feed is None:
            due = turns.next_due()
            assert due is not None
            assert due > now
            now = due
            continue
        taken.append(now)
        turns.done(feed, "a", now, now + random.uniform(0, 3))  # type: ignore[attr-defined]
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            most = size + (taken[last] - taken[first]) * per_second
            assert last - first + 1 <= most + 1e-6
    assert turns.take(1e6) is not None


def test_what_is_known_of_hosts_is_forgotten_when_it_says_nothing_any_more() -> None:
    turns = Turns(1.0, Bucket(10, 1.0))
    for number in range(10_000):
        turns.add(f"page-{number}", f"host-{number}", float(number))
        assert turns.take(float(number)) == f"page-{number}"
        turns.done(f"page-{number}", f"host-{number}", float(number), float(number))
        turns.drop(f"page-{number}")
    assert len(turns._tokens) + len(turns._free_at) <= 2_002
    assert turns._hosts == {}

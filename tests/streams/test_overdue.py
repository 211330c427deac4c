"""Lost articles are told from late ones by the order of their partition."""

from __future__ import annotations

from datetime import timedelta

from builders import NOON

from streams.kafka import partition_of
from streams.overdue import Done, Sent, overdue

MINUTE = timedelta(minutes=1)


def partition(article: str) -> int:
    """`b-7` lies in partition b."""
    return ord(article[0])


def sent(article: str, minutes: float, sends: int = 1) -> Sent:
    return Sent(article, NOON + minutes * MINUTE, sends)


def done(article: str, minutes: float, at: float, sends: int = 1) -> Done:
    return Done(sent(article, minutes, sends), NOON + at * MINUTE)


def chosen(waiting: list[Sent], finished: list[Done], minutes: float) -> list[str]:
    return overdue(waiting, finished, partition, NOON + minutes * MINUTE)


def test_what_later_ones_of_its_partition_overtook_is_lost() -> None:
    waiting = [sent("a-1", 0), sent("a-2", 0.2), sent("a-3", 4.9)]
    assert chosen(waiting, [done("a-9", 3, 3.1)], 5) == ["a-1", "a-2"]


def test_a_partition_that_is_behind_the_others_sends_its_oldest_only() -> None:
    waiting = [sent(f"b-{number}", number / 100) for number in range(100)]
    assert chosen(waiting, [done("a-9", 3, 3.1)], 5) == ["b-0"]


def test_no_backlog_is_sent_again_however_long_it_lasts() -> None:
    waiting = [sent(f"a-{number}", number) for number in range(1, 300)]
    assert chosen(waiting, [done("a-0", 0, 299)], 300) == []


def test_one_of_two_copies_overtakes_nobody() -> None:
    assert chosen([sent("a-1", 0), sent("a-2", 0.1)], [done("a-0", 3, 3.1, sends=2)], 5) == []


def test_each_further_time_waits_twice_as_long() -> None:
    finished = [done("a-9", 60, 60)]
    assert chosen([sent("a-1", 0, sends=3)], finished, 3.9) == []
    assert chosen([sent("a-1", 0, sends=3)], finished, 4.1) == ["a-1"]
    assert chosen([sent("a-1", 0, sends=99)], finished, 31) == []
    assert chosen([sent("a-1", 0, sends=99)], finished, 33) == ["a-1"]


def test_where_nothing_is_done_for_ten_minutes_the_oldest_of_each_partition_is_sent_again() -> None:
    waiting = [sent("a-1", 0), sent("b-1", 0), sent("a-2", 0.1)]
    assert chosen(waiting, [], 9) == []
    assert chosen(waiting, [], 11) == ["a-1", "b-1"]
    assert chosen(waiting, [done("a-0", -5, -1)], 11) == ["a-1", "b-1"]


def test_a_key_lies_in_the_partition_that_other_clients_put_it_in() -> None:
    assert [partition_of(key, 8) for key in ("21", "foobar", "a-little-bit-long-string")] == [
        (number & 0x7FFFFFFF) % 8 for number in (-973932308, -790332482, -985981536)
    ]

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import FetchFailed
from streams.feeds.hints import LONGEST_HINT_SECONDS, cache_seconds, feed_seconds, retry_after_seconds
from streams.feeds.manners import Manners
from streams.feeds.pace import JITTER, Answer, Bounds, next_wait
from streams.feeds.rhythm import Rhythm
from streams.feeds.weather import Weather

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


def wait(every: float | None, answer: Answer, chance: float = 0.0) -> tuple[float, str]:
    found = next_wait(every, Rhythm(), answer, NOW, Bounds(), chance)
    return found.seconds, found.reason


@pytest.mark.parametrize(
    ("outcome", "growth", "longest"),
    [
        ("dns", 2, 7_200), ("network", 2, 3_600), ("timeout", 1.5, 3_600), ("tls", 2, 21_600), ("http", 2, 3_600),
        ("parse", 1.5, 3_600), ("too_large", 3, 21_600), ("refused", 4, 43_200), ("error", 2, 3_600),
    ],
)  # fmt: skip
def test_each_class_of_failure_has_its_own_back_off(outcome: str, growth: float, longest: float) -> None:
    waits = [wait(300, Answer(outcome, failures))[0] for failures in range(1, 14)]
    assert waits == pytest.approx([min(300 * growth**n, longest) for n in range(13)])
    assert wait(86_400, Answer(outcome, 5)) == (86_400, "interval")


def test_a_refusal_waits_a_quarter_of_an_hour_and_what_is_gone_a_day() -> None:
    assert [wait(300, Answer("block", failures))[0] for failures in (1, 2, 9)] == [900, 1_800, 21_600]
    assert wait(300, Answer("gone", 1)) == (86_400, "gone")
    assert wait(300, Answer("gone", 40)) == (86_400, "gone")


def test_a_server_that_says_when_is_believed_whatever_the_operator_says() -> None:
    assert wait(300, Answer("block", 1, retry_after=7_200)) == (7_200, "retry_after")
    assert wait(300, Answer("http", 1, retry_after=10)) == (300, "interval")


def test_hints_raise_the_wait_and_the_operators_word_wins() -> None:
    assert wait(None, Answer("ok", hint_seconds=7_200)) == (7_200, "hint")
    assert wait(None, Answer("unchanged", hint_seconds=1))[1] == "rhythm"
    assert wait(60, Answer("ok", hint_seconds=7_200)) == (60, "interval")


def test_our_own_outage_blames_no_feed() -> None:
    assert wait(300, Answer("network", 9, ours=True)) == (60, "outage")


@given(
    st.one_of(st.none(), st.floats(1, 86_400)),
    st.sampled_from(["ok", "unchanged", "dns", "http", "block", "gone", "parse", "refused", "error"]),
    st.integers(1, 10_000),
    st.one_of(st.none(), st.floats(1, 86_400)),
    st.floats(0, 0.999),
)
def test_there_is_always_a_next_poll_and_never_before_the_server_says(
    every: float | None, outcome: str, failures: int, retry_after: float | None, chance: float
) -> None:
    failed = outcome not in ("ok", "unchanged")
    answer = Answer(outcome, failures if failed else 0, retry_after=retry_after if failed else None)
    plain, _ = wait(every, answer)
    later, _ = wait(every, answer, chance)
    assert plain <= later <= plain * (1 + JITTER)
    assert 0 < later <= 86_400 * (1 + JITTER)
    if failed and retry_after is not None:
        assert later >= retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=900"}, 900),
        ({"Cache-Control": "max-age=900", "Age": "300"}, 600),
        ({"Cache-Control": 's-maxage=100, max-age = "60"'}, 60),
        ({"Cache-Control": "no-cache, max-age=900"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "max-age=99999999999999"}, LONGEST_HINT_SECONDS),
        ({"Expires": "Mon, 02 Mar 2026 12:30:00 GMT", "Date": DATE}, 1_800),
        ({"Expires": "Mon, 02 Mar 2026 11:30:00 GMT", "Date": DATE}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "soon", "Cache-Control": "immutable"}, None),
    ],
)
def test_what_caching_headers_say(headers: dict[str, str], seconds: float | None) -> None:
    assert cache_seconds(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Mon, 02 Mar 2026 12:10:00 GMT", 600),
        ("Mon, 02 Mar 2020 12:10:00 GMT", None),
        ("-5", None),
        ("later", None),
        ("", None),
        ("9999999999", LONGEST_HINT_SECONDS),
        ("²", None),
    ],
)
def test_what_retry_after_says(value: str, seconds: float | None) -> None:
    assert retry_after_seconds({"Retry-After": value}, NOW) == seconds


@pytest.mark.parametrize(
    ("feed", "seconds"),
    [
        ({"ttl": "60"}, 3_600),
        ({"ttl": " 5 "}, 300),
        ({"ttl": "never"}, None),
        ({"sy_updateperiod": "hourly"}, 3_600),
        ({"sy_updateperiod": " Daily ", "sy_updatefrequency": "4"}, 21_600),
        ({"sy_updateperiod": "hourly", "sy_updatefrequency": "0"}, 3_600),
        ({"sy_updateperiod": "yearly"}, LONGEST_HINT_SECONDS),
        ({}, None),
    ],
)
def test_what_a_feed_says_itself(feed: dict[str, str], seconds: float | None) -> None:
    assert feed_seconds(feed) == seconds


def test_an_outage_is_ours_when_most_hosts_fail_at_once() -> None:
    weather = Weather()
    for number in range(3):
        weather.note(f"host-{number}", "network", NOW)
    assert not weather.is_our_outage  # too few to say
    weather.note("host-3", "dns", NOW)
    assert weather.is_our_outage
    for number in range(4, 8):
        weather.note(f"host-{number}", "ok", NOW)
    assert not weather.is_our_outage
    weather.note("host-4", "timeout", NOW)
    assert weather.is_our_outage
    assert weather.hosts == (8, 5)
    weather.note("host-9", "http", NOW + timedelta(minutes=11))
    assert weather.hosts == (1, 0)


def test_one_feeds_refusals_are_its_own_and_those_of_several_the_hosts() -> None:
    manners = Manners()
    refusal = FetchFailed("block", "status 429", 600.0)
    for _ in range(5):
        manners.refused("host", "one", refusal)
    assert manners.leave_alone("host") == 0
    manners.refused("host", "two", refusal)
    assert manners.leave_alone("host") == 600
    manners.refused("host", "two", FetchFailed("block", "status 429"))
    assert manners.leave_alone("host") == 60
    assert manners.leave_alone("other") == 0
    manners.answered("host")
    assert manners.leave_alone("host") == 0
    manners.refused("host", "two", replace_outcome(refusal))
    assert manners.leave_alone("host") == 0


def replace_outcome(failure: FetchFailed) -> FetchFailed:
    return FetchFailed("http", "status 500", failure.retry_after)


def test_bounds_hold_for_a_rhythm() -> None:
    busy = replace(Rhythm(), items=(5_000.0,) * 168, hours=(10.0,) * 168, window=15.0)
    assert next_wait(None, busy, Answer("ok"), NOW, Bounds(60, 3_600), 0.0).seconds == 60
    silent = replace(Rhythm(), hours=(10.0,) * 168)
    assert next_wait(None, silent, Answer("ok"), NOW, Bounds(60, 1_800), 0.0).seconds == 1_800

"""RFC 9309: who is meant, which line counts, and what stands where there is no robots.txt to be had."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from streams.errors import FetchFailed
from streams.feeds.robots import (
    MAX_BYTES,
    NOTHING_ALLOWED,
    Rules,
    answered,
    failed,
    origin_of,
    parse_robots,
    product_token,
    rules_of,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SITE = "https://wire.example"


@pytest.mark.parametrize(
    ("lines", "path", "allowed"),
    [
        ("", "/a", True),
        ("user-agent: *\ndisallow: /", "/a", False),
        ("user-agent: *\ndisallow:", "/a", True),
        ("user-agent: *\ndisallow: /a", "/abc", False),
        ("user-agent: *\ndisallow: /a", "/A", True),
        ("user-agent: *\ndisallow: /a\nallow: /a/b", "/a/b/c", True),  # the longest counts, wherever it stands
        ("user-agent: *\nallow: /a/b\ndisallow: /a", "/a/b/c", True),
        ("user-agent: *\nallow: /p\ndisallow: /p", "/p", True),  # and Allow where two are as long
        ("user-agent: *\ndisallow: /*.pdf$", "/doc.pdf", False),
        ("user-agent: *\ndisallow: /*.pdf$", "/doc.pdf?x=1", True),
        ("user-agent: *\ndisallow: /*/print", "/fr/2026/print/9", False),
        ("user-agent: *\ndisallow: /*?", "/news?id=1", False),
        ("user-agent: *\ndisallow: /$", "/", False),
        ("user-agent: *\ndisallow: /$", "/a", True),
        ("user-agent: *\ndisallow: /caf%C3%A9", "/café/1", False),
        ("user-agent: *\ndisallow: /café", "/caf%c3%a9/1", False),
        ("user-agent: *\ndisallow: /%7Ejoe", "/~joe/a", False),
        ("user-agent: *\ndisallow: /a%2Fb", "/a/b", True),  # an encoded slash is no slash
        ("user-agent: *\ndisallow: /robots.txt", "/robots.txt", True),
        ("user-agent: other\ndisallow: /", "/a", True),
        ("User-Agent: NewsWatch\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-Agent: newswatch/2.0\nDisallow: /x", "/x", False),
        ("user-agent: a\nuser-agent: newswatch\ndisallow: /x", "/x", False),
        # groups that name us are one; a rule ends the naming
        ("user-agent: newswatch\ndisallow: /x\nuser-agent: b\ndisallow: /y\nuser-agent: Newswatch\ndisallow: /z",
         "/z", False),
        ("user-agent: newswatch\ndisallow: /x\nuser-agent: b\ndisallow: /y", "/y", True),
        ("\ufeffuser-agent: * # all\r\ndisallow : /a # of these\r\nsitemap: https://a.example/s.xml", "/a", False),
        ("<html>no robots here</html>", "/a", True),
        ("disallow: /", "/a", True),  # said to nobody
    ],
)  # fmt: skip
def test_which_pages_are_allowed(lines: str, path: str, allowed: bool) -> None:
    assert parse_robots(lines, "newswatch").allows(SITE + path) is allowed


def test_who_we_are_and_what_one_file_speaks_for() -> None:
    assert product_token("newswatch/0.1 (feed reader)") == "newswatch"
    assert product_token("My-Reader 7") == "my-reader"
    assert product_token("(odd)") == "newswatch"
    assert origin_of("HTTPS://user@Wire.Example:8443/a?b") == "https://wire.example:8443"


def test_a_delay_is_taken_within_reason() -> None:
    assert parse_robots("user-agent: *\ncrawl-delay: 12", "newswatch").delay == 12
    assert parse_robots("user-agent: *\ncrawl-delay: 86400", "newswatch").delay == 60
    assert parse_robots("user-agent: *\ncrawl-delay: soon", "newswatch").delay == 0
    assert parse_robots("user-agent: *\ncrawl-delay: nan", "newswatch").delay == 0


def test_a_hostile_file_takes_no_time() -> None:
    stars = "user-agent: *\n" + "disallow: /" + "*a" * 1_000 + "$\n" * 2
    started = time.process_time()
    for _ in range(20):
        parse_robots(stars * 20, "newswatch").allows(SITE + "/" + "a" * 2_000 + "b")
    many = parse_robots("user-agent: *\n" + "disallow: /x\n" * 60_000, "newswatch")
    assert len(many.lines) == 5_000
    assert time.process_time() - started < 30  # a backtracking matcher would not end at all


def test_what_stands_where_there_is_none() -> None:
    gone = failed(SITE, None, FetchFailed("http", "status 404", status=404), NOW)
    assert (gone.outcome, gone.until) == ("none", NOW + timedelta(hours=24))
    assert rules_of(gone, "newswatch") == Rules()
    for status in (400, 401, 403, 410, 302):  # also more redirects than are followed
        assert failed(SITE, None, FetchFailed("block", "", status=status), NOW).outcome == "none"
    for failure in (
        FetchFailed("http", "status 500", status=500), FetchFailed("block", "status 503", status=503),
        FetchFailed("block", "status 429", status=429), FetchFailed("dns", ""), FetchFailed("timeout", ""),
        FetchFailed("refused", "a private address"),
    ):  # fmt: skip
        away = failed(SITE, None, failure, NOW)
        assert (away.outcome, away.until, away.unreachable_since) == ("unreachable", NOW + timedelta(hours=1), NOW)
        assert rules_of(away, "newswatch") == NOTHING_ALLOWED
    patient = failed(SITE, None, FetchFailed("block", "status 503", 7_200, 503), NOW)
    assert patient.until == NOW + timedelta(hours=2)


def test_after_thirty_days_the_last_copy_stands_or_all_is_allowed() -> None:
    down = FetchFailed("http", "status 500", status=500)
    known = answered(SITE, b"user-agent: *\ndisallow: /private", None, NOW)
    away = failed(SITE, known, down, NOW)
    assert not rules_of(away, "newswatch").allows(f"{SITE}/public")
    still = failed(SITE, away, down, NOW + timedelta(days=29))
    assert still.outcome == "unreachable"
    long = failed(SITE, still, down, NOW + timedelta(days=30))
    rules = rules_of(long, "newswatch")
    assert (rules.allows(f"{SITE}/public"), rules.allows(f"{SITE}/private")) == (True, False)
    never_seen = failed(SITE, failed(SITE, None, down, NOW), down, NOW + timedelta(days=31))
    assert rules_of(never_seen, "newswatch") == Rules()
    assert answered(SITE, b"", None, NOW).unreachable_since is None


def test_an_answer_stands_for_a_day_at_most_and_is_read_up_to_a_bound() -> None:
    assert answered(SITE, b"", None, NOW).until == NOW + timedelta(hours=24)
    assert answered(SITE, b"", 600, NOW).until == NOW + timedelta(hours=1)
    assert answered(SITE, b"", 7_200, NOW).until == NOW + timedelta(hours=2)
    assert answered(SITE, b"", 604_800, NOW).until == NOW + timedelta(hours=24)
    assert len(answered(SITE, b"\x00a" * MAX_BYTES, None, NOW).body) == MAX_BYTES // 2

"""Subscriptions, decided: what is asked of hubs, what is confirmed to them, what is believed of them."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.archive.subscriptions import AdvertisedHub, Subscription
from streams.feeds.hub import HubLinks, in_headers
from streams.feeds.pace import Answer, Bounds, next_wait
from streams.feeds.parse_process import parse_document
from streams.feeds.rhythm import Rhythm
from streams.feeds.websub import confirmation, form_of, is_signed, new_subscription, next_steps, wait_after

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE = "https://watch.example"
OFFER = AdvertisedHub("wire", "https://wire.example/feed", "https://hub.example/", "https://wire.example/feed")
ASKED = replace(new_subscription(OFFER, BASE, NOW), asked_at=NOW)


def steps(offers: list[AdvertisedHub], known: list[Subscription], base: str = BASE, now: datetime = NOW) -> list[str]:
    return [one.step for one in next_steps(offers, known, base, now)]


def test_no_two_callbacks_or_secrets_are_alike_and_both_are_long() -> None:
    many = [new_subscription(OFFER, BASE, NOW) for _ in range(50)]
    assert len({one.token for one in many} | {one.secret for one in many}) == 100
    assert all(len(one.token) >= 43 and 43 <= len(one.secret) < 200 for one in many)
    assert ASKED.callback == f"{BASE}/websub/{ASKED.token}"


def test_what_comes_next_between_a_feed_and_its_hub() -> None:
    later = NOW + timedelta(hours=1)
    asked = replace(ASKED, retry_at=later)
    assert steps([OFFER], []) == ["subscribe"]
    assert steps([OFFER], [], base="") == []  # hubs could not call us
    assert steps([OFFER], [asked]) == []
    assert steps([OFFER], [asked], now=later) == ["renew"]
    verified = replace(asked, state="verified", expires_at=NOW + timedelta(days=10), retry_at=NOW + timedelta(days=8))
    assert steps([OFFER], [verified], now=NOW + timedelta(days=7)) == []
    assert steps([OFFER], [verified], now=NOW + timedelta(days=8)) == ["renew"]  # before it runs out
    assert steps([], [verified]) == ["unsubscribe"]
    assert steps([OFFER], [verified], base="") == ["unsubscribe"]
    assert steps([replace(OFFER, hub="https://other.example/")], [verified]) == ["subscribe", "unsubscribe"]
    assert steps([replace(OFFER, topic="https://wire.example/rss")], [verified]) == ["subscribe", "unsubscribe"]
    assert steps([OFFER], [verified], base="https://moved.example") == ["subscribe", "unsubscribe"]
    leaving = replace(verified, state="leaving", retry_at=later)
    assert steps([], [leaving]) == []
    assert steps([], [leaving], now=later) == ["unsubscribe"]
    assert steps([], [replace(leaving, failures=3)], now=later) == ["forget"]
    assert steps([], [leaving], now=NOW + timedelta(days=11)) == ["forget"]
    assert steps([OFFER], [leaving]) == ["subscribe"]


def test_what_a_hub_is_asked_and_how_long_it_is_given() -> None:
    assert form_of(ASKED, "subscribe") == {
        "hub.mode": "subscribe", "hub.topic": OFFER.topic, "hub.callback": ASKED.callback,
        "hub.lease_seconds": "864000", "hub.secret": ASKED.secret,
    }  # fmt: skip
    assert "hub.secret" not in form_of(ASKED, "unsubscribe")
    assert [wait_after(failures) for failures in (0, 1, 3)] == [timedelta(minutes=10 * n) for n in (1, 2, 8)]
    assert wait_after(90) == timedelta(hours=24)
    assert wait_after(0, 7_200) == timedelta(hours=2)


def test_a_hub_is_confirmed_what_was_meant_and_nothing_else() -> None:
    def confirmed(subscription: Subscription | None = ASKED, **asked: str) -> Any:
        values = {"mode": "subscribe", "topic": OFFER.topic, "challenge": "abc", "lease_seconds": "3600", "reason": ""}
        return confirmation(subscription, **{**values, **asked}, now=NOW)  # type: ignore[arg-type]

    found = confirmed()
    assert (found.challenge, found.state) == ("abc", "verified")
    assert (found.expires_at, found.retry_at) == (NOW + timedelta(hours=1), NOW + timedelta(minutes=48))
    assert confirmed(lease_seconds="1").expires_at == NOW + timedelta(minutes=1)
    assert confirmed(lease_seconds="999999999999999").expires_at == NOW + timedelta(days=30)
    assert confirmed(None) is None
    assert confirmed(topic="https://other.example/") is None
    assert confirmed(mode="unsubscribe") is None  # somebody else's wish
    assert confirmed(mode="publish") is None
    assert confirmed(challenge="") is None
    assert confirmed(challenge="a" * 5_000) is None
    assert confirmed(lease_seconds="") is None
    assert confirmed(lease_seconds="-5") is None
    assert confirmed(replace(ASKED, asked_at=None)) is None
    leaving = replace(ASKED, state="leaving")
    assert confirmed(leaving) is None
    assert confirmed(leaving, mode="unsubscribe", lease_seconds="").state == "gone"
    denied = confirmed(mode="denied", challenge="", lease_seconds="", reason="full\x00\n")
    assert (denied.state, denied.challenge, denied.error) == ("denied", "", "denied: full")
    assert denied.retry_at == NOW + timedelta(hours=24)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_is_signed_is_believed(method: str) -> None:
    body = b"<rss/>"
    good = hmac.new(b"secret", body, getattr(hashlib, method)).hexdigest()
    assert is_signed("secret", f"{method}={good}", body)
    assert is_signed("secret", f" {method.upper()}={good.upper()} ", body)
    assert not is_signed("secret", f"{method}={good}", body + b" ")
    assert not is_signed("other", f"{method}={good}", body)
    assert not is_signed("secret", f"md5={good}", body)
    assert not is_signed("secret", good, body)
    assert not is_signed("secret", "", body)
    assert not is_signed("secret", f"{method}=é", body)


@pytest.mark.parametrize(
    ("values", "hub", "topic"),
    [
        (['<https://hub.example/>; rel="hub"', "<https://w.example/f>; rel=self"], "https://hub.example/", "https://w.example/f"),
        (["</hub>; rel='hub', </f>; title=\"a, b\"; rel=\"self alternate\""], "https://wire.example/hub", "https://wire.example/f"),
        (['<http://a.example/>; rel=hub, <https://b.example/>; rel=hub'], "https://b.example/", None),
        (["<file:///etc/passwd>; rel=hub"], None, None),
        (["https://hub.example/; rel=hub"], None, None),
        (["<" * 5_000 + ">; rel=hub"], None, None),
        ([], None, None),
    ],
)  # fmt: skip
def test_what_headers_say_of_a_hub(values: list[str], hub: str | None, topic: str | None) -> None:
    assert in_headers(values, "https://wire.example/feed") == HubLinks(hub, topic)


ATOM_LINKS = "<link rel='hub' href='https://hub.example/'/><link rel='self' href='https://w.example/f'/>"


@pytest.mark.parametrize("lightly", [False, True])
@pytest.mark.parametrize(
    "document",
    [
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{ATOM_LINKS}<entry><id>1</id><title>a</title></entry></feed>",
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>t</title><link>https://w.example/</link>"
        + ATOM_LINKS.replace("<link", "<a:link") + "<item><guid>1</guid><title>a</title></item></channel></rss>",
        '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "feed_url": "https://w.example/f", '
        '"hubs": [{"type": "rssCloud", "url": "https://no.example/"}, '
        '{"type": "WebSub", "url": "https://hub.example/"}], '
        '"items": [{"id": "1", "title": "a"}]}',
    ],
)  # fmt: skip
def test_what_feeds_say_of_a_hub(document: str, lightly: bool) -> None:
    found = parse_document(document.encode(), "", "https://w.example/feed", lightly)
    assert found.hub_links == HubLinks("https://hub.example/", "https://w.example/f")
    assert len(found.entries) == 1


def test_golden_feeds_name_no_hub() -> None:
    for file in (Path(__file__).parents[2] / "golden" / "feeds").glob("*.xml"):
        assert parse_document(file.read_bytes(), "", "https://w.example/feed").hub_links.hub is None


def test_a_feed_whose_hub_sends_is_polled_at_the_slowest_pace_unless_the_operator_says() -> None:
    def wait(every: float | None, answer: Answer) -> tuple[float, str]:
        found = next_wait(every, Rhythm(), answer, NOW, Bounds(300, 3_600), 0.0)
        return found.seconds, found.reason

    assert wait(None, Answer("ok", pushed=True)) == (3_600, "push")
    assert wait(None, Answer("unchanged", hint_seconds=7_200, pushed=True)) == (7_200, "hint")
    assert wait(120, Answer("ok", pushed=True)) == (120, "interval")
    assert wait(None, Answer("dns", 1, pushed=True)) == (3_600, "push")

"""Subscribing to feeds at their hubs (W3C WebSub): what to ask of a hub, what to confirm, what to believe. Pure.

A callback's address ends in a token that nobody can guess, and is known to us and the hub alone. A hub confirms by
it that we meant what we asked; what it sends there is signed with a secret of the subscription.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from streams.archive.subscriptions import AdvertisedHub, Subscription

WISHED_LEASE = timedelta(days=10)
_SHORTEST_LEASE = timedelta(minutes=1)
_LONGEST_LEASE = timedelta(days=30)
_RENEWED_AT = 0.8
"""Part of a lease after which it is renewed."""
_ANSWER_WITHIN = timedelta(minutes=10)
_LONGEST_WAIT = timedelta(hours=24)
_LEAVING_TRIES = 3
_LONGEST_CHALLENGE = 4_096
_METHODS = ("sha1", "sha256", "sha384", "sha512")

Step = Literal["subscribe", "renew", "unsubscribe", "forget"]
Mode = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next between a feed and a hub."""

    step: Step
    hub: str
    feed: str
    offer: AdvertisedHub | None = None
    """What is to be subscribed to."""
    subscription: Subscription | None = None
    """Which one, for all but a new one."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a hub's question about our intent is answered with, and what it changes."""

    challenge: str
    """Sent back as it came; empty where there is nothing to confirm."""
    state: Literal["verified", "denied", "gone"]
    expires_at: datetime | None = None
    retry_at: datetime | None = None
    error: str | None = None


def next_steps(offers: Sequence[AdvertisedHub], known: Sequence[Subscription], base: str, now: datetime) -> list[Next]:
    """What is to be asked of hubs now, for feeds that offer these, with these subscriptions standing.

    `base` is the address that callbacks begin with; without one every subscription is given up.
    """
    steps: list[Next] = []
    standing: set[str] = set()
    for offer in offers if base else ():
        found = next((one for one in known if _is_of(one, offer, base)), None)
        if found is None:
            steps.append(Next("subscribe", offer.hub, offer.feed, offer))
        else:
            standing.add(found.token)
            if found.retry_at <= now:
                steps.append(Next("renew", found.hub, found.feed, offer, found))
    for one in known:
        if one.token in standing:
            continue
        is_over = one.expires_at is None or one.expires_at <= now or one.failures >= _LEAVING_TRIES
        if one.state != "leaving":
            steps.append(Next("unsubscribe", one.hub, one.feed, None, one))
        elif one.retry_at <= now:
            steps.append(Next("forget" if is_over else "unsubscribe", one.hub, one.feed, None, one))
    return steps


def new_subscription(offer: AdvertisedHub, base: str, now: datetime) -> Subscription:
    """One that the hub has not been asked for yet."""
    token = secrets.token_urlsafe(32)
    return Subscription(
        token=token,
        feed=offer.feed,
        hub=offer.hub,
        topic=offer.topic,
        callback=f"{base}/websub/{token}",
        secret=secrets.token_urlsafe(48),
        state="asked",
        added_at=now,
        retry_at=now,
    )


def form_of(subscription: Subscription, mode: Mode) -> dict[str, str]:
    """What a hub is sent (W3C WebSub, 5.1)."""
    form = {"hub.mode": mode, "hub.topic": subscription.topic, "hub.callback": subscription.callback}
    if mode == "subscribe":
        form["hub.lease_seconds"] = str(int(WISHED_LEASE.total_seconds()))
        form["hub.secret"] = subscription.secret
    return form


def wait_after(failures: int, retry_after: float | None = None) -> timedelta:
    """How long a hub is given before it is asked again, after so many askings that came to nothing."""
    wait = min(_LONGEST_WAIT.total_seconds(), _ANSWER_WITHIN.total_seconds() * 2.0 ** min(failures, 20))
    return timedelta(seconds=max(wait, retry_after or 0.0))


def confirmation(
    subscription: Subscription | None,
    mode: str,
    topic: str,
    challenge: str,
    lease_seconds: str,
    reason: str,
    now: datetime,
) -> Confirmation | None:
    """What to answer to a hub that asks whether we meant it; None where we did not."""
    if subscription is None or subscription.asked_at is None or subscription.topic != topic:
        return None
    leaving = subscription.state == "leaving"
    if mode == "denied" and not leaving:
        why = "".join(filter(str.isprintable, reason[:300])) or "no reason"
        return Confirmation("", "denied", retry_at=now + _LONGEST_WAIT, error=f"denied: {why}")
    if not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return None
    if mode == "unsubscribe" and leaving:
        return Confirmation(challenge, "gone")
    if mode != "subscribe" or leaving or not lease_seconds.isascii() or not lease_seconds.isdigit():
        return None
    seconds = min(int(lease_seconds[:12]), _LONGEST_LEASE.total_seconds())
    lease = max(_SHORTEST_LEASE, timedelta(seconds=seconds))
    return Confirmation(challenge, "verified", now + lease, now + lease * _RENEWED_AT)


def is_signed(secret: str, header: str, body: bytes) -> bool:
    """Whether `X-Hub-Signature` is that of the subscription's hub over the body; compared in constant time."""
    method, _, signature = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace"))


def _is_of(subscription: Subscription, offer: AdvertisedHub, base: str) -> bool:
    return (
        subscription.state != "leaving"
        and (subscription.feed, subscription.hub, subscription.topic) == (offer.feed, offer.hub, offer.topic)
        and subscription.callback == f"{base}/websub/{subscription.token}"
    )

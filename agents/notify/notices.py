"""What newswatch tells of itself: delivered like an alert, and in no list of alerts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from streams.archive import alert_lives, deliveries
from streams.archive.alert_lives import Revision
from streams.archive.deliveries import Owed
from streams.records import Alert

NOTICE = "notice"
"""How a notice stands in the archive: it is in no list of alerts."""
EXHAUSTED_WATCH, OUTAGE_WATCH, QUIET_WATCH = "newswatch-deliveries", "newswatch-network", "newswatch-feeds"
"""The watches that notices name: no person's."""
LASTING = (OUTAGE_WATCH, QUIET_WATCH)
"""Of these, what begins and ends; a notice without a story is of a moment."""
_EVENTS = {
    EXHAUSTED_WATCH: ("delivery.exhausted", "delivery.exhausted"),
    OUTAGE_WATCH: ("network.away", "network.back"),
    QUIET_WATCH: ("feed.quiet", "feed.speaks"),
}
"""The types of the events that tell of a notice when it begins and when it is over."""


def is_notice(alert: Alert) -> bool:
    """Whether it tells of newswatch rather than of news."""
    return alert.watch in _EVENTS


def event_of(alert: Alert) -> str:
    """The type of the event that tells an alert: `alert.` and its status, or what a notice is of."""
    if not is_notice(alert):
        return f"alert.{alert.status}"
    begins, ends = _EVENTS[alert.watch]
    return ends if alert.status == "closed" else begins


def notice(
    name: str, watch: str, about: tuple[str, str], title: str, reason: str, quote: str, now: datetime,
    severity: str = "critical",
) -> Alert:  # fmt: skip
    """A notice that begins; `about` is what it is of (an id) and what its watch is called, `reason` what to do."""
    story, watch_name = about
    return Alert(
        id=name,
        revision=1,
        status="opened",
        watch=watch,
        watch_name=watch_name,
        severity=severity,
        story=story,
        article="",
        title=f"newswatch: {title}",
        url=None,
        outlet="",
        language="en",
        kinds=(),
        reason=reason,
        quote=quote,
        quote_spans=(),
        evidence=(),
        published=None,
        first_seen=now,
        opened=now,
    )


def over(begun: Alert, title: str, quote: str, now: datetime) -> Alert:
    """The same notice when it is over."""
    revision = begun.revision + 1
    return replace(
        begun, revision=revision, status="closed", title=f"newswatch: {title}", quote=quote, reason=title, updated=now
    )


def tell(connection: Connection, told: Alert, to: Sequence[str], why: str, now: datetime) -> None:
    """Keep a notice as it stands from now on, and owe it to endpoints (to none: it is only kept)."""
    alert_lives.keep(connection, told, NOTICE, None)
    alert_lives.keep_revisions(connection, [Revision(told, why)], now)
    deliveries.add_deliveries(connection, [Owed(told, one) for one in to], now)

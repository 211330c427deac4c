"""What is told of deliveries that were given up: one notice an hour and endpoint, itself delivered like an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from streams.archive import alert_lives, deliveries
from streams.archive.alert_lives import Revision
from streams.archive.deliveries import Owed
from streams.ids import digest
from streams.records import Alert

EXHAUSTED_WATCH = "newswatch-deliveries"
"""The watch that notices name: no person's."""
NOTICE = "notice"
"""How a notice stands in the archive: it is in no list of alerts."""


def is_notice(alert: Alert) -> bool:
    """Whether it tells of deliveries rather than of news."""
    return alert.watch == EXHAUSTED_WATCH


def event_of(alert: Alert) -> str:
    """The type of the event that tells an alert: `alert.` and its status, or `delivery.exhausted`."""
    return "delivery.exhausted" if is_notice(alert) else f"alert.{alert.status}"


def notice(endpoint: str, many: int, why: str, now: datetime) -> Alert:
    """What is told when so many deliveries to an endpoint were given up, and why; the same all hour long."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    subject = "a delivery" if many == 1 else f"{many} deliveries"
    verb = "was" if many == 1 else "were"
    return Alert(
        id="exhausted-" + digest("exhausted", endpoint, hour.isoformat())[:24],
        revision=1,
        status="opened",
        watch=EXHAUSTED_WATCH,
        watch_name=f"Deliveries to {endpoint}",
        severity="critical",
        story=endpoint,
        article="",
        title=f"newswatch: {subject} to {endpoint} {verb} given up",
        url=None,
        outlet="",
        language="en",
        kinds=(),
        reason=f"See `newswatch deliveries list --state exhausted --endpoint {endpoint}`; once it works again, "
        f"`newswatch deliveries recover {endpoint}`",
        quote=why,
        quote_spans=(),
        evidence=(),
        published=None,
        first_seen=now,
        opened=now,
    )


def tell(connection: Connection, to: Sequence[str], endpoint: str, many: int, why: str, now: datetime) -> Alert | None:
    """Owe the notice to endpoints, but not to the one it is about; None where that was done in this hour."""
    others = [one for one in to if one != endpoint]
    told = notice(endpoint, many, why, now)
    if not others or alert_lives.standing(connection, told.id) is not None:
        return None
    alert_lives.keep(connection, told, NOTICE, None)
    alert_lives.keep_revisions(connection, [Revision(told, "exhausted")], now)
    deliveries.add_deliveries(connection, [Owed(told, one) for one in others], now)
    return told

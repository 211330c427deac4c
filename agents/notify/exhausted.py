"""What is told of deliveries that were given up: one notice an hour and endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from agents.notify import notices
from streams.archive import alert_lives
from streams.ids import digest
from streams.records import Alert


def notice(endpoint: str, many: int, why: str, now: datetime) -> Alert:
    """What is told when so many deliveries to an endpoint were given up, and why; the same all hour long."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    subject = "a delivery" if many == 1 else f"{many} deliveries"
    verb = "was" if many == 1 else "were"
    return notices.notice(
        "exhausted-" + digest("exhausted", endpoint, hour.isoformat())[:24],
        notices.EXHAUSTED_WATCH,
        (endpoint, f"Deliveries to {endpoint}"),
        f"{subject} to {endpoint} {verb} given up",
        f"See `newswatch deliveries list --state exhausted --endpoint {endpoint}`; once it works again, "
        f"`newswatch deliveries recover {endpoint}`",
        why,
        now,
    )


def tell(connection: Connection, to: Sequence[str], endpoint: str, many: int, why: str, now: datetime) -> Alert | None:
    """Owe the notice to endpoints, but not to the one it is about; None where that was done in this hour."""
    others = [one for one in to if one != endpoint]
    told = notice(endpoint, many, why, now)
    if not others or alert_lives.standing(connection, told.id) is not None:
        return None
    notices.tell(connection, told, others, "exhausted", now)
    return told

"""What is told of feeds that fall silent against their own rhythm, and that speak again: one notice each a silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from agents.notify import notices
from streams.archive import alert_lives, dialect
from streams.feeds.health import FeedHealth
from streams.ids import digest
from streams.records import Alert

MOST_APART = 10
"""Where more fall silent at once, one notice tells of all."""
_NAMED = 20


def tell(connection: Connection, to: Sequence[str], rows: Sequence[FeedHealth], now: datetime) -> list[Alert]:
    """Owe the endpoints what is to be told of these feeds, which are all; the same twice equals once."""
    if not to:
        return []
    dialect.hold(connection, "quiet", [""])
    open_ = {one.story: one for one in alert_lives.told_once(connection, notices.QUIET_WATCH) if one.story}
    silent = [_silent(row, now) for row in rows if row.state == "quiet" and row.id not in open_]
    silent = [one for one in silent if alert_lives.standing(connection, one.id) is None]
    apart = len(silent) <= MOST_APART
    for one in silent:
        notices.tell(connection, one, to if apart else (), "quiet", now)
    told = list(silent)
    if not apart:
        told = [_together(silent, now)]
        notices.tell(connection, told[0], to, "quiet", now)
    by_id = {row.id: row for row in rows}
    for feed, begun in open_.items():
        row = by_id.get(feed)
        if row is None or row.state == "paused":
            notices.tell(connection, notices.over(begun, f"{feed} is polled no more", "", now), (), "quiet", now)
        elif row.new_at is not None and row.new_at > begun.opened:
            told.append(notices.over(begun, f"{row.name or feed} speaks again", "", now))
            notices.tell(connection, told[-1], to, "quiet", now)
    return told


def _silent(row: FeedHealth, now: datetime) -> Alert:
    name = row.name or row.id
    last = f"It last brought something new on {row.new_at:%Y-%m-%d %H:%M} UTC." if row.new_at else ""
    return notices.notice(
        "quiet-" + digest("quiet", row.id, row.new_at.isoformat() if row.new_at else "")[:24],
        notices.QUIET_WATCH,
        (row.id, f"Feed {name}"),
        f"{name} has fallen silent",
        f"See `newswatch feeds list --only quiet` and `newswatch feeds probe {row.url}`: it may have moved, or closed "
        "without a word",
        f"{row.problem or ''}. {last}".strip(". ") + ".",
        now,
        severity="warning",
    )


def _together(silent: Sequence[Alert], now: datetime) -> Alert:
    ids = sorted(one.id for one in silent)
    names = [one.watch_name.removeprefix("Feed ") for one in silent]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return notices.notice(
        "quiet-" + digest("quiet together", *ids)[:24],
        notices.QUIET_WATCH,
        ("", "Feeds"),
        f"{len(names)} feeds have fallen silent",
        "See `newswatch feeds list --only quiet`",
        ", ".join(names[:_NAMED]) + more,
        now,
        severity="warning",
    )

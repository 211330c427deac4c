"""What servers and feeds say of when to come again: in HTTP headers, in RSS `ttl`, in the syndication module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_HINT_SECONDS = 86_400.0
"""A server that asks for more is believed this far."""
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NO_HINT = re.compile(r"(?:^|[\s,])(?:no-cache|no-store|must-revalidate\s*,\s*max-age=0)", re.IGNORECASE)
_PERIODS = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}


def cache_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long an answer says it stays as it is, in seconds; None where it says nothing of use."""
    control = headers.get("Cache-Control", "")
    if _NO_HINT.search(control):
        return None
    age = _whole(headers.get("Age", "")) or 0.0
    if found := _MAX_AGE.search(control):
        return _sane(float(found.group(1)) - age)
    expires = _date(headers.get("Expires", ""))
    if expires is None:
        return None
    return _sane((expires - (_date(headers.get("Date", "")) or now)).total_seconds())


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """When a server that would not answer wants to be asked again, in seconds from now."""
    value = headers.get("Retry-After", "").strip()
    seconds = _whole(value)
    if seconds is None and (at := _date(value)) is not None:
        seconds = (at - now).total_seconds()
    return _sane(seconds) if seconds is not None else None


def feed_seconds(feed: Mapping[str, Any]) -> float | None:
    """What a feed's own `ttl` (RSS, minutes) or syndication module says, in seconds; `feed` is feedparser's."""
    ttl = feed.get("ttl")
    minutes = _whole(ttl.strip()) if isinstance(ttl, str) else None
    if minutes is not None:
        return _sane(minutes * 60)
    period = feed.get("sy_updateperiod")
    seconds = _PERIODS.get(period.strip().lower()) if isinstance(period, str) else None
    if seconds is None:
        return None
    often = feed.get("sy_updatefrequency")
    frequency = (_whole(often.strip()) if isinstance(often, str) else None) or 1.0
    return _sane(seconds / frequency)


def _whole(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _sane(seconds: float) -> float | None:
    return min(seconds, LONGEST_HINT_SECONDS) if seconds > 0 else None

"""Dates as feeds write them: by the standards (RFC 822, ISO 8601), spelled in French or Arabic, day first."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_MONTHS = (
    ("jan", "يناير", "كانون الثاني", "جانفي"),
    ("feb", "fev", "فبراير", "شباط", "فيفري"),
    ("mar", "مارس", "آذار", "اذار"),
    ("apr", "avr", "ابريل", "أبريل", "نيسان", "أفريل"),
    ("may", "mai", "مايو", "أيار", "ايار", "ماي"),
    ("jun", "juin", "يونيو", "حزيران", "جوان"),
    ("jul", "juil", "يوليو", "تموز", "جويلية"),
    ("aug", "aou", "أغسطس", "اغسطس", "آب", "اب", "أوت"),
    ("sep", "سبتمبر", "أيلول", "ايلول"),
    ("oct", "أكتوبر", "اكتوبر", "تشرين الأول", "تشرين الاول"),
    ("nov", "نوفمبر", "تشرين الثاني"),
    ("dec", "ديسمبر", "كانون الأول", "كانون الاول"),
)
_TIME = r"(?:\D{1,12}?(\d{1,2})[:hH](\d{1,2})(?::(\d{1,2}))?)?"
_NAMED = re.compile(
    r"(\d{1,2})(?:er|st|nd|rd|th)?[\s./-]{1,3}([^\W\d_]{2,12}(?:\s[^\W\d_]{2,8})?)\.?[\s./-]{1,3}(\d{4})" + _TIME
)
_NUMBERED = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})" + _TIME)
_ODD_ZONE = re.compile(r"(?:GMT|UTC)\s*[+-]\d")
_ZONE = re.compile(r"\s*(?:(?:GMT|UTC|Z)?\s*([+-])(\d{1,2})(?::?(\d{2}))?\b)?")
_MOST_CHARACTERS = 100


def parse_date(text: str) -> datetime | None:
    """The instant that `text` names, in UTC, or None; a time without a zone is taken as UTC."""
    text = " ".join(text[:_MOST_CHARACTERS].split())
    standard = _standard(text)
    if standard is not None:
        return standard
    match = _NAMED.search(text)
    if match:
        month = _month(match.group(2))
        day, year = int(match.group(1)), int(match.group(3))
    else:
        match = _NUMBERED.search(text)
        if match is None:
            return None
        day, month, year = (int(part) for part in match.groups()[:3])
        if month > 12:
            day, month = month, day
    hour, minute, second = (int(part or 0) for part in match.groups()[3:6])
    try:
        local = datetime(year, month or 0, day, hour, minute, min(second, 59), tzinfo=_zone(text[match.end() :]))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _standard(text: str) -> datetime | None:
    if not text[:1].isalnum() or not text.isascii() or _ODD_ZONE.search(text):
        return None
    read = datetime.fromisoformat if text[:4].isdigit() else parsedate_to_datetime
    try:
        at = read(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).replace(microsecond=0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _month(name: str) -> int | None:
    name = _folded(name)
    for number, starts in enumerate(_MONTHS, start=1):
        # the two words of تشرين and كانون months come first; a name of one word is its first
        if any(name.startswith(_folded(start)) for start in starts):
            return number
    return None


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _zone(rest: str) -> timezone:
    match = _ZONE.match(rest)
    if match is None or match.group(1) is None:
        return UTC
    offset = timedelta(hours=int(match.group(2)), minutes=int(match.group(3) or 0))
    return timezone(-offset if match.group(1) == "-" else offset)

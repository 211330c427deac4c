"""What a site's robots.txt allows us (RFC 9309): reading it, asking it, and what stands where it cannot be had.

It is asked for before the page of an article is fetched. Feeds are made for machines and are fetched without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote, unquote_to_bytes, urlsplit

from streams.archive.pages import RobotsRow
from streams.errors import FetchFailed

MAX_BYTES = 512 * 1024
"""More than the 500 KiB that every reader must take; the rest is not read."""
_MOST_RULES = 5_000
_LONGEST_RULE = 2_048
_FRESH = timedelta(hours=24)
_LEAST_FRESH = timedelta(hours=1)
_UNREACHABLE_AGAIN = timedelta(hours=1)
_UNREACHABLE_LONG = timedelta(days=30)
_LONGEST_DELAY = 60.0
_ASKED_TO_WAIT = frozenset({429, 503})
_LINE = re.compile(r"^\s*([A-Za-z -]{1,40}?)\s*:\s*(.*?)\s*$")
_TOKEN = re.compile(r"[A-Za-z_-]+")
_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "%")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a robots.txt says to one agent."""

    lines: tuple[tuple[bool, str], ...] = ()
    """Allowed or not, and the path that it is said of, with `*` and a `$` at its end."""
    delay: float = 0.0
    """Seconds between requests that the site wants (`Crawl-delay`, which RFC 9309 leaves to us), 60 at most."""

    def allows(self, url: str) -> bool:
        """Whether a page may be fetched: by the longest line that fits, and by an Allow where two are as long."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return True
        best, allowed = -1, True
        for is_allowed, pattern in self.lines:
            if len(pattern) < best or (len(pattern) == best and not is_allowed):
                continue
            if _fits(pattern, path):
                best, allowed = len(pattern), is_allowed
        return allowed


NOTHING_ALLOWED = Rules(((False, "/"),))


def product_token(user_agent: str) -> str:
    """What a robots.txt calls us: the letters that the user agent begins with, in small ones."""
    found = _TOKEN.match(user_agent)
    return found.group().lower() if found else "newswatch"


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"


def parse_robots(text: str, agent: str) -> Rules:
    """The rules for `agent` (see `product_token`): of all groups that name it, or else of those for `*`."""
    groups: dict[str, list[tuple[bool, str]]] = {}
    delays: dict[str, float] = {}
    agents: list[str] = []
    naming = False
    count = 0
    for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
        found = _LINE.match(line.partition("#")[0][:_LONGEST_RULE])
        if found is None:
            continue
        key, value = found.group(1).lower(), found.group(2)
        if key == "user-agent":
            agents = agents if naming else []
            naming = True
            token = _TOKEN.match(value)
            agents.append("*" if value.startswith("*") else token.group().lower() if token else "")
            groups.setdefault(agents[-1], [])
        elif key in ("allow", "disallow"):
            naming = False
            count += 1
            if value and count <= _MOST_RULES:
                _add(groups, agents, (key == "allow", _normal(value)))
        elif key == "crawl-delay":
            naming = False
            delays.update(dict.fromkeys(agents, _seconds(value)))
    chosen = agent if agent in groups else "*"
    return Rules(tuple(groups.get(chosen, ())), delays.get(chosen, 0.0))


def _add(groups: dict[str, list[tuple[bool, str]]], agents: Iterable[str], rule: tuple[bool, str]) -> None:
    for one in dict.fromkeys(agents):
        groups[one].append(rule)


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return min(seconds, _LONGEST_DELAY) if seconds > 0 else 0.0


def _normal(path: str) -> str:
    """A path or pattern with everything outside of plain ASCII, and only that, percent-encoded in one way."""
    pieces = re.split(r"((?:%[0-9A-Fa-f]{2})+)", path)
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pieces[at] = quote(piece, safe=_SAFE)
        else:  # unreserved letters are the same encoded or not; all others keep their meaning only as they stand
            plain = unquote_to_bytes(piece)
            pieces[at] = "".join(
                chr(byte) if byte < 0x80 and (chr(byte).isalnum() or chr(byte) in "-._~") else f"%{byte:02X}"
                for byte in plain
            )
    return "".join(pieces)


def _fits(pattern: str, path: str) -> bool:
    """Whether a path begins as the pattern says; in time linear in the path for each `*`."""
    at_end = pattern.endswith("$")
    first, *others = (pattern[:-1] if at_end else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not others:
        return not at_end or at == len(path)
    for part in others[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    last = others[-1]
    if at_end:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0


Standing = Literal["rules", "none", "unreachable"]


def answered(origin: str, body: bytes, hint_seconds: float | None, now: datetime) -> RobotsRow:
    """There is a robots.txt: it stands for a day, or for as long as its server says where that is less."""
    fresh = _FRESH if hint_seconds is None else max(_LEAST_FRESH, min(_FRESH, timedelta(seconds=hint_seconds)))
    return RobotsRow(origin, "rules", body[:MAX_BYTES].decode("utf-8", "replace").replace("\x00", ""), now + fresh)


def failed(origin: str, before: RobotsRow | None, failure: FetchFailed, now: datetime) -> RobotsRow:
    """There is none to be had. A 4xx says that there is none: everything is allowed.

    What cannot be reached (5xx, no answer) allows nothing; after 30 days of it the last copy stands, or all is
    allowed. A 429 is a site that wants less of us, not one without rules, and counts as not reached.
    """
    status = failure.status
    if status is not None and 300 <= status < 500 and status not in _ASKED_TO_WAIT:
        return RobotsRow(origin, "none", "", now + _FRESH, error=str(failure))
    since = before.unreachable_since if before is not None and before.unreachable_since else now
    again = max(_UNREACHABLE_AGAIN, timedelta(seconds=failure.retry_after or 0.0))
    body = before.body if before is not None else ""
    if now - since >= _UNREACHABLE_LONG:
        return RobotsRow(origin, "rules" if body else "none", body, now + again, since, str(failure))
    return RobotsRow(origin, "unreachable", body, now + again, since, str(failure))


def rules_of(row: RobotsRow, agent: str) -> Rules:
    """The rules that stand now."""
    if row.outcome == "unreachable":
        return NOTHING_ALLOWED
    return parse_robots(row.body, agent) if row.outcome == "rules" else Rules()

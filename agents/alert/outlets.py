"""How many tell a story by themselves: copies of one text count once, and so does each publisher and agency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

_SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "edu", "ac", "gob", "gouv", "press", "info"))
_AGENCY_HOSTS = {
    "afp.com": "afp", "reuters.com": "reuters", "apnews.com": "ap", "ap.org": "ap", "dpa.com": "dpa", "efe.com": "efe",
    "ansa.it": "ansa", "tass.ru": "tass", "tass.com": "tass", "aa.com.tr": "anadolu", "sana.sy": "sana",
    "xinhuanet.com": "xinhua", "interfax.ru": "interfax", "ukrinform.net": "ukrinform", "wafa.ps": "wafa",
}  # fmt: skip
_NAMES = {
    "afp": "afp", "agence france-presse": "afp", "agence france presse": "afp", "reuters": "reuters", "ap": "ap",
    "associated press": "ap", "dpa": "dpa", "efe": "efe", "ansa": "ansa", "tass": "tass", "anadolu": "anadolu",
    "sana": "sana", "xinhua": "xinhua", "interfax": "interfax", "ukrinform": "ukrinform", "wafa": "wafa",
    "أ ف ب": "afp", "فرانس برس": "afp", "رويترز": "reuters", "سانا": "sana", "الأناضول": "anadolu", "وفا": "wafa",
}  # fmt: skip
_ANY = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_CREDIT = re.compile(rf"\(\s*({_ANY})\s*\)|^[^\n.]{{0,60}}?\b({_ANY})\s*[-–—:]\s|\b(?:avec|with)\s+({_ANY})\b", re.I)
_LOOKED_AT = 240


class Telling(Protocol):
    """What counts of an article that tells a story."""

    @property
    def article(self) -> str:
        """Its id."""

    @property
    def origin(self) -> str:
        """Who tells it, by `origin_of`."""

    @property
    def copy_of(self) -> str | None:
        """The article whose text it repeats."""


@lru_cache(maxsize=4096)
def publisher(outlet: str) -> str:
    """The publisher of a host: `sana.sy` for `en.sana.sy`, `bbc.co.uk` for `news.bbc.co.uk`."""
    labels = outlet.lower().strip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if short else labels[-2:])


def origin_of(outlet: str, text: str) -> str:
    """Who tells an article: the agency it credits at its beginning or end, else the publisher."""
    for part in (text[:_LOOKED_AT], text[-_LOOKED_AT:]):
        credit = _CREDIT.search(part)
        if credit is not None:
            return _NAMES[next(name for name in credit.groups() if name).lower()]
    host = publisher(outlet)
    return _AGENCY_HOSTS.get(host, host)


def independent_outlets(tellings: Iterable[Telling]) -> int:
    """How many publishers or agencies tell a story in words of their own.

    A copy counts as what it copies; of copies whose first is not among the tellings, one counts.
    """
    given = {one.article: one for one in tellings}
    origins: set[str] = set()
    for one in given.values():
        first, seen = one, {one.article}
        while first.copy_of in given and first.copy_of not in seen:
            seen.add(first.copy_of)
            first = given[first.copy_of]
        orphan = first.copy_of is not None and first.copy_of not in given
        origins.add(f"copies of {first.copy_of}" if orphan else first.origin)
    return len(origins)

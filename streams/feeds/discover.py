"""Which feeds a web page names as its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree, html

from streams.feeds.link import web_address

_KINDS = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/json", "application/rdf+xml",
)  # fmt: skip
_NAMED_AS_ONE = re.compile(r"(?:^|[/._-])(?:rss|atom|feeds?)(?:2|20)?(?:\.(?:xml|json|php))?/?$|\.rdf$", re.IGNORECASE)
"""Paths that feeds usually have."""


@dataclass(frozen=True, slots=True)
class Advertised:
    """A feed that a page names."""

    url: str
    title: str
    kind: str
    """Its media type as the page has it; empty for a link that only looks like one to a feed."""


def advertised_feeds(body: bytes, url: str) -> list[Advertised]:
    """The feeds of a page at `url`, in its order, each once; none where it is no HTML.

    They stand in its head (RSS autodiscovery); where none does, links to addresses that look like a feed's are taken.
    """
    try:
        page = html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8", huge_tree=False), base_url=url)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    base = next((node.get("href") for node in page.iter("base") if node.get("href")), None)
    here = web_address(base, url) or url
    found: dict[str, Advertised] = {}
    for node in page.iter("link"):
        kind = (node.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" not in (node.get("rel") or "").lower().split() or kind not in _KINDS:
            continue
        address = web_address(node.get("href"), here)
        if address:
            found.setdefault(address, Advertised(address, _line(node.get("title")), kind))
    return list(found.values()) or _linked(page, here)


def _linked(page: Any, here: str) -> list[Advertised]:
    found: dict[str, Advertised] = {}
    for node in page.iter("a"):
        address = web_address(node.get("href"), here)
        if address and _NAMED_AS_ONE.search(urlsplit(address).path):
            found.setdefault(address, Advertised(address, _line(node.text_content()), ""))
    return list(found.values())


def _line(text: str | None) -> str:
    return " ".join((text or "").split())

"""Which feeds a web page names as its own."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree, html

from streams.feeds.link import web_address

_KINDS = (
    "application/rss+xml", "application/atom+xml", "application/feed+json", "application/json", "application/rdf+xml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advertised:
    """A feed that a page names."""

    url: str
    title: str
    kind: str


def advertised_feeds(body: bytes, url: str) -> list[Advertised]:
    """The feeds of a page at `url`, in its order, each once; none where it is no HTML."""
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
            found.setdefault(address, Advertised(address, " ".join((node.get("title") or "").split()), kind))
    return list(found.values())

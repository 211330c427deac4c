"""The WebSub hub that a feed names, and what the hub calls the feed (W3C WebSub, 4): in HTTP headers or in the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from streams.feeds.link import web_address

_MOST_CHARACTERS = 8_192
_LINK = re.compile(r"<([^<>]{0,2048})>([^<]{0,1024})")
_REL = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HubLinks:
    """Where a feed can be subscribed to."""

    hub: str | None = None
    topic: str | None = None
    """The feed's own address, as it gives it."""

    def over(self, other: HubLinks) -> HubLinks:
        """This one's word, and the other's where it has none."""
        return HubLinks(self.hub or other.hub, self.topic or other.topic)


NO_HUB = HubLinks()


def in_headers(values: Sequence[str], base: str) -> HubLinks:
    """What `Link` headers say."""
    links = []
    for link in _LINK.finditer(", ".join(values)[:_MOST_CHARACTERS]):
        rel = _REL.search(link.group(2))
        if rel is not None:
            links.append((next(one for one in (*rel.groups(), "") if one is not None), link.group(1)))
    return _chosen(links, base)


def in_feed(feed: dict[str, Any], base: str) -> HubLinks:
    """What the links of a feed say, as feedparser names them."""
    links = dict.get(feed, "links")
    if not isinstance(links, list):
        return HubLinks()
    return _chosen(((dict.get(one, "rel"), dict.get(one, "href")) for one in links if isinstance(one, dict)), base)


def _chosen(links: Iterable[tuple[Any, Any]], base: str) -> HubLinks:
    """The first hub, one of https before the others, and the first address of its own."""
    found: dict[str, list[str]] = {"hub": [], "self": []}
    for rels, href in links:
        address = web_address(href, base) if isinstance(href, str) else None
        for rel in rels.lower().split() if address and isinstance(rels, str) else ():
            if rel in found and address:
                found[rel].append(address)
    hubs = sorted(found["hub"], key=lambda hub: not hub.lower().startswith("https:"))
    return HubLinks(hubs[0] if hubs else None, found["self"][0] if found["self"] else None)

"""A lighter reading of RSS, RDF, Atom and news sitemaps by lxml: for sitemaps, and for what feedparser dies of.

It knows the plain fields only and mends what it can of broken XML; entries are as feedparser names their fields.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from streams.feeds.json_feed import Parsed

_MOST_ENTRIES = 50_000
_SITEMAP = re.compile(rb"<(?:\w+:)?urlset[\s>]")
_LOOK = 4_096
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_TEXTS = {
    "guid": "id", "id": "id", "title": "title", "description": "summary", "summary": "summary", "abstract": "summary",
    "pubdate": "published", "published": "published", "issued": "published", "publication_date": "published",
    "updated": "updated", "modified": "updated", "date": "updated", "lastmod": "updated", "language": "language",
    "loc": "link", "origlink": "feedburner_origlink",
}  # fmt: skip
_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def is_sitemap(body: bytes) -> bool:
    """Whether a document is a sitemap of pages."""
    return _SITEMAP.search(body[:_LOOK]) is not None


def parse_lightly(data: bytes) -> Parsed:
    """The feed in an XML document in UTF-8; no version and no entries where there is none."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True,
        encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(_NAMED.sub(_spelled_out, data), parser)
    except etree.XMLSyntaxError:
        return {}, [], ""
    if root is None:
        return {}, [], ""
    kind = _name(root)
    version = {"rss": "rss", "rdf": "rss10", "feed": "atom10", "urlset": "sitemap"}.get(kind, "")
    if not version:
        return {}, [], ""
    entries = [_entry(node) for node in itertools.islice(_entries(root), _MOST_ENTRIES)]
    channel = next((node for node in root if _name(node) == "channel"), root)
    feed: dict[str, Any] = {"language": root.get(_LANGUAGE, "")}
    for node in channel:
        name = _name(node)
        if name == "link":
            href = node.get("href") or (node.text or "").strip()
            feed.setdefault("links", []).append({"rel": node.get("rel", "alternate"), "href": href})
            if node.get("rel", "alternate") == "alternate":
                feed.setdefault("link", href)
        elif name == "title":
            feed.setdefault("title", (node.text or "").strip())
        elif name in ("language", "ttl"):
            feed[name] = (node.text or "").strip()
        elif name in ("updateperiod", "updatefrequency"):
            feed[f"sy_{name}"] = (node.text or "").strip()
    return feed, entries, version


def _spelled_out(match: re.Match[bytes]) -> bytes:
    """The character of an entity of HTML, which XML does not know; XML's own five stay."""
    name = match.group(1).decode("ascii")
    character = html5.get(f"{name};")
    return match.group() if character is None or name in _XML_NAMES else character.encode()


def _entries(root: Any) -> Iterator[Any]:
    wanted = ("url",) if _name(root) == "urlset" else ("item", "entry")
    for node in root.iter(etree.Element):
        if _name(node) in wanted:
            yield node


def _entry(node: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"links": [], "content": []}
    if (about := node.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")) is not None:
        entry["id"] = about
    is_news = _name(node) == "url"
    for child in node.iter(etree.Element) if is_news else node:
        name, space = _name(child), _space(child)
        if name == "link":
            _link(entry, child)
        elif name == "encoded" or (name == "content" and space in _ATOM):
            kind = child.get("type", "html" if name == "encoded" else "text")
            entry["content"].append({"value": _inner(child), "type": _mime(kind)})
        elif (key := _TEXTS.get(name)) is not None and not entry.get(key):
            entry[key] = _inner(child).strip() if key in ("title", "summary") else (child.text or "").strip()
            if name == "guid" and child.get("ispermalink", child.get("isPermaLink", "true")).lower() != "false":
                entry["permalink"] = entry[key]
            if key in ("title", "summary"):
                plain = space in _ATOM and child.get("type", "text") == "text"
                entry[f"{key}_detail"] = {"type": "text/plain" if plain else "text/html"}
    if not entry.get("link") and entry.get("permalink"):
        entry["link"] = entry["permalink"]
    language = node.get(_LANGUAGE)
    if language:
        entry.setdefault("language", language)
    if is_news and entry.get("link"):
        entry.setdefault("id", entry["link"])
    return entry


def _link(entry: dict[str, Any], node: Any) -> None:
    href = (node.get("href") or node.text or "").strip()
    if node.base:
        href = urljoin(node.base, href)
    rel = node.get("rel", "alternate")
    entry["links"].append({"rel": rel, "href": href})
    if rel == "alternate" and href:
        entry.setdefault("link", href)


def _inner(node: Any) -> str:
    """The text of an element, its children as markup (`xhtml` content, tags that were never escaped)."""
    if not len(node):
        return node.text or ""
    return (node.text or "") + "".join(
        etree.tostring(child, encoding="unicode") for child in node if isinstance(child.tag, str)
    )


def _mime(kind: str) -> str:
    return {"text": "text/plain", "html": "text/html", "xhtml": "application/xhtml+xml"}.get(kind, kind)


def _name(node: Any) -> str:
    """The tag without its namespace or an undeclared prefix, in small letters; empty for comments."""
    return node.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(node.tag, str) else ""


def _space(node: Any) -> str:
    return node.tag[1:].partition("}")[0] if isinstance(node.tag, str) and node.tag.startswith("{") else ""

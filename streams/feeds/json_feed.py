"""JSON Feed (versions 1 and 1.1), as the entries that feedparser would make of it."""

from __future__ import annotations

import json
from typing import Any

Parsed = tuple[dict[str, Any], list[dict[str, Any]], str]
"""The feed's own fields, its entries, its version; all as feedparser names them."""


def is_json(body: bytes) -> bool:
    """Whether a document can only be JSON."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def parse_json_feed(body: bytes) -> Parsed:
    """The feed in a JSON document; no version and no entries where it is another kind of JSON, or broken."""
    try:
        document = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return {}, [], ""
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return {}, [], ""
    told = _text(document, "version")
    version = "json" + "".join(digit for digit in told.rpartition("/")[2] if digit.isdigit())
    feed = {
        "link": _text(document, "home_page_url"),
        "title": _text(document, "title"),
        "language": _text(document, "language"),
        "links": [{"rel": "self", "href": _text(document, "feed_url")}, *_hubs(document)],
    }
    return feed, [_entry(item) for item in document["items"] if isinstance(item, dict)], version


def _hubs(document: dict[str, Any]) -> list[dict[str, str]]:
    hubs = document.get("hubs")
    found = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    return [{"rel": "hub", "href": _text(hub, "url")} for hub in found if _text(hub, "type").lower() == "websub"]


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    identity = item.get("id")
    entry: dict[str, Any] = {
        "id": str(identity) if isinstance(identity, int | float) else _text(item, "id"),
        "link": _text(item, "url") or _text(item, "external_url"),
        "title": _text(item, "title"),
        "title_detail": {"type": "text/plain"},
        "summary": _text(item, "summary"),
        "summary_detail": {"type": "text/plain"},
        "published": _text(item, "date_published"),
        "updated": _text(item, "date_modified"),
        "language": _text(item, "language"),
    }
    bodies = (("content_html", "text/html"), ("content_text", "text/plain"))
    entry["content"] = [{"value": _text(item, key), "type": kind} for key, kind in bodies if _text(item, key)]
    return entry


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""

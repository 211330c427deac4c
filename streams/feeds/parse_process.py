"""Parsing a feed document, inside a worker process that may be killed over it.

feedparser is given bytes only, never an address or a file name, and neither sanitises nor resolves links inside
HTML: we keep plain text, not HTML, and that is more than twice as fast.
"""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Callable
from typing import Any

import feedparser

from streams.feeds.charset import decode_document
from streams.feeds.document import Document
from streams.feeds.entry import language_of, newest, read_fields
from streams.feeds.guard import MAX_ENTRIES, MAX_TITLE_CHARACTERS
from streams.feeds.hints import feed_seconds
from streams.feeds.hub import in_feed
from streams.feeds.identity import tell_apart
from streams.feeds.json_feed import Parsed, is_json, parse_json_feed
from streams.feeds.light import is_sitemap, parse_lightly
from streams.feeds.link import web_address
from streams.feeds.text import plain_line

Work = tuple[bytes, str, str, bool]
"""The document's bytes, its Content-Type header, the address it was found at, and whether to read it lightly."""
_MEMORY_BYTES = 448 * 1024 * 1024
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]+")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]*)|0*([0-9]*));")
_UTF8 = "application/xml; charset=utf-8"


def make_parser() -> Callable[[Work], Document]:
    """The function a parsing process runs; its memory is bounded from here on."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, hard))
    return lambda work: parse_document(*work)


def parse_document(body: bytes, content_type: str, url: str, lightly: bool = False) -> Document:
    """The entries of a feed document, in its order; whatever feedparser raises comes through.

    RSS, RDF and Atom are read by feedparser, or `lightly`, JSON Feed and news sitemaps by readers of their own.
    """
    feed, found, version = _parsed(body, content_type, url, lightly)
    language = language_of(dict.get(feed, "language"))
    fields = [read_fields(entry, url, language) for entry in newest(found, MAX_ENTRIES)]
    home = dict.get(feed, "link")
    entries, repeats = tell_apart(fields, (web_address(home, url) or "") if isinstance(home, str) else "")
    left_out = max(0, len(found) - MAX_ENTRIES)
    return Document(version, entries, repeats, feed_seconds(feed), _title(feed), in_feed(feed, url), left_out)


def _title(feed: dict[str, Any]) -> str:
    title = dict.get(feed, "title")
    return plain_line(title, MAX_TITLE_CHARACTERS, is_html=True)[0] if isinstance(title, str) else ""


def _parsed(body: bytes, content_type: str, url: str, lightly: bool) -> Parsed:
    if is_json(body):
        return parse_json_feed(body)
    data, declared = _prepared(body, content_type)
    if lightly or is_sitemap(data):
        return parse_lightly(data)
    # a MIME type decides nothing but the encoding here; links are resolved against the address
    headers = {"content-type": declared, "content-location": url}
    parsed: dict[str, Any] = feedparser.parse(
        data, response_headers=headers, resolve_relative_uris=False, sanitize_html=False
    )
    return dict.get(parsed, "feed") or {}, parsed["entries"], parsed.get("version") or ""


def _prepared(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The document in UTF-8 without what XML forbids, so that one stray byte does not cost a whole feed."""
    text = decode_document(body, content_type)
    if text is None:
        return body, content_type or "application/xml"
    text = _NOT_XML.sub("", text).lstrip("\ufeff \t\r\n")
    if "&#" in text:
        text = _REFERENCE.sub(_allowed_reference, text)
    return text.encode("utf-8"), _UTF8


def _allowed_reference(match: re.Match[str]) -> str:
    """The reference itself, or nothing where its number is no character of XML."""
    hexadecimal, decimal = match.groups()
    digits = hexadecimal if hexadecimal is not None else decimal
    if not digits or len(digits) > 7:
        return ""
    number = int(digits, 16 if hexadecimal is not None else 10)
    if number < 0x20:
        return match.group() if number in (0x9, 0xA, 0xD) else ""
    allowed = number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number <= 0x10FFFF
    return match.group() if allowed else ""

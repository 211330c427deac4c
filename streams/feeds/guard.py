"""Bounds that protect the poller from what it fetches."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from streams.errors import FetchFailed

MAX_URL_CHARACTERS = 8_192
"""Longer addresses are neither fetched nor kept."""
MAX_REDIRECTS = 5
MAX_VALIDATOR_CHARACTERS = 1_024
"""A longer ETag or Last-Modified is not kept: the next fetch is a full one."""
MAX_TEXT_CHARACTERS = 200_000
"""The text of an article is cut here."""
MAX_TITLE_CHARACTERS = 2_000
MAX_ENTRIES = 5_000
"""Of a document with more entries the newest are read."""
MAX_DEAD_BYTES = 1024 * 1024
"""What `dead` keeps of a document that could not be parsed."""
WEB_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may cost: bytes after decompression, seconds over all hops."""

    document_bytes: int = 16 * 1024 * 1024
    seconds: float = 20.0
    cut: bool = False
    """Whether a longer document is cut, and not refused; for what is asked for without a content coding."""


def check_url(url: str) -> str:
    """The host of a web address; raises FetchFailed(`refused`) unless `url` is one of bearable length."""
    if len(url) > MAX_URL_CHARACTERS:
        raise FetchFailed("refused", f"address of {len(url)} characters; {MAX_URL_CHARACTERS} are the bound")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed("refused", f"no address: {error}") from error
    if parts.scheme.lower() not in WEB_SCHEMES:
        raise FetchFailed("refused", f"only http and https are fetched, not {parts.scheme[:20]!r}")
    if not host or port == 0:
        raise FetchFailed("refused", "an address without a host that can be reached")
    return host

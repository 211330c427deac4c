"""Reading the page of an article, inside a worker process that may be killed over it; the text by trafilatura."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Callable

from streams.feeds.charset import decode_page
from streams.feeds.guard import MAX_TEXT_CHARACTERS
from streams.feeds.text import clean_text

Work = tuple[bytes, str]
"""The page's bytes and its Content-Type header."""
_MEMORY_BYTES = 1024 * 1024 * 1024
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]+")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def make_page_reader() -> Callable[[Work], str]:
    """The function a reading process runs; its memory is bounded from here on."""
    import trafilatura  # noqa: F401, PLC0415  # once, before processes are forked

    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, hard))
    return lambda work: read_page(*work)


def read_page(body: bytes, content_type: str) -> str:
    """The text of the article on a page, a newline between paragraphs; empty where there is none."""
    import trafilatura  # noqa: PLC0415  # a second to load: only where pages are read

    markup = _DECLARATION.sub("", _NOT_HTML.sub("", decode_page(body, content_type)))
    found = trafilatura.extract(markup, fast=True, include_comments=False, include_tables=True)
    # each of its lines is a paragraph, whatever it ends with
    text, _ = clean_text((found or "").replace("\n", "\n\n"), MAX_TEXT_CHARACTERS)
    return text

"""What is read of real feeds beside feedparser's full parse of the same bytes."""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest

from streams.feeds.parse_process import parse_document

pytestmark = [pytest.mark.shared, pytest.mark.slow]
URL = "https://feeds.example/dir/feed.xml"
_TAG = re.compile(r"<[^<>]*>")


def corpus(shared: Path) -> list[Path]:
    root = shared / "corpora" / "feeds"
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in (".xml", ".rss", ".atom") and "w3c-feedvalidator" not in path.parts
    ]
    assert len(found) > 90, f"few feeds under {root}"
    return found


def folded(title: str) -> str:
    """A title as it is compared: no tags, no entities, letters and digits only."""
    return "".join(filter(str.isalnum, _TAG.sub("", html.unescape(html.unescape(title))))).casefold()


def named(link: str | None) -> str:
    """A link as it is compared: whole, entities and spaces spelled one way."""
    return html.unescape(urljoin(URL, link.strip())).replace(" ", "%20") if link else ""


def theirs(body: bytes) -> Counter[tuple[str, str]]:
    """Link and title of each entry of feedparser's full parse; of the same in everything only one."""
    headers = {"content-type": "application/xml", "content-location": URL}
    distinct: dict[str, dict[str, Any]] = {}
    for entry in feedparser.parse(body, response_headers=headers).entries:
        keys = ("id", "link", "title", "published", "updated", "summary", "content")
        distinct[repr([dict.get(entry, key) for key in keys])] = entry
    pairs = ((dict.get(entry, "link"), dict.get(entry, "title") or "") for entry in distinct.values())
    return Counter((named(link), folded(title)) for link, title in pairs if link or title)


def ours(body: bytes) -> Counter[tuple[str, str]]:
    document = parse_document(body, "application/xml", URL)
    return Counter((named(entry.url), folded(entry.title)) for entry in document.entries)


def test_entries_and_links_are_those_of_feedparsers_full_parse(shared_dir: Path) -> None:
    missing: list[object] = []
    total = 0
    for path in corpus(shared_dir):
        body = path.read_bytes()
        body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        expected = theirs(body)
        total += sum(expected.values())
        missing += [(path.name, one) for one in (expected - ours(body)).elements()]
    print(f"{total - len(missing)} of {total} entries with feedparser's title and link")
    assert total > 1_000
    assert len(missing) <= total * 0.005, missing[:20]


def test_no_file_of_the_validators_tests_ends_in_an_exception(shared_dir: Path) -> None:
    root = shared_dir / "corpora" / "feeds" / "w3c-feedvalidator"
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    assert len(files) > 1_000
    raised: dict[str, str] = {}
    entries = 0
    for path in files:
        for lightly in (False, True):
            try:
                entries += len(parse_document(path.read_bytes(), "application/xml", URL, lightly).entries)
            except Exception as error:  # whatever it is, it is what this test looks for
                raised[f"{path.name} {lightly}"] = repr(error)
    assert raised == {}
    assert entries > 1_000

"""Real feeds, served over loopback and polled into a real archive."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import feedparser
import pytest
from sqlalchemy import func, select

from streams.archive.engine import Archive
from streams.archive.feed_schema import entries
from streams.archive.schema import articles, dead, outbox
from streams.feeds.catalogue import Feed
from streams.feeds.poller import Poller

pytestmark = [pytest.mark.shared, pytest.mark.slow]


def real_feeds(shared: Path) -> list[Path]:
    root = shared / "corpora" / "feeds"
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in (".xml", ".rss") and "w3c-feedvalidator" not in path.parts
    ]
    assert len(found) > 90, f"few feeds under {root}"
    return found


def expected_entries(body: bytes, url: str) -> int:
    """What feedparser itself yields, without entries that repeat another of their document in everything."""
    parsed = feedparser.parse(
        gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body,  # two of the files are
        response_headers={"content-type": "application/xml", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    distinct: set[str] = set()
    for entry in parsed.entries:
        keys = ("id", "link", "title", "published", "updated", "created", "summary", "content")
        distinct.add(repr([dict.get(entry, key) for key in keys]))
    return len(distinct)


def count(archive: Archive, table: Any, *where: Any) -> int:
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


async def test_each_entry_of_real_feeds_ends_once_and_a_second_round_adds_nothing(
    shared_dir: Path, feed_server: Any, archive: Archive, limits: Any
) -> None:
    feeds, expected = {}, {}
    for number, path in enumerate(real_feeds(shared_dir)):
        body = path.read_bytes()
        url = feed_server.serve(f"/{number}/{path.name}", body, "application/xml")
        feeds[path.name] = Feed(url=url, id=f"feed-{number}")
        expected[path.name] = expected_entries(body, url)

    async with Poller(archive, list(feeds.values()), limits) as poller:
        first = {name: await poller.poll_once(feed) for name, feed in feeds.items()}
    wrong = {}
    for name, report in first.items():
        key = feeds[name].key()
        stored = count(archive, articles, articles.c.feed == key) + count(archive, dead, dead.c.feed == key)
        failed = report.outcome not in ("ok", "unchanged")
        if stored != expected[name] or report.new + report.dead != stored or (failed and expected[name]):
            wrong[name] = (expected[name], stored, report)
    assert not wrong
    assert sum(expected.values()) > 1_000
    total = count(archive, articles)
    assert count(archive, outbox) == total
    seen = count(archive, entries)

    async with Poller(archive, list(feeds.values()), limits) as poller:  # a fresh one knows no earlier bytes
        second = {name: await poller.poll_once(feed) for name, feed in feeds.items()}
    changed = {name: report for name, report in second.items() if report.new or report.revised or report.dead}
    assert not changed
    assert {name: report.known for name, report in second.items() if report.known} == {
        name: report.new + report.dead for name, report in first.items() if report.new + report.dead
    }
    assert count(archive, articles) == total
    assert count(archive, outbox) == total
    assert count(archive, entries) == seen


async def test_links_are_those_of_feedparser(shared_dir: Path, feed_server: Any, archive: Archive, limits: Any) -> None:
    async with Poller(archive, [], limits) as poller:
        theirs: set[tuple[str, str]] = set()
        for number, path in enumerate(real_feeds(shared_dir)):
            body = path.read_bytes()
            url = feed_server.serve(f"/{number}/{path.name}", body, "application/xml")
            feed = Feed(url=url, id=f"feed-{number}")
            await poller.poll_once(feed)
            headers = {"content-type": "application/xml", "content-location": url}
            for entry in feedparser.parse(body, response_headers=headers).entries:
                link = dict.get(entry, "link")
                if link and link.startswith("http"):
                    theirs.add((feed.key(), link.replace(" ", "%20")))
    with archive.read() as connection:
        ours = {(row.feed, row.url) for row in connection.execute(select(articles.c.feed, articles.c.url))}
    missing = theirs - ours
    assert len(missing) <= len(theirs) * 0.005, sorted(missing)[:10]

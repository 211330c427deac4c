"""The demonstration's feeds come back whole through feedparser."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import feedparser
import pytest

from newswatch.demo.feeds import Item, link, render
from newswatch.demo.samples import Source, load_samples, load_sources

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def items_of(source: Source) -> list[Item]:
    samples = [sample for sample in load_samples() if sample.feed == source.id]
    return [Item(sample, NOW + timedelta(seconds=number)) for number, sample in enumerate(samples)]


def test_there_are_four_to_six_feeds_in_three_formats_and_languages() -> None:
    sources = load_sources()
    assert 4 <= len(sources) <= 6
    assert {source.format for source in sources} == {"rss2", "atom", "rss1"}
    assert {source.language for source in sources} == {"fr", "en", "ar"}
    assert all(source.host.endswith(".example") for source in sources)


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.id)
def test_every_entry_comes_back_with_id_link_title_date_and_text(source: Source) -> None:
    items = items_of(source)
    assert len(items) >= 7
    parsed = feedparser.parse(render(source, items))
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == {"rss2": "rss20", "atom": "atom10", "rss1": "rss10"}[source.format]
    assert len(parsed.entries) == len(items)
    assert len({entry.id for entry in parsed.entries}) == len(items)
    by_link = {entry.link: entry for entry in parsed.entries}
    for item in items:
        entry = by_link[link(source, item.sample)]
        assert entry.title == item.sample.title
        said = entry.get("published_parsed") or entry.get("updated_parsed")
        assert datetime(*said[:6], tzinfo=UTC) == item.published
        body = " ".join(unescape(re.sub(r"<[^>]+>", " ", entry.summary)).split())
        assert body == item.sample.plain


def test_the_newest_item_stands_first() -> None:
    source = load_sources()[0]
    items = items_of(source)
    parsed = feedparser.parse(render(source, items))
    assert [entry.link for entry in parsed.entries] == [link(source, item.sample) for item in reversed(items)]


@pytest.mark.parametrize("source", load_sources(), ids=lambda source: source.id)
def test_an_empty_feed_is_still_a_feed(source: Source) -> None:
    parsed = feedparser.parse(render(source, []))
    assert not parsed.bozo
    assert parsed.entries == []
    assert parsed.feed.title == source.title

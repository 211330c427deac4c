from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.feeds.catalogue import Feed
from streams.feeds.discover import advertised_feeds
from streams.feeds.opml import read_opml, write_opml

OTHERS = b"""<?xml version="1.0"?>
<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="Syrie"><outline title="Presse">
    <outline text="Le Fil" type="rss" xmlUrl="https://fil.example/rss" htmlUrl="https://fil.example/" language="fr-FR"/>
    <outline text="bad" type="rss" xmlUrl="gopher://fil.example/rss"/>
  </outline></outline>
  <outline type="rss" xmlurl="https://seul.example/feed"/>
  <outline text="a note"/>
</body></opml>"""


def test_lists_of_other_programs_are_read_with_their_groups_and_faults() -> None:
    read = read_opml(OTHERS)
    assert [(str(feed.url), feed.name, feed.group, feed.language) for feed in read.feeds] == [
        ("https://fil.example/rss", "Le Fil", "Syrie / Presse", "fr"),
        ("https://seul.example/feed", "", "", None),
    ]
    assert read.problems == ("line 5: url: URL scheme should be 'http' or 'https'",)


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)


@given(
    st.lists(
        st.builds(
            Feed,
            url=st.integers(0, 99).map(lambda n: f"https://a.example/{n}?a=1&b=2"),
            id=st.sampled_from(["a", "one", "b.2"]),
            name=names,
            group=st.lists(names.filter(bool).filter(lambda n: "/" not in n), max_size=3).map(" / ".join),
            language=st.sampled_from([None, "fr", "ar"]),
            every_seconds=st.sampled_from([None, 60.0, 86_400.0]),
            full_text=st.sampled_from([None, "auto", "always", "never"]),
        ),
        max_size=6,
    )
)
def test_what_is_written_is_read_back(feeds: list[Feed]) -> None:
    read = read_opml(write_opml(feeds))
    assert read.problems == ()
    assert sorted(map(repr, read.feeds)) == sorted(map(repr, feeds))


def test_a_setting_that_may_not_be_is_told_with_its_line() -> None:
    feeds = [Feed(url="https://a.example/", every_seconds=60), Feed(url="https://b.example/", full_text="always")]  # type: ignore[arg-type]
    data = write_opml(feeds).replace(b'every_seconds="60.0"', b'every_seconds="5"').replace(b'"always"', b'"daily"')
    read = read_opml(data)
    assert read.feeds == ()
    assert [problem.partition(":")[0] for problem in read.problems] == ["line 7", "line 8"]
    assert "must be at least 60 and this is 5" in read.problems[0]
    assert "full_text" in read.problems[1]


@pytest.mark.parametrize("data", [b"", b"no xml", b"<rss/>", b"<opml/>", b"<opml><body></opml>"])
def test_what_is_no_opml_is_said_so(data: bytes) -> None:
    with pytest.raises(ValueError, match="no OPML"):
        read_opml(data)


def test_the_feeds_a_page_names() -> None:
    page = """<!doctype html><html><head><base href="/news/">
      <link rel="alternate" type="application/rss+xml" title=" Tout
        le fil " href="rss.xml"><link rel="alternate stylesheet" type="text/css" href="a.css">
      <link rel=alternate type='application/atom+xml; charset=utf-8' href="https://b.example/atom">
      <link rel="alternate" type="application/rss+xml" href="rss.xml">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
      <link rel="alternate" hreflang="fr" href="/fr/"></head><body>"""
    found = advertised_feeds(page.encode(), "https://a.example/index.html")
    assert [(one.url, one.title) for one in found] == [
        ("https://a.example/news/rss.xml", "Tout le fil"),
        ("https://b.example/atom", ""),
    ]
    linked = "<a href='/news/feed/'> The <b>feed</b></a><a href='/feeding/'>x</a><a href='/a/rss.xml?all=1'></a>"
    linked += "<a href='/atom.xml'></a><a href='/feedback'>y</a><a href='/map.rdf'></a><a href='/news/feed/'>again</a>"
    found = advertised_feeds(f"<html><body>{linked}</body></html>".encode(), "https://a.example/")
    assert [(one.url.removeprefix("https://a.example"), one.title) for one in found] == [
        ("/news/feed/", "The feed"), ("/a/rss.xml?all=1", ""), ("/atom.xml", ""), ("/map.rdf", ""),
    ]  # fmt: skip
    assert advertised_feeds((page + linked).encode(), "https://a.example/index.html")[0].title == "Tout le fil"
    assert advertised_feeds(b"", "https://a.example/") == []
    assert advertised_feeds(b"\x00\xff", "https://a.example/") == []

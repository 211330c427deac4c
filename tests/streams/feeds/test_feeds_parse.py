from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.errors import FetchFailed
from streams.feeds.entry import language_of
from streams.feeds.fetch import FetchResult, Validators
from streams.feeds.guard import MAX_TEXT_CHARACTERS
from streams.feeds.parse import ParseFailed, Parser
from streams.feeds.parse_process import parse_document

GOLDEN = Path(__file__).parents[2] / "golden" / "feeds"


def fetched(body: bytes, content_type: str = "application/xml") -> FetchResult:
    return FetchResult(200, "https://feeds.example/dir/feed.xml", body, content_type, Validators())


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
def test_golden_feeds(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    document = parse_document(path.read_bytes(), "application/xml", f"https://feeds.example/dir/{path.name}")
    assert {
        "version": document.version,
        "repeats": document.repeats,
        "entries": [
            {
                "url": entry.url,
                "title": entry.title,
                "text": entry.text,
                "published": entry.published.isoformat() if entry.published else None,
                "language": entry.language,
                "outlet": entry.outlet,
                "empty": entry.is_empty,
            }
            for entry in document.entries
        ],
    } == expected


def test_every_golden_feed_has_its_expectation() -> None:
    assert len(list(GOLDEN.glob("*.xml"))) == len(list(GOLDEN.glob("*.expected.json"))) >= 11


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "text/html; charset=iso-8859-1", "application/rss+xml; charset=x"]
)
def test_what_the_server_says_changes_nothing(path: Path, content_type: str) -> None:
    body = path.read_bytes()
    plain = parse_document(body, "application/xml", "https://feeds.example/dir/feed.xml")
    assert parse_document(body, content_type, "https://feeds.example/dir/feed.xml") == plain


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.xml")), ids=lambda path: path.stem)
def test_each_entry_has_an_identity_of_its_own(path: Path) -> None:
    document = parse_document(path.read_bytes(), "", "https://feeds.example/feed.xml")
    names = [name for entry in document.entries for name in entry.identities]
    assert len(names) == len(set(names))
    assert all(entry.identities for entry in document.entries)


def test_a_5_mb_entry_is_cut_and_says_so() -> None:
    words = "<p>Le convoi avance vers le nord.</p>" * 150_000
    body = (
        '<rss version="2.0"><channel><title>t</title><link>https://big.example/</link>'
        f"<item><title>Long</title><guid>1</guid><description><![CDATA[{words}]]></description></item>"
        "<item><title>Short</title><guid>2</guid><description>Court.</description></item></channel></rss>"
    ).encode()
    assert len(body) > 5_000_000
    long, short = parse_document(body, "", "https://big.example/feed").entries
    assert long.truncated
    assert MAX_TEXT_CHARACTERS - 10 < len(long.text) <= MAX_TEXT_CHARACTERS
    assert long.text.startswith("Le convoi avance vers le nord.\nLe convoi")
    assert (short.text, short.truncated) == ("Court.", False)


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;">]>'
        b"<rss><channel><item><title>&c;</title><link>https://a.example/1</link></item></channel></rss>",
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b"<rss><channel><item><title>t &f;</title></item></channel></rss>",
        b"<rss><channel><item><title>cut in the mid",
        b"<rss><channel><item><content:encoded foo='1'>x</content:encoded><summary_detail>s</summary_detail>"
        b"<links>l</links><content_detail a='b'/><title_detail>t</title_detail><title>t</title></item></channel></rss>",
        b"<rss>" + b"<a>" * 2_000 + b"<item><title>deep</title></item></rss>",
    ],
)
def test_odd_documents_are_read_or_left(body: bytes) -> None:
    document = parse_document(body, "application/xml", "https://a.example/feed")
    assert "root:" not in repr(document)
    assert all(len(entry.title) < 100 for entry in document.entries)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "fr"),
        ("us-en", "en"),
        ("AR", "ar"),
        ("zh_Hant", "zh"),
        ("French", None),
        ("xx", None),
        ("", None),
        (None, None),
    ],
)
def test_language_tags(tag: str | None, language: str | None) -> None:
    assert language_of(tag) == language


async def test_documents_that_are_no_feeds() -> None:
    async with Parser(seconds=30) as parser:
        for body in (b"", b"  \n", b"<html><body>Moved</body></html>", b"\x00\x01\x02", bytes(range(256)) * 50):
            with pytest.raises(FetchFailed) as failure:
                await parser.parse(fetched(body, "text/html"))
            assert failure.value.outcome == "parse"
            assert not isinstance(failure.value, ParseFailed)
        empty = await parser.parse(fetched(b'<rss version="2.0"><channel><title>t</title></channel></rss>'))
        assert empty.entries == ()


async def test_a_document_that_takes_too_long_is_killed_and_the_next_is_read() -> None:
    nested = b"<rss><channel><item><description>" + b"<div>" * 1_000_000 + b"</description></item></channel></rss>"
    feed = b'<rss version="2.0"><channel><item><title>t</title></item></channel></rss>'
    async with Parser(seconds=2.0) as parser:
        with pytest.raises(ParseFailed, match="killed"):
            await parser.parse(fetched(nested))
        assert parser.restarts == 1
        assert [entry.title for entry in (await parser.parse(fetched(feed))).entries] == ["t"]

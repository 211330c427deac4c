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
GOLDEN_FEEDS = sorted(path for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))


def fetched(body: bytes, content_type: str = "application/xml") -> FetchResult:
    return FetchResult(200, "https://feeds.example/dir/feed.xml", body, content_type, Validators())


@pytest.mark.parametrize("path", GOLDEN_FEEDS, ids=lambda path: path.stem)
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
    assert len(GOLDEN_FEEDS) == len(list(GOLDEN.glob("*.expected.json"))) >= 13


@pytest.mark.parametrize("path", GOLDEN_FEEDS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "text/html; charset=iso-8859-1", "application/rss+xml; charset=x"]
)
def test_what_the_server_says_changes_nothing(path: Path, content_type: str) -> None:
    body = path.read_bytes()
    plain = parse_document(body, "application/xml", "https://feeds.example/dir/feed.xml")
    assert parse_document(body, content_type, "https://feeds.example/dir/feed.xml") == plain


@pytest.mark.parametrize("path", GOLDEN_FEEDS, ids=lambda path: path.stem)
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
    nested = b"<rss><channel><description>" + b"<div>" * 1_000_000
    feed = b'<rss version="2.0"><channel><item><title>t</title></item></channel></rss>'
    async with Parser(seconds=2.0) as parser:
        with pytest.raises(ParseFailed, match="killed"):
            await parser.parse(fetched(nested))
        assert parser.restarts == 1
        assert [entry.title for entry in (await parser.parse(fetched(feed))).entries] == ["t"]


async def test_what_feedparser_dies_of_is_read_lightly() -> None:
    item = b"<item><title>Le pont</title><link>https://a.example/1</link><description>%s</description></item>"
    nested = b"<rss version='2.0'><channel>" + item % (b"<div>" * 1_000_000)
    async with Parser(seconds=2.0) as parser:
        (entry,) = (await parser.parse(fetched(nested))).entries
        assert parser.restarts == 1
    assert (entry.title, entry.url) == ("Le pont", "https://a.example/1")


SHALLOW = [path for path in GOLDEN_FEEDS if path.stem != "relative_links"]


@pytest.mark.parametrize("path", SHALLOW, ids=lambda path: path.stem)
def test_the_lighter_parser_tells_entries_apart_as_feedparser_does(path: Path) -> None:
    whole = parse_document(path.read_bytes(), "application/xml", "https://feeds.example/dir/feed.xml")
    light = parse_document(path.read_bytes(), "application/xml", "https://feeds.example/dir/feed.xml", True)
    assert [(e.identities[:1], e.url, e.title, e.published) for e in light.entries] == [
        (e.identities[:1], e.url, e.title, e.published) for e in whole.entries
    ]


@pytest.mark.parametrize("body", [b"{", b"{}", b'{"items": 3}', b'{"items": ["x", 3, null]}', b"{" * 100_000, b"[" * 9])
def test_json_that_is_no_feed_has_no_entries(body: bytes) -> None:
    assert parse_document(body, "application/json", "https://feeds.example/feed.json").entries == ()


@pytest.mark.parametrize(
    "body", [b"", b"<", b"<a/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel>&a;", b"\x00", b"<rss><channel><item"]
)
def test_the_lighter_parser_survives_what_is_broken(body: bytes) -> None:
    assert len(parse_document(body, "", "https://feeds.example/feed", True).entries) <= 1


def test_entities_are_never_expanded_by_the_lighter_parser() -> None:
    bomb = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;'>" % (98 + n, *[97 + n] * 8) for n in range(12)
    )
    body = bomb + b"]><rss version='2.0'><channel><item><title>&m;</title><link>https://a.example/</link></item>"
    (entry,) = parse_document(body, "", "https://feeds.example/feed", True).entries
    assert len(entry.title) < 10

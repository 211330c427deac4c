from __future__ import annotations

import pytest

from streams.feeds.link import as_typed, canonical_link, is_front_page, outlet, web_address


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wire.example", "https://wire.example"),
        (" wire.example:8080/rss ", "https://wire.example:8080/rss"),
        ("feed://wire.example/rss", "https://wire.example/rss"),
        ("feed:http://wire.example/rss", "http://wire.example/rss"),
        ("http://wire.example/rss", "http://wire.example/rss"),
        ("ftp://wire.example/rss", "ftp://wire.example/rss"),
        ("mailto:desk@wire.example", "mailto:desk@wire.example"),
    ],
)
def test_what_a_person_means_by_an_address(typed: str, meant: str) -> None:
    assert as_typed(typed) == meant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.example.org/a/b?utm_source=rss&utm_medium=x", "http://example.org/a/b"),
        ("https://example.org/a/b/", "https://example.org/a/b"),
        ("https://example.org:443/a?id=7&fbclid=Zz", "http://EXAMPLE.org:80/a?id=7"),
        ("https://example.org/a#xtor=RSS-1", "https://example.org/a"),
        ("https://example.org/a?xtor=RSS-3&at_medium=RSS&at_campaign=K", "https://example.org/a"),
    ],
)
def test_addresses_of_one_article_are_equal(one: str, other: str) -> None:
    assert canonical_link(one) == canonical_link(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=7", "https://example.org/a?id=8"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/#!/a", "https://example.org/#!/b"),
        ("https://fr.example.org/a", "https://en.example.org/a"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("tag:example.org,2020:a", "tag:example.org,2020:b"),
    ],
)
def test_addresses_of_two_articles_differ(one: str, other: str) -> None:
    assert canonical_link(one) != canonical_link(other)


@pytest.mark.parametrize(
    ("link", "base", "address"),
    [
        ("/a?b=1", "https://example.org/feed/x.xml", "https://example.org/a?b=1"),
        ("a", "https://example.org/feed/x.xml", "https://example.org/feed/a"),
        ("//cdn.example.org/a", "https://example.org/", "https://cdn.example.org/a"),
        (" https://example.org/a b\n", "", "https://example.org/a%20b"),
        ("https://example.org/حلب", "", "https://example.org/حلب"),
        ("javascript:alert(1)", "https://example.org/", None),
        ("mailto:desk@example.org", "https://example.org/", None),
        ("https://[broken/a", "https://example.org/", None),
        ("https://example.org/" + "a" * 9_000, "", None),
        ("a", "", None),
        (None, "https://example.org/", None),
    ],
)
def test_only_web_addresses_are_kept(link: str | None, base: str, address: str | None) -> None:
    assert web_address(link, base) == address


def test_outlet_is_the_publishing_host() -> None:
    assert outlet("https://www.Example.org:8443/a") == "example.org"
    assert outlet("https://arabic.example.sy./a") == "arabic.example.sy"
    assert outlet("https://[broken/a") == ""
    assert outlet(None) == ""


def test_front_pages() -> None:
    assert is_front_page("https://example.org/")
    assert not is_front_page("https://example.org/?p=1")
    assert not is_front_page("https://example.org/a")

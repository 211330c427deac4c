"""Documents that hurt whoever reads them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from hostile_case import FEED, Case, Heavy, case, made, whole

_DOCTYPE = b"<?xml version='1.0'?><!DOCTYPE rss [%s]>"


def big(make: Callable[[], bytes], kind: str = "application/rss+xml") -> Heavy:
    """An answer with a large document, made when it is asked for, which takes seconds to read."""
    return Heavy(made(lambda: whole(make(), kind=kind)))


def rss(items: bytes, before: bytes = b"<?xml version='1.0'?>") -> bytes:
    """A feed of these items."""
    return before + b"<rss version='2.0'><channel><title>t</title>" + items + b"</channel></rss>"


def item(inside: bytes) -> bytes:
    """One item."""
    return b"<item>" + inside + b"</item>"


def entity(declaration: bytes, use: bytes = b"&x;") -> bytes:
    """A feed whose item has an entity of a doctype as its text."""
    return rss(item(b"<title>Entity</title><description>" + use + b"</description>"), _DOCTYPE % declaration)


def _laughs() -> bytes:
    lines = [b"<!ENTITY l0 'lol'>"]
    lines += [b"<!ENTITY l%d '%s'>" % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 11)]
    return entity(b"".join(lines), b"&l10;")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.xml", bytes(1_000_000))
    return out.getvalue()


_ITEM = b"<item><title>n%d</title><guid isPermaLink='false'>g%d</guid><link>https://hostile.example/%d</link></item>"
_JSON_ITEM = b'{"id":"%d","url":"https://hostile.example/%d","title":"n%d"}'

CASES: tuple[Case, ...] = (
    # entities
    case("billion laughs", whole(_laughs()), "ok parse"),
    case(
        "quadratic blow-up", big(lambda: entity(b"<!ENTITY x '" + b"a" * 50_000 + b"'>", b"&x;" * 50_000)), "ok parse"
    ),
    case("external entity", whole(entity(b"<!ENTITY x SYSTEM 'file:///etc/passwd'>")), "ok parse"),
    case("external entity over http", whole(entity(b"<!ENTITY x SYSTEM 'http://127.0.0.2/x'>")), "ok parse"),
    case(
        "external doctype",
        whole(FEED.replace(b"?><rss", b"?><!DOCTYPE rss SYSTEM 'http://127.0.0.2/x.dtd'><rss")),
        "ok parse",
    ),
    case("parameter entity", whole(entity(b"<!ENTITY % p SYSTEM 'http://127.0.0.2/p'> %p;")), "ok parse"),
    case("entity of itself", whole(entity(b"<!ENTITY x '&x;'>")), "ok parse"),
    case(
        "XInclude",
        whole(
            rss(
                item(
                    b"<title>I</title><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' "
                    b"parse='text' href='file:///etc/passwd'/>"
                )
            )
        ),
        "ok parse",
    ),
    case(
        "stylesheet",
        whole(FEED.replace(b"?><rss", b"?><?xml-stylesheet href='http://127.0.0.2/a.xsl'?><rss")),
        "ok",
        read=True,
    ),
    # shapes
    case("tags a million deep", big(lambda: rss(item(b"<description>" + b"<div>" * 1_000_000))), "ok parse"),
    case("tags 16 MB deep", big(lambda: rss(b"<a>" * 5_000_000)), "ok parse"),
    case(
        "escaped tags a million deep",
        big(lambda: rss(item(b"<title>D</title><description>" + b"&lt;b&gt;" * 900_000 + b"</description>"))),
        "ok parse",
    ),
    case(
        "Atom a million deep",
        big(
            lambda: (
                b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry><content type='xhtml'><div>" + b"<p>" * 900_000
            )
        ),
        "ok parse",
    ),
    case("100,000 entries", big(lambda: rss(b"".join(_ITEM % (n, n, n) for n in range(100_000)))), "ok parse"),
    case("100,000 of one GUID", big(lambda: rss((_ITEM % (1, 1, 1)) * 100_000)), "ok parse"),
    case(
        "100,000 GUIDs in one entry",
        big(lambda: rss(item(b"<title>G</title>" + b"<guid>g</guid>" * 100_000))),
        "ok parse",
    ),
    case(
        "100,000 attributes",
        big(lambda: rss(b"<item " + b"".join(b"a%d='1' " % n for n in range(100_000)) + b"/>")),
        "ok parse",
    ),
    case(
        "100,000 namespaces",
        big(lambda: b"<rss " + b"".join(b"xmlns:n%d='u:%d' " % (n, n) for n in range(100_000)) + b"><channel/></rss>"),
        "ok parse",
    ),
    case("title of 10 MB", big(lambda: rss(item(b"<title>" + b"a" * 10_000_000 + b"</title>"))), "ok parse"),
    case(
        "GUID of 10 MB", big(lambda: rss(item(b"<title>G</title><guid>" + b"g" * 10_000_000 + b"</guid>"))), "ok parse"
    ),
    case("tag name of 10 MB", big(lambda: rss(b"<" + b"a" * 10_000_000 + b"/>")), "ok parse"),
    case("attribute of 10 MB", big(lambda: rss(b"<a b='" + b"c" * 10_000_000 + b"'/>")), "ok parse"),
    case(
        "tags never closed",
        big(lambda: rss(item(b"<title>T</title><description>" + b"&lt;a " * 1_000_000))),
        "ok parse",
    ),
    case("comments never closed", big(lambda: rss(item(b"<description>" + b"&lt;!--" * 500_000))), "ok parse"),
    case("CDATA never closed", big(lambda: rss(item(b"<description>" + b"<![CDATA[" * 300_000))), "ok parse"),
    case("angle brackets", big(lambda: b"<" * 8_000_000), "parse"),
    case(
        "ampersands",
        big(lambda: rss(item(b"<title>A</title><description>" + b"&" * 8_000_000 + b"</description>"))),
        "ok parse",
    ),
    case(
        "combining marks",
        big(lambda: rss(item(b"<title>e" + "\u0301".encode() * 500_000 + b"</title>"))),
        "ok parse",
    ),
    # not what it says
    case("HTML page", whole(b"<!doctype html><html><head><title>x</title><body>" + b"<p>y" * 2_000), "parse"),
    case("HTML as a feed", whole(b"<html><body>no</body></html>", kind="application/rss+xml"), "parse"),
    case("a picture", whole(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500), "parse"),
    case("a zip", whole(_zip()), "parse"),
    case("a program", whole(b"\x7fELF" + bytes(50_000)), "parse"),
    case("feed as a picture", whole(FEED, kind="image/png"), "ok", read=True),
    case("no type", whole(FEED, kind=""), "ok", read=True),
    case("type of 7 KB", whole(FEED, kind="a/" + "b" * 7_000), "ok", read=True),
    case("only a declaration", whole(b"<?xml version='1.0'?>"), "parse"),
    case("an empty root", whole(b"<rss/>"), "ok parse"),
    # bytes
    case("NUL bytes", whole(b"\0".join(FEED[at : at + 1] for at in range(len(FEED)))), "ok parse"),
    case("NULs in between", whole(FEED.replace(b"One", b"O\0n\0e")), "ok", read=True),
    case("nothing but NULs", whole(bytes(100_000)), "parse"),
    case("invalid UTF-8", whole(FEED.replace(b"Nothing", b"\xff\xfe\xc0\x80\xed\xa0\x80")), "ok", read=True),
    case("wrong charset", whole(FEED, kind="text/xml; charset=utf-16"), "ok", read=True),
    case("unknown charset", whole(FEED, kind="text/xml; charset=klingon"), "ok", read=True),
    case("charset that is a codec", whole(FEED, kind="text/xml; charset=zlib"), "ok", read=True),
    case("UTF-7", whole(FEED.replace(b"One", b"+ADw-script+AD4-"), kind="text/xml; charset=utf-7"), "ok"),
    case("UTF-16 cut in a letter", whole(FEED.decode().encode("utf-16")[:-3]), "ok parse"),
    case("three byte order marks", whole(b"\xef\xbb\xbf" * 3 + FEED), "ok", read=True),
    case("control characters", whole(FEED.replace(b"One", bytes(range(1, 32)) + b"One")), "ok", read=True),
    case(
        "references beyond Unicode",
        whole(FEED.replace(b"One", b"O&#x110000;&#99999999999;&#0;&#xD800;ne")),
        "ok",
        read=True,
    ),
    case("reference of 1 MB", big(lambda: FEED.replace(b"One", b"One&#" + b"9" * 1_000_000 + b";")), "ok parse"),
    *(case(f"cut at {part}%", whole(FEED[: len(FEED) * part // 100]), "ok parse") for part in (10, 40, 60, 80, 95)),
    # what it says
    case(
        "dates of no time",
        whole(
            rss(
                b"".join(
                    item(b"<title>d%d</title><pubDate>%s</pubDate>" % pair)
                    for pair in enumerate(
                        (
                            b"Mon, 01 Jan 0000 00:00:00 GMT",
                            b"99999-01-01T00:00:00Z",
                            b"-0001-01-01",
                            b"Mon, 99 Foo 2024 99:99:99 +9999",
                            b"0",
                            b"1e308",
                            b"9" * 10_000,
                            b"2024-02-30T25:61:61+99:99",
                            b"infinity",
                            b"\xd9\xa1\xd9\xa2/\xd9\xa3/2024",
                        )
                    )
                )
            )
        ),
        "ok",
    ),
    case(
        "ttl of ages", whole(FEED.replace(b"<item>", b"<ttl>999999999999999999999999</ttl><item>", 1)), "ok", read=True
    ),
    case(
        "sy: of ages",
        whole(
            FEED.replace(b"<rss", b"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'").replace(
                b"<item>",
                b"<sy:updatePeriod>yearly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency><item>",
                1,
            )
        ),
        "ok",
        read=True,
    ),
    case("links to inside", whole(FEED.replace(b"https://hostile.example/1", b"file:///etc/passwd")), "ok"),
    case("link of javascript", whole(FEED.replace(b"https://hostile.example/1", b"javascript:alert(1)")), "ok"),
    # JSON
    case("JSON a million deep", big(lambda: b'{"items":' + b"[" * 1_000_000), "parse"),
    case("JSON objects a million deep", big(lambda: b'{"a":' * 1_000_000), "parse"),
    case(
        "JSON of 100,000 items",
        big(
            lambda: (
                b'{"version":"https://jsonfeed.org/version/1.1","items":['
                + b",".join(_JSON_ITEM % (n, n, n) for n in range(100_000))
                + b"]}"
            )
        ),
        "ok parse",
    ),
    case("JSON number of 1 MB", big(lambda: b'{"version":"1","items":[{"id":' + b"9" * 1_000_000 + b"}]}"), "parse ok"),
    case(
        "JSON infinities",
        whole(b'{"version":"1","items":[{"id":1e999,"title":"t"},{"id":NaN,"title":"u"}]}'),
        "ok parse",
    ),
    case("JSON of other things", whole(b'{"items":[1,null,"a",[],{"id":{}},{"title":7}]}'), "ok parse"),
    case("JSON cut", whole(b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","ti'), "parse"),
    # sitemaps
    case(
        "sitemap of 100,000",
        big(
            lambda: (
                b"<urlset>"
                + b"".join(b"<url><loc>https://hostile.example/%d</loc></url>" % n for n in range(100_000))
                + b"</urlset>"
            )
        ),
        "ok parse",
    ),
    case("sitemap a million deep", big(lambda: b"<urlset>" + b"<url>" * 1_000_000), "ok parse"),
    case(
        "index of sitemaps",
        whole(b"<sitemapindex><sitemap><loc>http://127.0.0.2/</loc></sitemap></sitemapindex>"),
        "parse",
    ),
)

"""Servers whose HTTP is wrong, endless, slow or a lie."""

from __future__ import annotations

from hostile_case import FEED, Case, case, drips, head, pours, whole

_CHUNKED = head("Transfer-Encoding: chunked")
_NO_LENGTH = head()

CASES: tuple[Case, ...] = (
    # slow
    case("silent", drips(b"", b"", 1.0), "timeout"),
    case("headers by the letter", drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.05), "timeout"),
    case("header lines for ever", drips(b"HTTP/1.1 200 OK\r\n", b"X-Slow: a\r\n", 0.05), "timeout http"),
    case("body by the letter", drips(head("Content-Length: 100000"), b"<", 0.05), "timeout"),
    case("chunks by the letter", drips(_CHUNKED, b"1\r\n<\r\n", 0.05), "timeout"),
    case("chunk size by the digit", drips(_CHUNKED, b"0", 0.05), "timeout http network"),
    # endless
    case("headers poured", pours(b"HTTP/1.1 200 OK\r\n", b"X-Much: " + b"a" * 4_000 + b"\r\n"), "http timeout"),
    case("one header poured", pours(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 65_536), "http"),
    case("short headers poured", pours(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 1_000), "http timeout"),
    case("100 Continue poured", pours(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "http timeout network"),
    case("103 Early Hints poured", pours(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100), "http timeout"),
    case("body poured", pours(_NO_LENGTH, b"<item>" * 10_000), "too_large"),
    case("chunks poured", pours(_CHUNKED, b"ffff\r\n" + b"a" * 65_535 + b"\r\n"), "too_large"),
    case("tiny chunks poured", pours(_CHUNKED, b"1\r\na\r\n" * 5_000), "too_large timeout"),
    case("chunk extensions poured", pours(_CHUNKED + b"1", b";a=" + b"b" * 60_000), "http timeout network too_large"),
    case(
        "trailers poured",
        pours(_CHUNKED + b"0\r\n", b"X-Trailer: " + b"a" * 4_000 + b"\r\n"),
        "http timeout network parse",
    ),
    case("status text poured", pours(b"HTTP/1.1 200 ", b"O" * 65_536), "http"),
    # cut short
    case("closes at once", b"", "network http"),
    case("closes in the status", b"HTTP/1.", "network http"),
    case("closes in the headers", b"HTTP/1.1 200 OK\r\nContent-Type: text/xm", "network http"),
    case("closes in the body", head("Content-Length: 5000") + FEED, "network"),
    case("closes in a chunk", _CHUNKED + b"fff\r\n" + FEED, "network http"),
    case("closes before the last chunk", _CHUNKED + b"%x\r\n" % len(FEED) + FEED + b"\r\n", "network http"),
    # lies
    case("length of a gigabyte", head(f"Content-Length: {1 << 30}") + FEED, "too_large"),
    case("length of 20 digits", head("Content-Length: 99999999999999999999") + FEED, "http too_large"),
    case("negative length", head("Content-Length: -1") + FEED, "http"),
    case("length in words", head("Content-Length: many") + FEED, "http"),
    case("two lengths", head("Content-Length: 10", f"Content-Length: {len(FEED)}") + FEED, "http ok parse"),
    case("length too short", head("Content-Length: 60") + FEED, "http parse ok"),
    case("length and chunks", head("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n", "http parse"),
    case("chunk of no number", _CHUNKED + b"zz\r\n" + FEED, "http network"),
    case("chunk of 17 digits", _CHUNKED + b"fffffffffffffffff\r\n" + FEED, "http network"),
    case("chunk longer than it says", _CHUNKED + b"5\r\n" + FEED + b"\r\n0\r\n\r\n", "http network"),
    case("unknown transfer coding", head("Transfer-Encoding: gzip, who") + FEED, "http ok parse"),
    case("two answers in one", whole(FEED) + whole(FEED.replace(b"One", b"Two")), "http ok"),
    case("a header that folds", head("X-Fold: a\r\n  b", f"Content-Length: {len(FEED)}") + FEED, "ok http"),
    case("NUL in a header", head("X-Nul: a\0b", f"Content-Length: {len(FEED)}") + FEED, "http"),
    case("bytes in a header", head("X-Odd: \xff\xfe", f"Content-Length: {len(FEED)}") + FEED, "ok http"),
    case("header without a colon", head("Nonsense", f"Content-Length: {len(FEED)}") + FEED, "http ok"),
    case(
        "a thousand cookies",
        head(*(f"Set-Cookie: c{n}=1" for n in range(1000)), f"Content-Length: {len(FEED)}") + FEED,
        "ok http",
    ),
    case("ETag of 7 KB", whole(FEED, 'ETag: "' + "a" * 7_000 + '"'), "ok", read=True),
    case("Retry-After of ages", whole(b"", "Retry-After: 99999999999999", status="503 No"), "block"),
    case("Retry-After in the past", whole(b"", "Retry-After: Mon, 01 Jan 1990 00:00:00 GMT", status="429 No"), "block"),
    case("max-age of ages", whole(FEED, "Cache-Control: max-age=99999999999999999"), "ok", read=True),
    case("Expires in year 99999", whole(FEED, "Expires: Fri, 31 Dec 99999 23:59:59 GMT"), "ok", read=True),
    # no HTTP
    case("SSH", b"SSH-2.0-OpenSSH_9.9\r\n", "http network"),
    case("HTTP/0.9", FEED, "http"),
    case("HTTP/9.9", whole(FEED).replace(b"HTTP/1.1", b"HTTP/9.9", 1), "http ok"),
    case("random bytes", bytes(range(256)) * 40, "http network"),
    case("TLS alert", b"\x15\x03\x03\x00\x02\x02\x28", "http network"),
    # statuses that were not asked for
    case("204", head(status="204 No Content"), "http"),
    case("205", whole(b"", status="205 Reset"), "http"),
    case("206", whole(FEED[:50], "Content-Range: bytes 0-49/500", status="206 Partial"), "http"),
    case("304 unasked", head(status="304 Not Modified"), "http"),
    case("101", head("Upgrade: websocket", status="101 Switching Protocols"), "http"),
    case("status 999", whole(FEED, status="999 Denied"), "http"),
    case("status 000", whole(FEED, status="000 Nothing"), "http"),
    case("status of 5 digits", whole(FEED, status="20000 OK"), "http"),
    case("401", whole(b"", "WWW-Authenticate: Basic realm=x", status="401 Unauthorized"), "block"),
    case("407", whole(b"", "Proxy-Authenticate: Basic", status="407 Proxy"), "http"),
    case("empty 200", whole(b""), "parse"),
    case("white space", whole(b" \r\n\t" * 1000), "parse"),
)

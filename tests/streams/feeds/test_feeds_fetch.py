from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import zlib
from typing import Any

import brotli
import pytest
import zstandard
from aiohttp import web

from streams.addresses import AddressPolicy
from streams.errors import FetchFailed
from streams.feeds.fetch import Fetcher, FetchResult, Validators
from streams.feeds.guard import FetchLimits

LOCAL = AddressPolicy(["127.0.0.0/8", "::1"])
FEED = b"<rss><channel><title>t</title></channel></rss>" * 20


async def outcome_of(url: str, limits: FetchLimits | None = None) -> str:
    async with Fetcher("test/1", limits, policy=LOCAL) as fetcher:
        with pytest.raises(FetchFailed) as failure:
            await fetcher.fetch(url)
    assert "\n" not in str(failure.value)
    return failure.value.outcome


async def test_a_document_with_its_validators_and_a_304(feed_server: Any) -> None:
    etag = 'W/"a b\'é,;=="'
    url = feed_server.serve("/feed", FEED, **{"ETag": etag, "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})
    async with Fetcher("test/1", policy=LOCAL) as fetcher:
        first = await fetcher.fetch(url)
        second = await fetcher.fetch(url, first.validators)
    assert (first.status, first.body, first.content_type, first.url) == (200, FEED, "application/rss+xml", url)
    assert first.validators == Validators(etag, "Mon, 01 Jan 2024 00:00:00 GMT")
    assert second.is_unchanged
    assert second.body == b""
    assert second.validators == first.validators
    sent = dict(feed_server.requests[1].raw_headers)
    assert sent[b"If-None-Match"] == etag.encode()
    assert sent[b"If-Modified-Since"] == b"Mon, 01 Jan 2024 00:00:00 GMT"
    assert sent[b"User-Agent"] == b"test/1"


async def test_a_validator_that_cannot_be_sent_back_is_dropped() -> None:
    async def raw(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 200 OK\r\nETag: "\xff"\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(raw, "127.0.0.1", 0)
    async with server, Fetcher("test/1", policy=LOCAL) as fetcher:
        fetched = await fetcher.fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert fetched.body == b"body"
    assert fetched.validators == Validators(None, None)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("x-gzip", gzip.compress(FEED[:100]) + gzip.compress(FEED[100:])),
        ("deflate", zlib.compress(FEED)),
        ("deflate", zlib.compress(FEED)[2:-4]),
        ("gzip", FEED),
        ("identity", FEED),
        ("identity", gzip.compress(FEED, mtime=0)),
        ("br", brotli.compress(FEED)),
        ("zstd", zstandard.compress(FEED)),
        ("zstd", zstandard.compress(FEED[:90]) + zstandard.compress(FEED[90:])),
    ],
)
async def test_content_codings(feed_server: Any, coding: str, body: bytes) -> None:
    url = feed_server.serve("/feed", body, **{"Content-Encoding": coding})
    async with Fetcher("test/1", policy=LOCAL) as fetcher:
        assert (await fetcher.fetch(url)).body == FEED


@pytest.mark.parametrize(
    ("coding", "body", "outcome"),
    [
        ("gzip", gzip.compress(bytes(50_000_000)), "too_large"),
        ("gzip", gzip.compress(FEED, mtime=0)[:-12], "http"),
        ("gzip", b"\x1f\x8b" + b"nonsense" * 4, "http"),
        ("deflate", b"nonsense", "http"),
        ("br", FEED, "http"),
        ("br", brotli.compress(FEED)[:-6], "http"),
        ("br", brotli.compress(bytes(50_000_000)), "too_large"),
        ("zstd", FEED, "http"),
        ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(FEED)[:-6], "http"),
        ("zstd", zstandard.compress(bytes(50_000_000)), "too_large"),
        ("snappy", FEED, "http"),
    ],
)
async def test_codings_that_cannot_be_undone(feed_server: Any, coding: str, body: bytes, outcome: str) -> None:
    url = feed_server.serve("/feed", body, **{"Content-Encoding": coding})
    assert await outcome_of(url, FetchLimits(document_bytes=1_000_000)) == outcome


async def test_documents_over_the_bound(feed_server: Any) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1_000):
            await response.write(bytes(10_000))
        return response

    feed_server.pages["/endless"] = endless
    limits = FetchLimits(document_bytes=100_000)
    assert await outcome_of(feed_server.serve("/announced", bytes(200_000)), limits) == "too_large"
    assert await outcome_of(feed_server.url("/endless"), limits) == "too_large"


async def test_redirects_are_followed_within_bounds(feed_server: Any) -> None:
    def to(where: str) -> Any:
        async def page(_request: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": where})

        return page

    feed_server.serve("/dir/feed", FEED)
    feed_server.pages["/a"] = to("/dir/b")
    feed_server.pages["/dir/b"] = to("feed")
    feed_server.pages["/round"] = to("/round")
    feed_server.pages["/file"] = to("file:///etc/hosts")
    feed_server.pages["/data"] = to("data:text/xml,abc")
    async with Fetcher("test/1", policy=LOCAL) as fetcher:
        fetched = await fetcher.fetch(feed_server.url("/a"))
    assert fetched.url == feed_server.url("/dir/feed")
    assert fetched.body == FEED
    before = len(feed_server.requests)
    assert await outcome_of(feed_server.url("/round")) == "http"
    assert len(feed_server.requests) - before == 6
    assert await outcome_of(feed_server.url("/file")) == "refused"
    assert await outcome_of(feed_server.url("/data")) == "refused"


async def test_failures_have_classes(feed_server: Any) -> None:
    async def unasked(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=304)

    feed_server.pages["/304"] = unasked
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
        assert await outcome_of(f"http://127.0.0.1:{closed}/") == "network"
    assert await outcome_of(feed_server.url("/missing")) == "http"
    assert await outcome_of(feed_server.url("/304")) == "http"
    assert await outcome_of(feed_server.url("/").replace("http:", "https:")) == "tls"
    assert await outcome_of("http://no-such-host.invalid/") == "dns"
    assert await outcome_of("ftp://127.0.0.1/") == "refused"
    assert await outcome_of("http:///nowhere") == "refused"
    assert await outcome_of("http://127.0.0.1:99999/") == "refused"
    assert await outcome_of(feed_server.url("/" + "a" * 9_000)) == "refused"


async def test_a_slow_answer_ends_at_the_limit(feed_server: Any) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    feed_server.pages["/drip"] = dripping
    assert await outcome_of(feed_server.url("/drip"), FetchLimits(seconds=0.3)) == "timeout"


async def test_a_body_cut_short_is_no_document() -> None:
    async def raw(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(raw, "127.0.0.1", 0)
    async with server:
        assert await outcome_of(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/") == "network"


async def chunked(sizes: list[int]) -> FetchResult:
    """The answer of a server that sends its body in chunks of these sizes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        writer.write(b"".join(b"%x\r\n%s\r\n" % (size, b"a" * size) for size in [*sizes, 0]))
        with contextlib.suppress(OSError):  # who has read enough hangs up
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, Fetcher("test/1", policy=LOCAL) as fetcher:
        return await fetcher.fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")


async def test_a_body_in_a_flood_of_tiny_chunks_is_refused_and_one_in_small_ones_is_read() -> None:
    with pytest.raises(FetchFailed, match="more than 10000 chunks, of 1 bytes each") as failure:
        await chunked([1] * 30_000)
    assert failure.value.outcome == "too_large"
    assert len((await chunked([1] * 3_000)).body) == 3_000
    assert len((await chunked([100] * 12_000)).body) == 1_200_000


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433"])
async def test_a_private_address_is_refused_however_it_is_spelled(feed_server: Any, host: str) -> None:
    feed_server.serve("/feed", FEED)
    async with Fetcher("test/1") as fetcher:
        with pytest.raises(FetchFailed) as failure:
            await fetcher.fetch(f"http://{host}:{feed_server.port}/feed")
    assert failure.value.outcome == "refused"
    assert "only the operator can allow it" in str(failure.value)
    assert feed_server.requests == []


async def test_a_redirect_to_a_private_address_is_refused(feed_server: Any) -> None:
    feed_server.serve("/inside", FEED)
    feed_server.pages["/feed"] = web.Response(
        status=302, headers={"Location": f"http://localhost:{feed_server.port}/inside"}
    )
    async with Fetcher("test/1", policy=AddressPolicy(["127.0.0.1/32"])) as fetcher:
        # the name is allowed by its address, which is what counts
        assert (await fetcher.fetch(feed_server.url("/feed"))).body == FEED
    feed_server.pages["/feed"] = web.Response(status=302, headers={"Location": "http://169.254.169.254/latest/"})
    async with Fetcher("test/1", policy=LOCAL) as fetcher:
        with pytest.raises(FetchFailed, match="link-local") as failure:
            await fetcher.fetch(feed_server.url("/feed"))
    assert failure.value.outcome == "refused"

"""Bodies that swell, lie about their coding, or never end."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable

import brotli
import zstandard
from hostile_case import FEED, Answer, Case, case, made, whole

_MB = 1024 * 1024
_BOMB = 40 * _MB


def coded(coding: str, make: Callable[[], bytes]) -> Answer:
    """The answer with this body, which is made when it is asked for."""
    return made(lambda: whole(make(), f"Content-Encoding: {coding}"))


def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(_BOMB), 1)


def _deflate_bomb() -> bytes:
    return zlib.compress(bytes(_BOMB), 1)


def _zstd_window() -> bytes:
    """A frame that asks for a window of 2 GB."""
    return b"\x28\xb5\x2f\xfd\x00" + bytes([0xA8]) + b"\x03\x00\x00" + b"\x00" * 100


def _zstd_run_length() -> bytes:
    """Blocks of one byte that each stand for 128 KB."""
    block = struct.pack("<I", (1 << 1) | (128 * 1024 << 3))[:3] + b"a"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * 4_000


def _layers(count: int) -> bytes:
    body = bytes(20 * _MB)
    for _ in range(count):
        body = gzip.compress(body, 1)
    return body


CASES: tuple[Case, ...] = (
    case("gzip bomb", coded("gzip", _gzip_bomb), "too_large"),
    case("gzip bomb unannounced", coded("identity", _gzip_bomb), "too_large"),
    case("deflate bomb", coded("deflate", _deflate_bomb), "too_large"),
    case("raw deflate bomb", coded("deflate", lambda: _deflate_bomb()[2:]), "too_large"),
    case("br bomb", coded("br", lambda: brotli.compress(bytes(_BOMB), quality=1)), "too_large"),
    case("zstd bomb", coded("zstd", lambda: zstandard.compress(bytes(_BOMB))), "too_large"),
    case("zstd run length bomb", coded("zstd", _zstd_run_length), "too_large http"),
    case("zstd window of 2 GB", coded("zstd", _zstd_window), "http"),
    case("gzip in gzip", coded("gzip, gzip", lambda: _layers(2)), "too_large"),
    case("gzip in gzip unannounced", coded("gzip", lambda: _layers(2)), "too_large"),
    case("gzip five deep", coded(", ".join(["gzip"] * 5), lambda: _layers(5)), "too_large http"),
    case(
        "br in zstd in gzip",
        coded("br, zstd, gzip", lambda: gzip.compress(zstandard.compress(brotli.compress(bytes(50 * _MB), quality=1)))),
        "too_large",
    ),
    case("a thousand codings", whole(FEED, "Content-Encoding: " + "gzip, " * 1_000 + "gzip"), "ok http", read=False),
    case("empty gzip members", coded("gzip", lambda: gzip.compress(b"", mtime=0) * 200_000), "http parse too_large"),
    case("empty zstd frames", coded("zstd", lambda: zstandard.compress(b"") * 300_000), "http parse too_large"),
    case("zstd frames to skip", coded("zstd", lambda: b"\x50\x2a\x4d\x18\0\0\0\0" * 500_000), "http parse too_large"),
    case("gzip bit flips", whole(gzip.compress(FEED)[:30] + b"\xff" * 60, "Content-Encoding: gzip"), "http"),
    case("gzip cut short", whole(gzip.compress(FEED, mtime=0)[:-9], "Content-Encoding: gzip"), "http"),
    case("gzip wrong checksum", whole(gzip.compress(FEED)[:-8] + b"\0" * 8, "Content-Encoding: gzip"), "http"),
    case("gzip name of 1 MB", coded("gzip", lambda: b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"a" * _MB), "http"),
    case("gzip with a tail", whole(gzip.compress(FEED) + b"tail" * 99, "Content-Encoding: gzip"), "ok", read=True),
    case("br cut short", whole(brotli.compress(FEED)[:-5], "Content-Encoding: br"), "http"),
    case("br with a tail", whole(brotli.compress(FEED) + b"tail" * 99, "Content-Encoding: br"), "ok http"),
    case("br that is not", whole(FEED, "Content-Encoding: br"), "http"),
    case("zstd that is not", whole(FEED, "Content-Encoding: zstd"), "http"),
    case("unknown coding", whole(FEED, "Content-Encoding: exi"), "http"),
    case("coding of 7 KB", whole(FEED, "Content-Encoding: " + "x" * 7_000), "http"),
    case("compress, an old coding", whole(b"\x1f\x9d\x90" + FEED, "Content-Encoding: compress"), "http"),
)

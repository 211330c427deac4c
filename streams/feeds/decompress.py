"""Content codings undone within a bound, so that a small body cannot swell past it."""

from __future__ import annotations

import zlib

from streams.errors import FetchFailed

ACCEPTED = "gzip, deflate"
"""What we ask servers for (`Accept-Encoding`)."""
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_STEP = 256 * 1024


def decompress(body: bytes, coding: str, limit: int) -> bytes:
    """`body` without its content coding (the value of `Content-Encoding`).

    A body that is gzip without saying so is opened too. Raises FetchFailed: `too_large` when more than `limit`
    bytes come out, `http` when the coding is unknown or the stream is broken or cut short.
    """
    names = [name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")]
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            # some servers say gzip of a body they left plain
            body = _inflate(body, _GZIP_WINDOW, limit) if body.startswith(_GZIP_MAGIC) else body
        elif name == "deflate":
            body = _inflate(body, zlib.MAX_WBITS if _has_zlib_header(body) else -zlib.MAX_WBITS, limit)
        else:
            raise FetchFailed("http", f"unknown Content-Encoding {name[:40]!r}")
    if body.startswith(_GZIP_MAGIC):
        body = _inflate(body, _GZIP_WINDOW, limit)
    if len(body) > limit:
        raise FetchFailed("too_large", f"more than {limit} bytes")
    return body


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    rest = body
    while rest:
        stream = zlib.decompressobj(window)
        try:
            while rest and not stream.eof:
                piece = stream.decompress(rest, _STEP)
                rest = stream.unconsumed_tail
                size += len(piece)
                pieces.append(piece)
                if size > limit:
                    raise FetchFailed("too_large", f"more than {limit} bytes after decompression")
            if not stream.eof:
                tail = stream.flush()
                size += len(tail)
                pieces.append(tail)
        except zlib.error as error:
            raise FetchFailed("http", f"broken compressed body: {error}") from error
        if not stream.eof:
            raise FetchFailed("http", "the compressed body is cut short")
        # further gzip members may follow; anything else at the end is padding
        rest = stream.unused_data if stream.unused_data.startswith(_GZIP_MAGIC) else b""
    if size > limit:
        raise FetchFailed("too_large", f"more than {limit} bytes after decompression")
    return b"".join(pieces)

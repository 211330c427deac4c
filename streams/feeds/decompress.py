"""Content codings undone within a bound, so that a small body cannot swell past it."""

from __future__ import annotations

import zlib

import brotli
import zstandard

from streams.errors import FetchFailed

ACCEPTED = "gzip, deflate, br, zstd"
"""What we ask servers for (`Accept-Encoding`)."""
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_STEP = 256 * 1024
_ZSTD_WINDOW = 8 * 1024 * 1024
"""What RFC 8878 asks every reader to allow, and no more: the window is memory."""
_MOST_CODINGS = 3
_MOST_MEMBERS = 1_000
"""Bodies are joined of parts by some servers; a body of more parts is made to be slow."""
_ZSTD_STEP = 64
"""Bytes taken in at once: three of them may swell to 128 KiB."""


def decompress(body: bytes, coding: str, limit: int) -> bytes:
    """`body` without its content coding (the value of `Content-Encoding`).

    A body that is gzip without saying so is opened too. Raises FetchFailed: `too_large` when more than `limit`
    bytes come out, `http` when the coding is unknown or the stream is broken or cut short.
    """
    names = [name.strip().lower() for name in coding.split(",") if name.strip().lower() not in ("", "identity")]
    if len(names) > _MOST_CODINGS:
        raise FetchFailed("http", f"{len(names)} content codings one over another; {_MOST_CODINGS} are the bound")
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            # some servers say gzip of a body they left plain
            body = _inflate(body, _GZIP_WINDOW, limit) if is_gzip(body) else body
        elif name == "deflate":
            body = _inflate(body, zlib.MAX_WBITS if _has_zlib_header(body) else -zlib.MAX_WBITS, limit)
        elif name == "br":
            body = _unbrotli(body, limit)
        elif name == "zstd":
            body = _unzstd(body, limit)
        else:
            raise FetchFailed("http", f"unknown Content-Encoding {name[:40]!r}")
    if is_gzip(body):
        body = _inflate(body, _GZIP_WINDOW, limit)
    if len(body) > limit:
        raise FetchFailed("too_large", f"more than {limit} bytes")
    return body


def is_gzip(body: bytes) -> bool:
    """Whether a body is gzip, whatever its server says."""
    return body.startswith(_GZIP_MAGIC)


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = members = at = 0
    while at < len(body):
        members = _counted(members)
        stream = zlib.decompressobj(window)
        try:
            while at < len(body) and not stream.eof:
                taken = body[at : at + _STEP]
                piece = stream.decompress(taken, _STEP)
                at += len(taken) - len(stream.unconsumed_tail) - len(stream.unused_data)
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
        if not body.startswith(_GZIP_MAGIC, at):
            break
    if size > limit:
        raise FetchFailed("too_large", f"more than {limit} bytes after decompression")
    return b"".join(pieces)


def _counted(members: int) -> int:
    if members >= _MOST_MEMBERS:
        raise FetchFailed("http", f"a compressed body of more than {_MOST_MEMBERS} parts")
    return members + 1


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    pieces: list[bytes] = []
    size = 0
    rest = body
    try:
        while not stream.is_finished():
            piece = stream.process(rest, output_buffer_limit=_STEP)
            if not piece and not rest and not stream.is_finished():
                raise FetchFailed("http", "the compressed body is cut short")
            rest = b""
            size += len(piece)
            pieces.append(piece)
            if size > limit:
                raise FetchFailed("too_large", f"more than {limit} bytes after decompression")
    except brotli.error as error:
        raise FetchFailed("http", f"broken compressed body: {error}") from error
    return b"".join(pieces)


def _unzstd(body: bytes, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = members = at = 0
    frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    try:
        while at < len(body):
            members = _counted(members)
            stream = frames.decompressobj()
            while at < len(body) and not stream.eof:
                taken = body[at : at + _ZSTD_STEP]
                piece = stream.decompress(taken)
                at += len(taken) - len(stream.unused_data)
                size += len(piece)
                pieces.append(piece)
                if size > limit:
                    raise FetchFailed("too_large", f"more than {limit} bytes after decompression")
            if not stream.eof:
                raise FetchFailed("http", "the compressed body is cut short")
    except zstandard.ZstdError as error:
        raise FetchFailed("http", f"broken compressed body: {error}") from error
    return b"".join(pieces)

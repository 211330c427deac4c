"""One feed document over HTTP, conditionally and within bounds."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from yarl import URL

from streams.addresses import AddressPolicy
from streams.clock import utc_now
from streams.errors import FetchFailed, MovedElsewhere
from streams.feeds.bulk import SMALL_BYTES, Bulk, Hold
from streams.feeds.decompress import ACCEPTED, decompress, is_gzip
from streams.feeds.failure_classes import classed, unsuccessful
from streams.feeds.guard import MAX_REDIRECTS, MAX_VALIDATOR_CHARACTERS, FetchLimits, check_url
from streams.feeds.hints import cache_seconds
from streams.feeds.hub import NO_HUB, HubLinks, in_headers
from streams.feeds.resolve import Resolver
from streams.feeds.sips import SippingSocket

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_SAME_METHOD = frozenset({307, 308})
_PIECES = 16
"""Pieces of a body that are taken before others have their turn."""
_TINY_BYTES, _MOST_TINY = 64, 10_000
"""A body of more chunks than this is refused where they are smaller than that: each costs as much as a large one."""
_MOST_SAID = 500
"""Bytes of an answer to a form that are read, to tell a person."""
_RECEIVED = 32 * 1024
"""What the system takes in of an answer before we do: as much as may be poured over us at once."""
_AT_ONCE = 64 * 1024
"""Bytes that are worked on at once; a larger body is opened in a thread, so that nothing else waits meanwhile."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave us to ask with next time, as it gave it."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The answer to one fetch; a 304 has an empty body and the validators that were sent."""

    status: int
    url: str
    """Where the document was found, after redirects."""
    body: bytes
    content_type: str
    validators: Validators
    hint_seconds: float | None = None
    """How long the server says the answer stays as it is."""
    moved_to: str | None = None
    """Where it is from now on, when every redirect on the way was one for good."""
    hub_links: HubLinks = NO_HUB
    """What its `Link` headers say of a hub."""

    @property
    def is_unchanged(self) -> bool:
        """True for a 304."""
        return self.status == 304


class Fetcher:
    """An HTTP client for feeds, pages and hubs; an asynchronous context manager that owns its connections.

    `accept` and `coding` are what is asked for.
    """

    def __init__(
        self,
        user_agent: str,
        limits: FetchLimits | None = None,
        *,
        connections: int = 64,
        policy: AddressPolicy | None = None,
        accept: str = _ACCEPT,
        coding: str = ACCEPTED,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": accept, "Accept-Encoding": coding}
        self._limits = limits or FetchLimits()
        self._policy = policy or AddressPolicy()
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._opening: ThreadPoolExecutor | None = None
        self.bulk = Bulk()

    async def __aenter__(self) -> Fetcher:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections,
                limit_per_host=1,
                resolver=Resolver(),
                socket_factory=self._socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # one limit over all hops is set below
            auto_decompress=False,  # decompression has a bound of its own
            headers=self._headers,
        )
        self._opening = ThreadPoolExecutor(2, thread_name_prefix="open-body")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._opening is not None:
            self._opening.shutdown(wait=False, cancel_futures=True)
            self._opening = None

    def _socket(self, about: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        one = self._policy.socket(about, SippingSocket)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
        return one

    async def fetch(
        self, url: str, validators: Validators | None = None, hold: Hold | None = None, *, follow: bool = True
    ) -> FetchResult:
        """Fetch `url`, asking only for what changed since `validators`; `hold` is the caller's, on the memory it takes.

        Raises FetchFailed with the class of the failure: `dns`, `network`, `tls`, `http` (a status that is no
        success, or an answer that is not HTTP), `block` (a server that will not answer us now), `gone` (410),
        `timeout`, `too_large`, `refused`; and MovedElsewhere for a redirect that it is not to `follow`.
        """
        async with self.bulk.hold() as own, classed(self._limits.seconds) as deadline:
            return await self._follow(url, validators or Validators(), _Patience(hold or own, deadline), follow)

    async def post(self, url: str, form: Mapping[str, str]) -> str:
        """Send a form; the beginning of what the server says to it. Raises as `fetch`, for all but a 2xx."""
        assert self._session is not None, "the fetcher is used inside `async with`"
        async with classed(self._limits.seconds):
            here = url
            for _ in range(MAX_REDIRECTS + 1):
                self._policy.check(check_url(here))
                async with self._session.post(URL(here), data=form, allow_redirects=False) as response:
                    if response.status in _SAME_METHOD and "Location" in response.headers:
                        here = str(response.url.join(URL(response.headers["Location"])))
                        continue
                    said = (await response.content.read(_MOST_SAID)).decode("utf-8", "replace")
                    if not 200 <= response.status < 300:
                        raise unsuccessful(response, "".join(filter(str.isprintable, " ".join(said.split())))[:200])
                    return said
            raise FetchFailed("http", f"more than {MAX_REDIRECTS} redirects", status=302)

    async def fingerprint(self, body: bytes) -> str:
        """A document's BLAKE2b digest, in hexadecimal."""
        if len(body) <= _AT_ONCE:
            return _fingerprint(body)
        return await asyncio.get_running_loop().run_in_executor(self._opening, _fingerprint, body)

    async def _follow(self, url: str, validators: Validators, patience: _Patience, follow: bool) -> FetchResult:
        assert self._session is not None, "the fetcher is used inside `async with`"
        here = url
        for_good = True
        for _ in range(MAX_REDIRECTS + 1):
            self._policy.check(check_url(here))
            async with self._session.get(
                URL(here), headers=_conditional(validators), allow_redirects=False
            ) as response:
                if response.status in _REDIRECTS and "Location" in response.headers:
                    here = str(response.url.join(URL(response.headers["Location"])))
                    for_good = for_good and response.status in _FOR_GOOD
                    if not follow:
                        raise MovedElsewhere(here, response.status)
                    continue
                return await self._read(response, validators, patience, here if for_good and here != url else None)
        raise FetchFailed("http", f"more than {MAX_REDIRECTS} redirects", status=302)

    async def _read(
        self, response: aiohttp.ClientResponse, validators: Validators, patience: _Patience, moved_to: str | None
    ) -> FetchResult:
        url, now = str(response.url), utc_now()
        content_type = response.headers.get("Content-Type", "")
        if response.status == 304 and (validators.etag or validators.last_modified):
            hint = cache_seconds(response.headers, now)
            return FetchResult(304, url, b"", content_type, validators, hint, moved_to)
        if response.status not in (200, 203):
            raise unsuccessful(response)
        body = await self._opened(
            await self._body(response, patience), response.headers.get("Content-Encoding", ""), patience
        )
        hint = cache_seconds(response.headers, now)
        links = in_headers(response.headers.getall("Link", ()), url)
        return FetchResult(response.status, url, body, content_type, _validators(response), hint, moved_to, links)

    async def _opened(self, body: bytes, coding: str, patience: _Patience) -> bytes:
        limit = self._limits.document_bytes
        if len(body) <= _AT_ONCE or not (coding or is_gzip(body)):
            try:
                return decompress(body, coding, limit if not coding and not is_gzip(body) else min(limit, SMALL_BYTES))
            except FetchFailed as failure:
                if failure.outcome != "too_large" or limit <= SMALL_BYTES:
                    raise
        await patience.grow(limit)
        opening = asyncio.get_running_loop().run_in_executor(self._opening, decompress, body, coding, limit)
        return await opening

    async def _body(self, response: aiohttp.ClientResponse, patience: _Patience) -> bytes:
        limit = self._limits.document_bytes
        if (response.content_length or 0) > limit and not self._limits.cut:
            raise FetchFailed("too_large", f"{response.content_length} bytes announced, {limit} are the bound")
        pieces: list[bytes] = []
        size = chunks = 0
        async for piece, ends_chunk in response.content.iter_chunks():
            size += len(piece)
            chunks += ends_chunk
            if size > limit and not self._limits.cut:
                raise FetchFailed("too_large", f"more than {limit} bytes")
            if chunks > _MOST_TINY and size < chunks * _TINY_BYTES:
                raise FetchFailed("too_large", f"more than {_MOST_TINY} chunks, of {size / chunks:.0f} bytes each")
            await patience.grow(size)
            pieces.append(piece)
            if size > limit:
                return b"".join(pieces)[:limit]
            if len(pieces) % _PIECES == 0:
                await asyncio.sleep(0)  # what is there already is never waited for, and would hold up all others
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Patience:
    """One fetch's hold on memory and its deadline: to wait for leave is no fault of the server's."""

    hold: Hold
    deadline: asyncio.Timeout

    async def grow(self, size: int) -> None:
        if self.hold.may_have(size):
            return
        when = self.deadline.when()
        self.deadline.reschedule(None)
        waited = await self.hold.grow(size)
        self.deadline.reschedule(when + waited if when is not None else None)


def _fingerprint(body: bytes) -> str:
    return hashlib.blake2b(body).hexdigest()


def _conditional(validators: Validators) -> dict[str, str]:
    headers = {}
    if validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _validators(response: aiohttp.ClientResponse) -> Validators:
    return Validators(_exact(response, b"etag"), _exact(response, b"last-modified"))


def _exact(response: aiohttp.ClientResponse, name: bytes) -> str | None:
    """The header's value where it can be sent back byte for byte, else None (the next fetch is a full one)."""
    values = [value for key, value in response.raw_headers if key.lower() == name]
    if not values:
        return None
    try:
        value = values[0].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return value if value.isprintable() and 0 < len(value) <= MAX_VALIDATOR_CHARACTERS else None

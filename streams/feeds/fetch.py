"""One feed document over HTTP, conditionally and within bounds."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from yarl import URL

from streams.addresses import AddressPolicy, AddressRefused
from streams.clock import utc_now
from streams.errors import FetchFailed
from streams.feeds.bulk import SMALL_BYTES, Bulk, Hold
from streams.feeds.decompress import ACCEPTED, decompress, is_gzip
from streams.feeds.guard import MAX_REDIRECTS, MAX_VALIDATOR_CHARACTERS, FetchLimits, check_url
from streams.feeds.hints import cache_seconds, retry_after_seconds
from streams.feeds.resolve import Resolver

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_BLOCKED = frozenset({401, 403, 406, 429, 451, 503})
"""Answers of servers that could, but will not now."""
_GONE = 410
_CHUNK = 4 * 1024
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

    @property
    def is_unchanged(self) -> bool:
        """True for a 304."""
        return self.status == 304


class Fetcher:
    """An HTTP client for feeds; an asynchronous context manager that owns its connections."""

    def __init__(
        self,
        user_agent: str,
        limits: FetchLimits | None = None,
        *,
        connections: int = 64,
        policy: AddressPolicy | None = None,
    ) -> None:
        self._user_agent = user_agent
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
            headers={"User-Agent": self._user_agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPTED},
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
        one = self._policy.socket(about)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
        return one

    async def fetch(self, url: str, validators: Validators | None = None, hold: Hold | None = None) -> FetchResult:
        """Fetch `url`, asking only for what changed since `validators`; `hold` is the caller's, on the memory it takes.

        Raises FetchFailed with the class of the failure: `dns`, `network`, `tls`, `http` (a status that is no
        success, or an answer that is not HTTP), `block` (a server that will not answer us now), `gone` (410),
        `timeout`, `too_large`, `refused`.
        """
        try:
            async with self.bulk.hold() as own, asyncio.timeout(self._limits.seconds) as deadline:
                return await self._follow(url, validators or Validators(), _Patience(hold or own, deadline))
        except TimeoutError as error:
            raise FetchFailed("timeout", f"no whole answer within {self._limits.seconds:g} s") from error
        except AddressRefused as error:
            raise FetchFailed("refused", str(error)) from error
        except aiohttp.ClientConnectorDNSError as error:
            raise FetchFailed("dns", _one_line(error)) from error
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise FetchFailed("tls", _one_line(error)) from error
        except aiohttp.ClientResponseError as error:  # its message goes on with the bytes themselves
            raise FetchFailed(
                "http", f"no HTTP as it should be: {error.message.partition(chr(10))[0][:300]}"
            ) from error
        except aiohttp.InvalidURL as error:
            raise FetchFailed("refused", _one_line(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            refused = _refused(error)
            if refused is not None:
                raise FetchFailed("refused", str(refused)) from error
            raise FetchFailed("network", _one_line(error)) from error
        except ValueError as error:  # yarl and idna over addresses that cannot be
            raise FetchFailed("refused", _one_line(error)) from error

    async def fingerprint(self, fetched: FetchResult) -> bytes:
        """A digest of a document and its type: the same where a parser would read the same."""
        if len(fetched.body) <= _AT_ONCE:
            return _fingerprint(fetched)
        return await asyncio.get_running_loop().run_in_executor(self._opening, _fingerprint, fetched)

    async def _follow(self, url: str, validators: Validators, patience: _Patience) -> FetchResult:
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
                    continue
                return await self._read(response, validators, patience, here if for_good and here != url else None)
        raise FetchFailed("http", f"more than {MAX_REDIRECTS} redirects")

    async def _read(
        self, response: aiohttp.ClientResponse, validators: Validators, patience: _Patience, moved_to: str | None
    ) -> FetchResult:
        url, now = str(response.url), utc_now()
        content_type = response.headers.get("Content-Type", "")
        if response.status == 304 and (validators.etag or validators.last_modified):
            hint = cache_seconds(response.headers, now)
            return FetchResult(304, url, b"", content_type, validators, hint, moved_to)
        if response.status not in (200, 203):
            outcome = "block" if response.status in _BLOCKED else "gone" if response.status == _GONE else "http"
            said = f"status {response.status} {response.reason or ''}".rstrip()
            raise FetchFailed(outcome, said, retry_after_seconds(response.headers, now))
        body = await self._opened(
            await self._body(response, patience), response.headers.get("Content-Encoding", ""), patience
        )
        hint = cache_seconds(response.headers, now)
        return FetchResult(response.status, url, body, content_type, _validators(response), hint, moved_to)

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
        if (response.content_length or 0) > limit:
            raise FetchFailed("too_large", f"{response.content_length} bytes announced, {limit} are the bound")
        pieces: list[bytes] = []
        size = 0
        async for piece in response.content.iter_chunked(_CHUNK):
            size += len(piece)
            if size > limit:
                raise FetchFailed("too_large", f"more than {limit} bytes")
            await patience.grow(size)
            pieces.append(piece)
            await asyncio.sleep(0)  # a body of many tiny chunks is never waited for, and would hold up all others
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


def _fingerprint(fetched: FetchResult) -> bytes:
    digest = hashlib.blake2b(fetched.content_type.encode("utf-8", "replace") + b"\n")
    digest.update(fetched.body)
    return digest.digest()


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


def _refused(error: BaseException) -> AddressRefused | None:
    """The refusal behind a failure to connect: every address of a name is tried, and one refusal is the reason."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        if isinstance(one, AddressRefused):
            return one
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
        waiting += getattr(one, "exceptions", ())
    return None


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]

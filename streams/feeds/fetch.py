"""One feed document over HTTP, conditionally and within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from yarl import URL

from streams.addresses import AddressPolicy, AddressRefused
from streams.clock import utc_now
from streams.errors import FetchFailed, MovedElsewhere
from streams.feeds.decompress import ACCEPTED, decompress
from streams.feeds.guard import MAX_REDIRECTS, MAX_VALIDATOR_CHARACTERS, FetchLimits, check_url
from streams.feeds.hints import cache_seconds, retry_after_seconds
from streams.feeds.hub import NO_HUB, HubLinks, in_headers

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_SAME_METHOD = frozenset({307, 308})
_BLOCKED = frozenset({401, 403, 406, 429, 451, 503})
"""Answers of servers that could, but will not now."""
_GONE = 410
_CHUNK = 64 * 1024
_MOST_SAID = 500
"""Bytes of an answer to a form that are read, to tell a person."""


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

    async def __aenter__(self) -> Fetcher:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=self._connections, limit_per_host=1, socket_factory=self._policy.socket
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # one limit over all hops is set below
            auto_decompress=False,  # decompression has a bound of its own
            headers=self._headers,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def fetch(self, url: str, validators: Validators | None = None, *, follow: bool = True) -> FetchResult:
        """Fetch `url`, asking only for what changed since `validators`.

        Raises FetchFailed with the class of the failure: `dns`, `network`, `tls`, `http` (a status that is no
        success, or an answer that is not HTTP), `block` (a server that will not answer us now), `gone` (410),
        `timeout`, `too_large`, `refused`; and MovedElsewhere for a redirect that it is not to `follow`.
        """
        async with self._classed():
            return await self._follow(url, validators or Validators(), follow)

    async def post(self, url: str, form: Mapping[str, str]) -> str:
        """Send a form; the beginning of what the server says to it. Raises as `fetch`, for all but a 2xx."""
        assert self._session is not None, "the fetcher is used inside `async with`"
        async with self._classed():
            here = url
            for _ in range(MAX_REDIRECTS + 1):
                self._policy.check(check_url(here))
                async with self._session.post(URL(here), data=form, allow_redirects=False) as response:
                    if response.status in _SAME_METHOD and "Location" in response.headers:
                        here = str(response.url.join(URL(response.headers["Location"])))
                        continue
                    said = (await response.content.read(_MOST_SAID)).decode("utf-8", "replace")
                    if not 200 <= response.status < 300:
                        raise _unsuccessful(response, "".join(filter(str.isprintable, " ".join(said.split())))[:200])
                    return said
            raise FetchFailed("http", f"more than {MAX_REDIRECTS} redirects", status=302)

    @contextlib.asynccontextmanager
    async def _classed(self) -> AsyncIterator[None]:
        """A limit on time, and every failure with its class."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                yield
        except TimeoutError as error:
            raise FetchFailed("timeout", f"no whole answer within {self._limits.seconds:g} s") from error
        except AddressRefused as error:
            raise FetchFailed("refused", str(error)) from error
        except aiohttp.ClientConnectorDNSError as error:
            raise FetchFailed("dns", _one_line(error)) from error
        except (aiohttp.ClientSSLError, ssl.SSLError) as error:
            raise FetchFailed("tls", _one_line(error)) from error
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL) as error:
            raise FetchFailed("http", _one_line(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            refused = _refused(error)
            if refused is not None:
                raise FetchFailed("refused", str(refused)) from error
            raise FetchFailed("network", _one_line(error)) from error
        except ValueError as error:  # yarl and idna over addresses that cannot be
            raise FetchFailed("refused", _one_line(error)) from error

    async def _follow(self, url: str, validators: Validators, follow: bool) -> FetchResult:
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
                return await self._read(response, validators, here if for_good and here != url else None)
        raise FetchFailed("http", f"more than {MAX_REDIRECTS} redirects", status=302)

    async def _read(
        self, response: aiohttp.ClientResponse, validators: Validators, moved_to: str | None
    ) -> FetchResult:
        url, now = str(response.url), utc_now()
        content_type = response.headers.get("Content-Type", "")
        if response.status == 304 and (validators.etag or validators.last_modified):
            hint = cache_seconds(response.headers, now)
            return FetchResult(304, url, b"", content_type, validators, hint, moved_to)
        if response.status not in (200, 203):
            raise _unsuccessful(response)
        body = decompress(
            await self._body(response), response.headers.get("Content-Encoding", ""), self._limits.document_bytes
        )
        hint = cache_seconds(response.headers, now)
        links = in_headers(response.headers.getall("Link", ()), url)
        return FetchResult(response.status, url, body, content_type, _validators(response), hint, moved_to, links)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.document_bytes
        if (response.content_length or 0) > limit and not self._limits.cut:
            raise FetchFailed("too_large", f"{response.content_length} bytes announced, {limit} are the bound")
        pieces: list[bytes] = []
        size = 0
        async for piece in response.content.iter_chunked(_CHUNK):
            size += len(piece)
            if size > limit and not self._limits.cut:
                raise FetchFailed("too_large", f"more than {limit} bytes")
            pieces.append(piece)
            if size > limit:
                return b"".join(pieces)[:limit]
        return b"".join(pieces)


def _unsuccessful(response: aiohttp.ClientResponse, more: str = "") -> FetchFailed:
    outcome = "block" if response.status in _BLOCKED else "gone" if response.status == _GONE else "http"
    said = f"status {response.status} {response.reason or ''}".rstrip() + (f": {more}" if more else "")
    return FetchFailed(outcome, said, retry_after_seconds(response.headers, utc_now()), response.status)


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

"""Every way in which asking a server can fail, told apart."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import aiohttp

from streams.addresses import AddressRefused, refusal_behind
from streams.clock import utc_now
from streams.errors import FetchFailed
from streams.feeds.hints import retry_after_seconds

_BLOCKED = frozenset({401, 403, 406, 429, 451, 503})
"""Answers of servers that could, but will not now."""
_GONE = 410

ALLOWED_BY = "poll.allow_networks"
"""The setting that lets feeds be fetched from addresses that are not public."""


@contextlib.asynccontextmanager
async def classed(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """A limit on the time of the block, which may be moved; whatever fails in it is a FetchFailed of its class."""
    try:
        async with asyncio.timeout(seconds) as deadline:
            yield deadline
    except TimeoutError as error:
        raise FetchFailed("timeout", f"no whole answer within {seconds:g} s") from error
    except AddressRefused as error:
        raise FetchFailed("refused", f"{error}, under {ALLOWED_BY}") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise FetchFailed("dns", _one_line(error)) from error
    except (aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise FetchFailed("tls", _one_line(error)) from error
    except aiohttp.ClientResponseError as error:  # its message goes on with the bytes themselves
        raise FetchFailed("http", f"no HTTP as it should be: {error.message.partition(chr(10))[0][:300]}") from error
    except aiohttp.InvalidURL as error:
        raise FetchFailed("refused", _one_line(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        refused = refusal_behind(error)
        if refused is not None:
            raise FetchFailed("refused", f"{refused}, under {ALLOWED_BY}") from error
        raise FetchFailed("network", _one_line(error)) from error
    except ValueError as error:  # yarl and idna over addresses that cannot be
        raise FetchFailed("refused", _one_line(error)) from error


def unsuccessful(response: aiohttp.ClientResponse, more: str = "") -> FetchFailed:
    """The failure that an answer which is no success stands for; `more` is what it says besides."""
    outcome = "block" if response.status in _BLOCKED else "gone" if response.status == _GONE else "http"
    said = f"status {response.status} {response.reason or ''}".rstrip() + (f": {more}" if more else "")
    return FetchFailed(outcome, said, retry_after_seconds(response.headers, utc_now()), response.status)


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]

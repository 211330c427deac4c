"""One POST to an endpoint, and what its answer means for the delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import aiohttp
from yarl import URL

from agents.notify.secret import without
from streams.addresses import AddressPolicy, refusal_behind
from streams.errors import DeliveryFailed, DeliveryRefused
from streams.feeds.hints import retry_after_seconds

_GONE = 410
_MOST_ANSWER_BYTES = 2048


def session_with(policy: AddressPolicy | None) -> aiohttp.ClientSession:
    """A client that dials only what `policy` lets it (anything where it is None); the caller closes it."""
    # No bound on connections: each endpoint has its own on deliveries at once.
    connector = aiohttp.TCPConnector(limit=0, socket_factory=None if policy is None else policy.socket)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def post(
    session: aiohttp.ClientSession,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    now: datetime,
    auth: aiohttp.BasicAuth | None = None,
) -> str:
    """Post a body; what was answered where it was a success (any 2xx), in one line.

    Raises DeliveryRefused on 410 and DeliveryFailed on anything else (with `Retry-After` where one was given).
    """
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with session.post(
            URL(url), data=body, headers=headers, timeout=timeout, allow_redirects=False, auth=auth
        ) as response:
            if response.status == _GONE:
                raise DeliveryRefused("the endpoint answered 410 Gone: remove it from the settings")
            if not 200 <= response.status < 300:
                said = f"the endpoint answered {await _answer(response)}"
                raise DeliveryFailed(said, retry_after_seconds(response.headers, now))
            return f"{response.status} {response.reason or ''}".rstrip()
    except TimeoutError as error:
        raise DeliveryFailed(f"no whole answer within {seconds:g} s") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        refused = refusal_behind(error)
        why = f"{refused}, under notify.allow_networks" if refused else f"{type(error).__name__}: {error}".rstrip(": ")
        raise DeliveryFailed(without(why, URL(url).path, URL(url).query_string)) from error


async def _answer(response: aiohttp.ClientResponse) -> str:
    """The status and the beginning of what came with it; an endpoint's words are kept short and on one line."""
    head = f"{response.status} {response.reason or ''}".rstrip()
    try:
        raw = await response.content.read(_MOST_ANSWER_BYTES)
    except aiohttp.ClientError:
        return head
    text = "".join(one if one.isprintable() else " " for one in raw.decode("utf-8", "replace"))
    words = " ".join(text.split())[:200]
    return f"{head}: {words}" if words else head

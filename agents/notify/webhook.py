"""Alerts by HTTP POST, with the delivery's id in `webhook-id` so that a receiver knows a repeat."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from agents.notify.endpoint import WebhookEndpoint
from agents.notify.render import webhook_body
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock
from streams.errors import DeliveryFailed, DeliveryRefused

_GONE = 410


async def deliver(session: aiohttp.ClientSession, endpoint: WebhookEndpoint, due: DueDelivery, clock: Clock) -> None:
    """Post one alert; any 2xx answer takes it.

    Raises DeliveryRefused on 410 and DeliveryFailed on anything else (with `Retry-After` where one was given).
    """
    now = clock()
    headers = {
        "content-type": "application/json",
        "user-agent": "newswatch",
        "webhook-id": due.id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    timeout = aiohttp.ClientTimeout(total=endpoint.timeout_seconds)
    try:
        async with session.post(
            str(endpoint.url),
            data=webhook_body(due.alert, now),
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            if response.ok and response.status < 300:
                return
            if response.status == _GONE:
                raise DeliveryRefused("the endpoint answered 410 Gone: remove it from the settings")
            raise DeliveryFailed(f"the endpoint answered {response.status}", _seconds(response.headers))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}".rstrip(": ")) from error


def _seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None

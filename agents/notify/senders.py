"""How an alert goes to each kind of endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from agents.notify import console, webhook
from agents.notify.endpoint import ConsoleEndpoint, Endpoint
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock

Send = Callable[[DueDelivery], Awaitable[None]]
"""Delivers one alert; raises DeliveryFailed, or DeliveryRefused where the endpoint wants no more of them."""
CONSOLE_SECONDS = 10.0


def sender_of(endpoint: Endpoint, session: aiohttp.ClientSession, clock: Clock) -> Send:
    """The way to an endpoint."""
    if isinstance(endpoint, ConsoleEndpoint):
        return console.deliver

    async def post(due: DueDelivery) -> None:
        await webhook.deliver(session, endpoint, due, clock)

    return post


def longest_attempt_seconds(endpoint: Endpoint) -> float:
    """How long one attempt may take."""
    return CONSOLE_SECONDS if isinstance(endpoint, ConsoleEndpoint) else endpoint.timeout_seconds

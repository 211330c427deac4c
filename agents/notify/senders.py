"""How an alert goes to each kind of endpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import assert_never

import aiohttp

from agents.notify import alertmanager, console, mail, webhook
from agents.notify.endpoint import (
    AlertmanagerEndpoint,
    AppriseEndpoint,
    ConsoleEndpoint,
    EmailEndpoint,
    Endpoint,
    KafkaEndpoint,
    WebhookEndpoint,
)
from agents.notify.http import session_with
from agents.notify.secret import reveal
from agents.notify.topic import FindKafka, TopicSender
from streams.addresses import AddressPolicy
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock
from streams.errors import BrokerUnavailable, ConfigInvalid
from streams.kafka import Kafka
from streams.records import Alert

Send = Callable[[DueDelivery], Awaitable[str]]
"""Delivers one alert and says what the endpoint answered, in one line.

Raises DeliveryFailed, or DeliveryRefused where the endpoint wants no more of them.
"""
Earlier = Callable[[Alert], Awaitable[list[Alert]]]
"""How an alert was told before its revision, oldest first."""


class Senders:
    """What the endpoints' senders share: their connections. An asynchronous context manager."""

    def __init__(
        self, clock: Clock, policy: AddressPolicy, earlier: Earlier, find_kafka: FindKafka | None = None
    ) -> None:
        self._clock = clock
        self._policy = policy
        self._earlier = earlier
        self._find_kafka = find_kafka
        self._stack = AsyncExitStack()
        self._public: aiohttp.ClientSession | None = None
        self._inside: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Senders:
        # A webhook's address may be anybody's word; that of the operator's own Alertmanager is the operator's.
        self._public = await self._stack.enter_async_context(session_with(self._policy))
        self._inside = await self._stack.enter_async_context(session_with(None))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def sender_of(self, endpoint: Endpoint) -> Send:
        """The way to an endpoint; raises ConfigInvalid where one of its secrets is not there or is wrong."""
        assert self._public is not None
        assert self._inside is not None
        if isinstance(endpoint, ConsoleEndpoint):
            return console.deliver
        if isinstance(endpoint, WebhookEndpoint):
            return _webhook(self._public, endpoint, self._clock)
        if isinstance(endpoint, AlertmanagerEndpoint):
            return _alertmanager(self._inside, endpoint, self._earlier, self._clock)
        if isinstance(endpoint, EmailEndpoint):
            return _mail(endpoint, self._clock)
        if isinstance(endpoint, AppriseEndpoint):
            return _apprise(endpoint)
        if isinstance(endpoint, KafkaEndpoint):
            sender = TopicSender(endpoint, self._find_kafka or _no_kafka)
            self._stack.push_async_callback(sender.close)
            return sender.deliver
        assert_never(endpoint)


def _webhook(session: aiohttp.ClientSession, endpoint: WebhookEndpoint, clock: Clock) -> Send:
    signers = webhook.signers_of(endpoint)

    async def send(due: DueDelivery) -> str:
        return await webhook.deliver(session, endpoint, signers, due, clock)

    return send


def _alertmanager(
    session: aiohttp.ClientSession, endpoint: AlertmanagerEndpoint, earlier: Earlier, clock: Clock
) -> Send:
    password = None if endpoint.password is None else _revealed(endpoint)
    auth = aiohttp.BasicAuth(endpoint.username, password or "", "utf-8") if endpoint.username else None

    async def send(due: DueDelivery) -> str:
        before = await earlier(due.alert) if due.alert.revision > 1 else []
        return await alertmanager.deliver(session, endpoint, auth, due, before, clock)

    return send


def _mail(endpoint: EmailEndpoint, clock: Clock) -> Send:
    password = None if endpoint.password is None else _revealed(endpoint)

    async def send(due: DueDelivery) -> str:
        return await mail.deliver(endpoint, password, due, clock)

    return send


def _apprise(endpoint: AppriseEndpoint) -> Send:
    from agents.notify import apprise_url  # noqa: PLC0415 - heavy, and few have such an endpoint

    service = apprise_url.service_of(endpoint, _revealed(endpoint))

    async def send(due: DueDelivery) -> str:
        return await apprise_url.deliver(endpoint, service, due)

    return send


def _revealed(endpoint: AlertmanagerEndpoint | EmailEndpoint | AppriseEndpoint) -> str:
    secret = endpoint.url if isinstance(endpoint, AppriseEndpoint) else endpoint.password
    assert secret is not None
    try:
        return reveal(secret)
    except ConfigInvalid as error:
        raise ConfigInvalid([f"endpoint {endpoint.id}: {error}"]) from None


async def _no_kafka() -> Kafka:
    raise BrokerUnavailable("there is no Kafka here: give the endpoint a bootstrap")

"""Alerts by HTTP POST and the Standard Webhooks scheme: a stable id against repeats, a timestamp, signatures."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp

from agents.notify.endpoint import WebhookEndpoint
from agents.notify.http import post
from agents.notify.render import webhook_body
from agents.notify.secret import reveal
from agents.notify.signature import NoSecret, Signer, signature_header, signer_of
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock
from streams.errors import ConfigInvalid


def signers_of(endpoint: WebhookEndpoint) -> list[Signer]:
    """One for each secret, in their order; raises ConfigInvalid where one is not there or is none."""
    signers = []
    for number, secret in enumerate(endpoint.secrets, 1):
        try:
            signers.append(signer_of(reveal(secret)))
        except NoSecret as error:
            raise ConfigInvalid([f"endpoint {endpoint.id}, secret {number}: {error}"]) from None
        except ConfigInvalid as error:
            raise ConfigInvalid([f"endpoint {endpoint.id}, secret {number}: {error}"]) from None
    return signers


async def deliver(
    session: aiohttp.ClientSession,
    endpoint: WebhookEndpoint,
    signers: Sequence[Signer],
    due: DueDelivery,
    clock: Clock,
) -> str:
    """Post a delivery; any 2xx answer takes it, and is what is returned.

    Raises DeliveryRefused on 410 and DeliveryFailed on anything else (with `Retry-After` where one was given).
    """
    now = clock()
    timestamp = int(now.timestamp())
    body = webhook_body(due, now)
    headers = {
        "content-type": "application/json",
        "user-agent": "newswatch",
        "webhook-id": due.id,
        "webhook-timestamp": str(timestamp),
    }
    if signers:
        headers["webhook-signature"] = signature_header(signers, due.id, timestamp, body)
    return await post(session, str(endpoint.url), body, headers, endpoint.timeout_seconds, now)

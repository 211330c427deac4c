"""Alerts to any service that Apprise knows (chat, pagers, SMS), by its URL. The URL is a secret: it holds tokens."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

from apprise import Apprise, NotifyFormat, NotifyType

from agents.notify import defaults
from agents.notify.bundle import bundle_text, bundle_title, worst_severity
from agents.notify.endpoint import AppriseEndpoint
from agents.notify.secret import without
from agents.notify.template import render
from streams.archive.deliveries import DueDelivery
from streams.errors import ConfigInvalid, DeliveryFailed

_LOG = logging.getLogger("apprise")
_LOG.propagate = False  # its words may hold tokens: they are read here, and told without them
_KEPT_SECRET: set[str] = set()
"""Every part of every URL in use."""
_TYPES = {"critical": NotifyType.FAILURE, "warning": NotifyType.WARNING, "info": NotifyType.INFO}


def service_of(endpoint: AppriseEndpoint, url: str) -> Any:
    """Apprise's own sender; raises ConfigInvalid where it does not know the URL."""
    service = Apprise()
    _KEPT_SECRET.update([url, *_tokens(url)])
    if not service.add(url):
        raise ConfigInvalid([f"endpoint {endpoint.id}: its url is none that Apprise knows"])
    return service


async def deliver(endpoint: AppriseEndpoint, service: Any, due: DueDelivery) -> str:
    """Send one alert; raises DeliveryFailed with what Apprise says of it, tokens taken out."""
    alert = due.alert
    if due.others:
        title, text = bundle_title(due, endpoint.language), bundle_text(due, endpoint.language)
    else:
        title = " ".join(render(endpoint.templates.title or defaults.TITLE, alert, endpoint.language).split())
        text = render(endpoint.templates.text or defaults.TEXT, alert, endpoint.language)
    kind = _TYPES.get(worst_severity(due), NotifyType.INFO)
    taken, said = await asyncio.to_thread(_send, service, title, text, kind)
    if not taken:
        raise DeliveryFailed(f"Apprise: {without(said, *_KEPT_SECRET) or 'the service did not take it'}")
    return "Apprise says that the service took it"


class _Words(logging.Handler):
    """What Apprise says meanwhile: of other endpoints too where several fail at once, since its threads are its own."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def _send(service: Any, title: str, text: str, kind: Any) -> tuple[bool, str]:
    words = _Words()
    _LOG.addHandler(words)
    try:
        taken = service.notify(body=text, title=title, notify_type=kind, body_format=NotifyFormat.TEXT)
    finally:
        _LOG.removeHandler(words)
    return bool(taken), " ".join(words.said)


def _tokens(url: str) -> list[str]:
    """Every part of the URL that may be a secret."""
    return [part for part in re.split(r"[/@:?&=,]+", url.partition("://")[2]) if len(part) > 5]

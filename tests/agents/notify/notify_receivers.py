"""What takes alerts in tests: an HTTP server and a mail server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from agents.notify.endpoint import Endpoint
from agents.notify.sample import trial_alert
from agents.notify.senders import Senders
from streams.addresses import AddressPolicy
from streams.archive.deliveries import DueDelivery
from streams.broker import free_port
from streams.clock import utc_now
from streams.ids import delivery_id
from streams.records import Alert

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOPBACK = AddressPolicy(["127.0.0.0/8"])


def an_alert(**changes: Any) -> Alert:
    """A convincing alert that is no test."""
    plain = replace(
        trial_alert(NOON),
        id="a1b2c3",
        watch="road",
        watch_name="Road to Khanasser",
        severity="warning",
        title="Convoy <leaves> & halts",
        quote="A convoy left Khanasser on Monday.",
        quote_spans=((14, 23),),
        reason="Khanasser is on the road",
    )
    return replace(plain, **changes)


def due(alert: Alert, endpoint: str = "desk") -> DueDelivery:
    """The delivery of an alert that is owed since an hour."""
    identity = delivery_id(alert.id, alert.revision, endpoint)
    return DueDelivery(identity, endpoint, 0, utc_now() - timedelta(hours=1), alert)


async def send(endpoint: Endpoint, alert: Alert, earlier: list[Alert] | None = None, policy: Any = LOOPBACK) -> str:
    """Deliver one alert as the notifier does."""

    async def before(_alert: Alert) -> list[Alert]:
        return earlier or []

    async with Senders(utc_now, policy, before) as senders:
        return await senders.sender_of(endpoint)(due(alert, endpoint.id))


@dataclass
class Posts:
    """What an HTTP server was sent, and what it answers."""

    url: str = ""
    status: int = 200
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.taken.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        return web.Response(status=self.status, text=self.text, headers=self.headers)


@asynccontextmanager
async def http_server() -> AsyncIterator[Posts]:
    posts = Posts()
    app = web.Application()
    app.router.add_post("/{tail:.*}", posts.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    posts.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield posts
    await runner.cleanup()


@dataclass
class Mails:
    """What a mail server was sent; `refuse` is what it answers to a mail instead of taking it."""

    port: int = 0
    refuse: str = ""
    taken: list[Envelope] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        if self.refuse:
            return self.refuse
        self.taken.append(envelope)
        return "250 OK"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, given: Any) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"open sesame", handled=False)


@contextmanager
def mail_server() -> Iterator[Mails]:
    mails = Mails()
    mails.port = free_port()  # the controller connects to itself, so it must know its number
    controller = Controller(
        mails, hostname="127.0.0.1", port=mails.port, authenticator=mails.authenticate, auth_require_tls=False
    )
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()

"""Alerts by e-mail: text and HTML over SMTP, all mails of one alert in one thread."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from agents.notify import defaults
from agents.notify.bundle import bundle_html, bundle_text, bundle_title, worst_severity
from agents.notify.endpoint import EmailEndpoint
from agents.notify.secret import without
from agents.notify.template import render
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock
from streams.errors import DeliveryFailed
from streams.ids import delivery_id

_LONGEST_SUBJECT = 200
_PRIORITY = {"critical": "1 (Highest)", "warning": "2 (High)", "info": "3 (Normal)"}


def mail_of(endpoint: EmailEndpoint, due: DueDelivery, now: datetime) -> EmailMessage:
    """The mail of one delivery; its Message-ID is made of the delivery's id, so a repeat can be known."""
    alert = due.alert
    told = endpoint.templates
    mail = EmailMessage(policy=SMTP)
    if due.others:
        subject = bundle_title(due, endpoint.language)
        text: str = bundle_text(due, endpoint.language)
        html: str | None = bundle_html(due, endpoint.language)
    else:
        subject = render(told.title or defaults.TITLE, alert, endpoint.language)
        text = render(told.text or defaults.TEXT, alert, endpoint.language)
        source = told.html or (None if told.text else defaults.HTML)  # one's own text is not set beside our HTML
        html = None if source is None else render(source, alert, endpoint.language, html=True)
    mail["Subject"] = _one_line(subject)[:_LONGEST_SUBJECT]
    mail["From"] = _address(endpoint.sender)
    mail["To"] = tuple(_address(one) for one in endpoint.to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = _message_id(endpoint, due.id)
    before = [
        _message_id(endpoint, delivery_id(alert.id, revision, endpoint.id)) for revision in range(1, alert.revision)
    ]
    if before:
        mail["In-Reply-To"] = before[0]
        mail["References"] = " ".join(_shortened(before))
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Priority"] = _PRIORITY.get(worst_severity(due), "3 (Normal)")
    mail["X-Newswatch-Watch"] = alert.watch
    mail["X-Newswatch-Status"] = alert.status
    mail.set_content(_sound(text))
    if html is not None:
        mail.add_alternative(_sound(html), subtype="html")
    mail["Content-Language"] = endpoint.language  # last: setting a content takes such headers away
    return mail


async def deliver(endpoint: EmailEndpoint, password: str | None, due: DueDelivery, clock: Clock) -> str:
    """Mail one alert; what the server said in one line. Raises DeliveryFailed."""
    mail = mail_of(endpoint, due, clock())
    try:
        refused = await asyncio.to_thread(_send, endpoint, password, mail)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        said = f"{endpoint.host}:{endpoint.port}: {_said(error)}"
        raise DeliveryFailed(without(said, password or "")) from error
    taken = len(endpoint.to) - len(refused)
    return f"{endpoint.host} took it for {taken} of {len(endpoint.to)}" + (
        f"; not for {', '.join(sorted(refused))}" if refused else ""
    )


def _send(endpoint: EmailEndpoint, password: str | None, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
    seconds = endpoint.timeout_seconds
    trusted = ssl.create_default_context()
    if endpoint.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(endpoint.host, endpoint.port, timeout=seconds, context=trusted)
    else:
        server = smtplib.SMTP(endpoint.host, endpoint.port, timeout=seconds)
    with server:
        if endpoint.security == "starttls":
            server.starttls(context=trusted)
        if password is not None:
            server.login(endpoint.username, password)
        return server.send_message(mail)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"the mail server answered {error.smtp_code}: {words}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        each = [f"{to} ({code} {words.decode('utf-8', 'replace')})" for to, (code, words) in error.recipients.items()]
        return f"the mail server refused every recipient: {', '.join(each)}"
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _message_id(endpoint: EmailEndpoint, delivery: str) -> str:
    domain = endpoint.sender.rpartition("@")[2]
    return f"<{delivery}@{domain}>"


def _shortened(references: Sequence[str]) -> list[str]:
    """The first and the latest, where there are many: RFC 5322 lines are short."""
    return [*references[:1], *references[1:][-9:]]


def _address(mailbox: str) -> Address:
    local, _, domain = mailbox.rpartition("@")
    return Address(username=local, domain=domain)


def _one_line(text: str) -> str:
    return " ".join(_sound(text).split())


def _sound(text: str) -> str:
    """Without lone surrogates and control characters, which no mail may hold."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(one for one in sound if one in "\n\t" or (ord(one) >= 32 and ord(one) != 127))

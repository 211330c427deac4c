"""Mails as a real SMTP server takes them and the email package reads them."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from notify_receivers import Mails, an_alert, mail_server, send

from agents.notify.endpoint import EmailEndpoint
from streams.errors import DeliveryFailed


def endpoint(mails: Mails, **changes: Any) -> EmailEndpoint:
    values: dict[str, Any] = {
        "id": "desk",
        "kind": "email",
        "host": "127.0.0.1",
        "port": mails.port,
        "security": "none",
        "sender": "watch@outlet.example",
        "to": ["a@desk.example", "b@desk.example"],
        "timeout_seconds": 5,
    }
    return EmailEndpoint.model_validate(values | changes)


def parsed(raw: Any) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    for part in mail.walk():
        assert not part.defects
    return mail


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_mail_is_whole_with_text_and_html() -> None:
    with mail_server() as mails:
        said = await send(endpoint(mails), an_alert())
        assert said == "127.0.0.1 took it for 2 of 2"
    (envelope,) = mails.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("watch@outlet.example", ["a@desk.example", "b@desk.example"])
    mail = parsed(envelope.content)
    assert mail["Subject"] == "Alert: Road to Khanasser (warning)"
    assert mail["To"] == "a@desk.example, b@desk.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime is not None
    assert mail["References"] is None
    text, html = text_of(mail, "plain"), text_of(mail, "html")
    assert "« A convoy left [Khanasser] on Monday. »" in text
    for part in ("https://example.org/newswatch-test", "openstreetmap.org", "Khanasser is on the road", "90 %"):
        assert part in text
    assert "A convoy left <mark>Khanasser</mark> on Monday." in html
    assert "Convoy &lt;leaves&gt; &amp; halts" in html
    assert "<leaves>" not in html


async def test_all_mails_of_one_alert_are_one_thread_and_a_repeat_is_known() -> None:
    with mail_server() as mails:
        for revision in (1, 1, 2, 3):
            await send(endpoint(mails), an_alert(revision=revision))
        await send(endpoint(mails, id="other"), an_alert())
    first, again, second, third, other = (parsed(envelope.content) for envelope in mails.taken)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]


async def test_arabic_and_hostile_text_arrive_in_every_language() -> None:
    alert = an_alert(
        watch_name="طريق\r\nBcc: x@evil.example", quote="خرجت قافلة من خناصر\x00.", quote_spans=((14, 19),)
    )
    with mail_server() as mails:
        for language in ("fr", "ar"):
            await send(endpoint(mails, language=language), alert)
    french, arabic = (parsed(envelope.content) for envelope in mails.taken)
    assert french["Subject"] == "Alerte: طريق Bcc: x@evil.example (avertissement)"
    assert french["Bcc"] is None
    assert (french["Content-Language"], arabic["Content-Language"]) == ("fr", "ar")
    assert 'dir="rtl"' in text_of(arabic, "html")
    assert "[خناصر]" in text_of(arabic, "plain")
    assert arabic["Subject"].startswith("تنبيه")


async def test_ones_own_templates_take_the_place_of_the_texts() -> None:
    own = {"title": "{{ severity|upper }} {{ watch }}", "text": "{{ quote_marked }} {{ places[0:1]|length }}\n"}
    with mail_server() as mails:
        await send(endpoint(mails, templates=own), an_alert())
        await send(endpoint(mails, templates=own | {"html": "<p>{{ title }}</p>"}), an_alert())
    plain, both = (parsed(envelope.content) for envelope in mails.taken)
    assert plain["Subject"] == "WARNING road"
    assert plain.get_content().strip() == "A convoy left [Khanasser] on Monday. 1"
    assert text_of(both, "html").strip() == "<p>Convoy &lt;leaves&gt; &amp; halts</p>"


async def test_a_login_is_made_and_its_password_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "open sesame")
    with mail_server() as mails:
        await send(endpoint(mails, username="watch", password="env:MAIL_PASSWORD"), an_alert())
        assert mails.logins == [("watch", "open sesame")]
        wrong = endpoint(mails, username="watch", password="let me in please")
        with pytest.raises(DeliveryFailed, match="535") as failed:
            await send(wrong, an_alert())
    assert "let me in please" not in f"{failed.value}{wrong!r}{wrong.model_dump_json()}"


async def test_what_the_mail_server_does_not_take_is_tried_again() -> None:
    with mail_server() as mails:
        mails.refuse = "451 not now"
        with pytest.raises(DeliveryFailed, match="451: not now"):
            await send(endpoint(mails), an_alert())
        with pytest.raises(DeliveryFailed, match=r"(?i)starttls"):
            await send(endpoint(mails, security="starttls"), an_alert())
        port = mails.port
    assert mails.taken == []
    with pytest.raises(DeliveryFailed, match=f"127.0.0.1:{port}"):
        await send(endpoint(mails), an_alert())

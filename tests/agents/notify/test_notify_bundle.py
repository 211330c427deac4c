"""Several alerts in one delivery, to each kind of endpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from notify_receivers import an_alert, due

from agents.notify import alertmanager, console
from agents.notify.bundle import bundle_html, bundle_text, bundle_title, each_of, worst_severity
from agents.notify.endpoint import AlertmanagerEndpoint, EmailEndpoint
from agents.notify.mail import mail_of
from agents.notify.render import webhook_body
from agents.notify.words import BUNDLES, LANGUAGES
from streams.archive.deliveries import DueDelivery
from streams.ids import delivery_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def several(count: int, why: str = "limited") -> DueDelivery:
    others = [an_alert(id=f"alert{number}", watch_name=f"Watch {number}") for number in range(2, count + 1)]
    others[0] = replace(others[0], severity="critical", changes=("new place: Athriya",))
    return replace(due(an_alert()), others=tuple(others), why=why)


def test_the_text_shows_ten_and_says_how_many_more() -> None:
    text = bundle_text(several(24), "en")
    assert text.startswith(BUNDLES["en"]["limited"])
    assert text.count("« A convoy left [Khanasser] on Monday. »") == 10
    assert "  - new place: Athriya" in text
    assert "and 14 more: Watch 11, Watch 12" in text
    assert "more" not in bundle_text(several(10), "en").split("\n\n", 1)[1]
    assert bundle_title(several(24), "en") == "24 alerts: Road to Khanasser, Watch 2, Watch 3 and 21 more"
    assert bundle_title(several(2), "fr") == "2 alertes: Road to Khanasser, Watch 2"


def test_every_language_has_the_words_of_every_reason() -> None:
    reasons = {"digested", "grouped", "limited", "muted", "snoozed"}
    for language in LANGUAGES:
        assert set(BUNDLES[language]) == {"alerts", "more", "comma", *reasons}
        for why in reasons:
            assert bundle_text(several(2, why), language).startswith(BUNDLES[language][why])


def test_the_html_escapes_what_stood_in_articles() -> None:
    html = bundle_html(several(12), "ar")
    assert 'dir="rtl"' in html
    assert "Convoy &lt;leaves&gt; &amp; halts" in html
    assert "<mark>Khanasser</mark>" in html
    assert "<leaves>" not in html


def test_a_mail_of_several_is_one_mail() -> None:
    endpoint = EmailEndpoint(
        id="desk", kind="email", host="mail.example", sender="newswatch@example.org", to=("desk@example.org",)
    )
    mail = mail_of(endpoint, several(3), NOW)
    assert mail["Subject"] == "3 alerts: Road to Khanasser, Watch 2, Watch 3"
    assert mail["X-Priority"] == "1 (Highest)"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_a_webhook_has_every_alert() -> None:
    body: dict[str, Any] = json.loads(webhook_body(several(24), NOW))
    assert (body["type"], body["data"]["why"]) == ("alerts", "limited")
    assert [one["id"] for one in body["data"]["alerts"]] == ["a1b2c3", *(f"alert{n}" for n in range(2, 25))]
    assert json.loads(webhook_body(due(an_alert()), NOW))["type"] == "alert.opened"


async def test_the_console_writes_every_alert_under_one_head(capsys: pytest.CaptureFixture[str]) -> None:
    await console.deliver(several(3))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 ALERTS: ROAD TO KHANASSER, WATCH 2, WATCH 3"
    assert len(lines) == 10


def test_programs_get_each_under_its_own_id() -> None:
    bundle = several(3)
    assert [(one.id, one.alert.id, one.others) for one in each_of(bundle)] == [
        (bundle.id, "a1b2c3", ()),
        (delivery_id("alert2", 1, "desk"), "alert2", ()),
        (delivery_id("alert3", 1, "desk"), "alert3", ()),
    ]
    assert worst_severity(bundle) == "critical"


async def test_alertmanager_gets_each_in_one_push(monkeypatch: pytest.MonkeyPatch) -> None:
    pushed: list[Any] = []

    async def post(_session: Any, _url: str, body: bytes, *_: Any) -> str:
        pushed.extend(json.loads(body))
        return "200"

    monkeypatch.setattr(alertmanager, "post", post)
    endpoint = AlertmanagerEndpoint(id="desk", kind="alertmanager", url="http://127.0.0.1:9")  # type: ignore[arg-type]
    await alertmanager.deliver(None, endpoint, None, several(3), [], lambda: NOW)  # type: ignore[arg-type]
    assert [one["labels"]["alert_id"] for one in pushed] == ["a1b2c3", "alert2", "alert3"]

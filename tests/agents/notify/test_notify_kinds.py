"""What Alertmanager, Apprise and Kafka are sent, and what comes of their refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from notify_receivers import NOON, an_alert, due, http_server, send

from agents.notify.alertmanager import labels_of, pushed
from agents.notify.cloudevents import cloud_event
from agents.notify.endpoint import AlertmanagerEndpoint, AppriseEndpoint, KafkaEndpoint
from agents.notify.sample import trial_alert
from streams.errors import ConfigInvalid, DeliveryFailed
from streams.records import AlertPlace, encode_alert


def alertmanager(url: str = "http://127.0.0.1:9", **changes: Any) -> AlertmanagerEndpoint:
    return AlertmanagerEndpoint.model_validate({"id": "pagers", "kind": "alertmanager", "url": url} | changes)


async def test_alertmanager_is_pushed_labels_annotations_and_an_end() -> None:
    async with http_server() as posts:
        await send(alertmanager(posts.url + "/prefix/", labels={"team": "syria"}), an_alert())
    ((headers, body),) = posts.taken
    assert headers["content-type"] == "application/json"
    (one,) = json.loads(body)
    assert one["labels"] == {
        "alertname": "NewswatchAlert", "alert_id": "a1b2c3", "watch": "road", "severity": "warning",
        "country": "SY", "place": "Khanasser", "team": "syria",
    }  # fmt: skip
    assert one["annotations"]["quote"] == "A convoy left [Khanasser] on Monday."
    assert one["annotations"]["url"] == one["generatorURL"] == "https://example.org/newswatch-test"
    starts, ends = (datetime.fromisoformat(one[key]) for key in ("startsAt", "endsAt"))
    assert starts == NOON
    assert (ends - starts).total_seconds() > 3600


@pytest.mark.parametrize("status", ["retracted", "closed"])
def test_what_has_ended_is_resolved(status: str) -> None:
    (one,) = pushed(an_alert(status=status, revision=2), [an_alert()], alertmanager(), NOON)
    assert datetime.fromisoformat(one["endsAt"]) > NOON
    assert (datetime.fromisoformat(one["endsAt"]) - NOON).total_seconds() <= 1
    assert one["labels"] == labels_of(an_alert())


def test_what_it_was_called_before_is_resolved() -> None:
    before = [an_alert(), an_alert(revision=2), an_alert(revision=3, places=())]
    now = an_alert(revision=4, status="updated", severity="critical")
    *ended, stands = pushed(now, before, alertmanager(), NOON)
    assert [one["labels"].get("place") for one in ended] == ["Khanasser", None]
    assert {one["labels"]["severity"] for one in ended} == {"warning"}
    assert stands["labels"]["severity"] == "critical"
    assert all(one["endsAt"] < stands["endsAt"] for one in ended)


def test_a_trial_does_not_hold_for_a_week() -> None:
    (one,) = pushed(trial_alert(NOON), [], alertmanager(), NOON)
    assert (datetime.fromisoformat(one["endsAt"]) - NOON).total_seconds() == 300


async def test_alertmanager_is_logged_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGERS", "open sesame")
    async with http_server() as posts:
        await send(alertmanager(posts.url, username="watch", password="env:PAGERS"), an_alert())
    assert posts.taken[0][0]["authorization"].startswith("Basic ")


def test_a_cloud_event_is_whole() -> None:
    delivery = due(an_alert(status="corrected"), "bus")
    event = json.loads(cloud_event(delivery))
    assert {key: event[key] for key in ("specversion", "id", "source", "type", "subject", "datacontenttype")} == {
        "specversion": "1.0", "id": delivery.id, "source": "/newswatch", "type": "newswatch.alert.corrected",
        "subject": "a1b2c3", "datacontenttype": "application/json",
    }  # fmt: skip
    assert datetime.fromisoformat(event["time"]).tzinfo is not None
    assert event["data"] == json.loads(encode_alert(delivery.alert))


async def test_kafka_that_is_not_there_is_tried_again() -> None:
    bus = KafkaEndpoint(id="bus", kind="kafka", bootstrap="127.0.0.1:9", timeout_seconds=3)
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1:9"):
        await send(bus, an_alert())
    with pytest.raises(DeliveryFailed, match="Kafka"):
        await send(KafkaEndpoint(id="bus", kind="kafka"), an_alert())


async def test_apprise_delivers_and_its_url_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_server() as posts:
        url = posts.url.replace("http://", "json://") + "/a-token-that-is-secret"
        monkeypatch.setenv("CHAT_URL", url)
        about = {"id": "chat", "kind": "apprise", "language": "fr"}
        chat = AppriseEndpoint.model_validate(about | {"url": "env:CHAT_URL"})
        await send(chat, an_alert())
        ((_, body),) = posts.taken
        message = json.loads(body)
        assert message["title"] == "Alerte: Road to Khanasser (avertissement)"
        assert "« A convoy left [Khanasser] on Monday. »" in message["message"]
        posts.status = 500
        with pytest.raises(DeliveryFailed, match=r"Apprise: .+") as failed:
            await send(AppriseEndpoint.model_validate(about | {"url": url}), an_alert())
    assert "a-token-that-is-secret" not in f"{failed.value}"
    monkeypatch.setenv("CHAT_URL", "nobody://here")
    with pytest.raises(ConfigInvalid, match="endpoint chat"):
        await send(chat, an_alert())


async def test_a_template_that_an_alert_breaks_fails_that_delivery_with_its_line() -> None:
    async with http_server() as posts:
        fragile = alertmanager(posts.url, templates={"title": "x\n{{ 1 // (quote|length - 34) }}"})
        with pytest.raises(DeliveryFailed, match="template, line 2"):
            await send(fragile, an_alert())
        await send(fragile, replace(an_alert(), places=(AlertPlace("x", 0.0, 0.0, None, 1.0),), quote="shorter"))
    assert len(posts.taken) == 1

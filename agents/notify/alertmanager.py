"""Alerts to Prometheus Alertmanager by its API v2: started, changed, and resolved when withdrawn or closed.

An alert is known there by its labels. Where those have changed since it was told before (it became more severe, or is
elsewhere), the one with the old labels is resolved in the same push.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from agents.notify import defaults
from agents.notify.endpoint import AlertmanagerEndpoint
from agents.notify.facts import TEST_WATCH, map_url, quote_marked
from agents.notify.http import post
from agents.notify.template import render
from streams.archive.deliveries import DueDelivery
from streams.clock import Clock
from streams.records import Alert

ENDED = frozenset({"retracted", "closed"})
_TEST_HOLD = timedelta(minutes=5)
_NAME = "NewswatchAlert"


def pushed(
    alert: Alert, earlier: Sequence[Alert], endpoint: AlertmanagerEndpoint, now: datetime
) -> list[dict[str, Any]]:
    """The alerts of one push: this one, and under each other set of labels that it had in `earlier` its end."""
    hold = _TEST_HOLD if alert.watch == TEST_WATCH else timedelta(hours=endpoint.hold_hours)
    # Alertmanager takes no alert that ends before it starts.
    ended_at = max(now, alert.opened + timedelta(seconds=1)).isoformat()
    one: dict[str, Any] = {
        "labels": labels_of(alert) | endpoint.labels,
        "annotations": _annotations(alert, endpoint),
        "startsAt": alert.opened.isoformat(),
        "endsAt": ended_at if alert.status in ENDED else (now + hold).isoformat(),
    }
    if alert.url:
        one["generatorURL"] = alert.url
    had: list[dict[str, str]] = []
    for before in earlier:
        labels = labels_of(before) | endpoint.labels
        if labels != one["labels"] and labels not in had:
            had.append(labels)
    return [*(one | {"labels": labels, "endsAt": ended_at} for labels in had), one]


def labels_of(alert: Alert) -> dict[str, str]:
    """What it is grouped, routed and silenced by; a label without a value is none."""
    place = alert.places[0] if alert.places else None
    labels = {
        "alertname": _NAME,
        "alert_id": alert.id,
        "watch": alert.watch,
        "severity": alert.severity,
        "country": (place.country or "") if place else "",
        "place": place.name if place else "",
    }
    return {name: value for name, value in labels.items() if value}


def _annotations(alert: Alert, endpoint: AlertmanagerEndpoint) -> dict[str, str]:
    told = {
        "summary": render(endpoint.templates.title or defaults.TITLE, alert, endpoint.language),
        "description": render(endpoint.templates.text or defaults.TEXT, alert, endpoint.language),
        "status": alert.status,
        "title": alert.title,
        "quote": quote_marked(alert),
        "reason": alert.reason,
        "url": alert.url or "",
        "outlet": alert.outlet,
        "map": map_url(alert) or "",
    }
    return {name: value for name, value in told.items() if value}


async def deliver(
    session: aiohttp.ClientSession,
    endpoint: AlertmanagerEndpoint,
    auth: aiohttp.BasicAuth | None,
    due: DueDelivery,
    earlier: Sequence[Alert],
    clock: Clock,
) -> str:
    """Push one alert; what Alertmanager answered. Raises DeliveryFailed, or DeliveryRefused on 410."""
    now = clock()
    push = pushed(due.alert, earlier, endpoint, now)
    push += [one for other in due.others for one in pushed(other, (), endpoint, now)]
    body = json.dumps(push, ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "user-agent": "newswatch"}
    url = f"{str(endpoint.url).rstrip('/')}/api/v2/alerts"
    return await post(session, url, body, headers, endpoint.timeout_seconds, now, auth)

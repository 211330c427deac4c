"""An alert in words: the webhook's JSON and the console's lines."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from agents.notify.facts import quote_marked
from agents.notify.notices import event_of
from agents.notify.words import HEADINGS
from streams.archive.deliveries import DueDelivery
from streams.records import Alert, encode_alert

_HEADS = {status: "ALERT" if status == "opened" else word.upper() for status, word in HEADINGS["en"].items()}


def webhook_body(due: DueDelivery, now: datetime) -> bytes:
    """JSON in UTF-8: `type`, `timestamp` and the alert itself under `data` (the Standard Webhooks envelope).

    Several in one delivery are of the type `alerts`, and `data` has why they come together and a list of them.
    """
    data: Any = json.loads(encode_alert(due.alert))
    if due.others:
        data = {"why": due.why, "alerts": [data, *(json.loads(encode_alert(one)) for one in due.others)]}
    envelope = {
        "type": "alerts" if due.others else event_of(due.alert),
        "timestamp": now.isoformat(),
        "data": data,
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


def console_lines(alert: Alert, *, colour: bool) -> str:
    """Three lines: the watch, the sentence with its evidence marked, and where it was read."""
    mark, end = ("\x1b[1;33m", "\x1b[0m") if colour else ("[", "]")
    quote = quote_marked(alert, mark, end)
    source = " ".join(part for part in (alert.outlet, alert.url or "") if part)
    head = f"{_HEADS.get(alert.status, alert.status.upper())} {alert.severity} · {alert.watch_name} · {alert.reason}"
    return f"{head}\n  « {quote} »\n  {alert.title} · {source}"

"""An alert in words: the webhook's JSON and the console's lines."""

from __future__ import annotations

import json
from datetime import datetime

from agents.notify.exhausted import event_of
from agents.notify.facts import quote_marked
from agents.notify.words import HEADINGS
from streams.records import Alert, encode_alert

_HEADS = {status: "ALERT" if status == "opened" else word.upper() for status, word in HEADINGS["en"].items()}


def webhook_body(alert: Alert, now: datetime) -> bytes:
    """JSON in UTF-8: `type`, `timestamp` and the alert itself under `data` (the Standard Webhooks envelope)."""
    envelope = {
        "type": event_of(alert),
        "timestamp": now.isoformat(),
        "data": json.loads(encode_alert(alert)),
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


def console_lines(alert: Alert, *, colour: bool) -> str:
    """Three lines: the watch, the sentence with its evidence marked, and where it was read."""
    mark, end = ("\x1b[1;33m", "\x1b[0m") if colour else ("[", "]")
    quote = quote_marked(alert, mark, end)
    source = " ".join(part for part in (alert.outlet, alert.url or "") if part)
    head = f"{_HEADS.get(alert.status, alert.status.upper())} {alert.severity} · {alert.watch_name} · {alert.reason}"
    return f"{head}\n  « {quote} »\n  {alert.title} · {source}"

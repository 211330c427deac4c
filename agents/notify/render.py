"""An alert in words: the webhook's JSON and the console's lines."""

from __future__ import annotations

import json
from datetime import datetime

from streams.records import Alert, encode_alert


def webhook_body(alert: Alert, now: datetime) -> bytes:
    """JSON in UTF-8: `type`, `timestamp` and the alert itself under `data` (the Standard Webhooks envelope)."""
    envelope = {
        "type": f"alert.{alert.status}",
        "timestamp": now.isoformat(),
        "data": json.loads(encode_alert(alert)),
    }
    return json.dumps(envelope, ensure_ascii=False).encode()


def console_lines(alert: Alert, *, colour: bool) -> str:
    """Three lines: the watch, the sentence with its evidence marked, and where it was read."""
    mark, end = ("\x1b[1;33m", "\x1b[0m") if colour else ("[", "]")
    quote, at = "", 0
    for start, stop in _apart(alert.quote_spans):
        quote += alert.quote[at:start] + mark + alert.quote[start:stop] + end
        at = stop
    quote += alert.quote[at:]
    source = " ".join(part for part in (alert.outlet, alert.url or "") if part)
    head = f"ALERT {alert.severity} · {alert.watch_name} · {alert.reason}"
    return f"{head}\n  « {' '.join(quote.split())} »\n  {alert.title} · {source}"


def _apart(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The spans in order, what overlaps merged into one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

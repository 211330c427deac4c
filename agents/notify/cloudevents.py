"""An alert as a CloudEvent 1.0 in its JSON form (cloudevents.io, structured mode)."""

from __future__ import annotations

import json

from agents.notify.notices import event_of
from streams.archive.deliveries import DueDelivery
from streams.records import encode_alert

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
SOURCE = "/newswatch"


def cloud_event(due: DueDelivery) -> bytes:
    """The event in UTF-8; its id is the delivery's, so a repeat can be known by `source` and `id`."""
    alert = due.alert
    event = {
        "specversion": "1.0",
        "id": due.id,
        "source": SOURCE,
        "type": f"newswatch.{event_of(alert)}",
        "subject": alert.id,
        "time": due.added_at.isoformat(),
        "datacontenttype": "application/json",
        "data": json.loads(encode_alert(alert)),
    }
    return json.dumps(event, ensure_ascii=False).encode()

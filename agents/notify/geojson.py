"""Alerts as GeoJSON (RFC 7946): one feature an alert, at the places that its evidence names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agents.notify.facts import confidence_percent, quote_marked
from streams.archive.told import Told
from streams.records import Alert

TYPE = "application/geo+json"


def geojson(alerts: Sequence[Told]) -> bytes:
    """A feature collection in UTF-8; an alert without a place has the geometry null."""
    collection = {"type": "FeatureCollection", "features": [_feature(one) for one in alerts]}
    return json.dumps(collection, ensure_ascii=False).encode("utf-8", "replace")


def _feature(one: Told) -> dict[str, Any]:
    alert = one.alert
    return {
        "type": "Feature",
        "id": alert.id,
        "geometry": _geometry(alert),
        "properties": {
            "revision": alert.revision,
            "status": alert.status,
            "watch": alert.watch,
            "watch_name": alert.watch_name,
            "severity": alert.severity,
            "title": alert.title,
            "quote": quote_marked(alert),
            "reason": alert.reason,
            "url": alert.url,
            "outlet": alert.outlet,
            "language": alert.language,
            "places": [place.name for place in alert.places],
            "countries": sorted({place.country for place in alert.places if place.country}),
            "confidence": confidence_percent(alert),
            "published": alert.published.isoformat() if alert.published else None,
            "opened": alert.opened.isoformat(),
            "updated": one.at.isoformat(),
        },
    }


def _geometry(alert: Alert) -> dict[str, Any] | None:
    points = [[round(place.lon, 5), round(place.lat, 5)] for place in alert.places]
    if not points:
        return None
    if len(points) == 1:
        return {"type": "Point", "coordinates": points[0]}
    return {"type": "MultiPoint", "coordinates": points}

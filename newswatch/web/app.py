"""The web application: for now health, metrics, the recent alerts as JSON and as feeds."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import FastAPI, Query, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from newswatch.web.alert_feeds import add_alert_feeds
from newswatch.web.websub import add_websub
from streams.archive import alerts
from streams.archive.engine import Archive
from streams.clock import Clock, utc_now
from streams.records import encode_alert


def create_web(archive: Archive, max_push_bytes: int = 16 * 1024 * 1024, clock: Clock = utc_now) -> FastAPI:
    """The application over an open archive; `max_push_bytes` bounds what a hub may send at once."""
    app = FastAPI(title="newswatch", docs_url=None, redoc_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        with archive.read() as connection:
            alerts.recent_alerts(connection, 1)
        return {"ok": True, "role": "web"}

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/v1/alerts")
    def recent(limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, Any]:
        with archive.read() as connection:
            found = alerts.recent_alerts(connection, limit)
        return {"alerts": [json.loads(encode_alert(alert)) for alert in found]}

    add_alert_feeds(app, archive)
    add_websub(app, archive, max_push_bytes, clock)
    return app

"""The web application: for now health, metrics, the recent alerts as JSON and as feeds."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Query, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from newswatch.web.alert_feeds import add_alert_feeds
from streams.archive import alerts
from streams.archive.engine import Archive
from streams.records import encode_alert


def create_web(
    archive: Archive,
    why_not_ready: Callable[[], str] = lambda: "",
    reload: Callable[[], Awaitable[Sequence[str]]] | None = None,
) -> FastAPI:
    """The application over an open archive."""
    app = FastAPI(title="newswatch", docs_url=None, redoc_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, Any]:
        return {"ok": True, "role": "web"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        why = why_not_ready()
        response.status_code = 503 if why else 200
        return {"ready": not why, "role": "web", "why": why}

    @app.post("/-/reload")
    async def reload_settings(response: Response) -> dict[str, Any]:
        mistakes = list(await reload()) if reload is not None else []
        response.status_code = 400 if mistakes else 200
        return {"ok": not mistakes, "mistakes": mistakes}

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/v1/alerts")
    def recent(limit: Annotated[int, Query(ge=1, le=500)] = 50) -> dict[str, Any]:
        with archive.read() as connection:
            found = alerts.recent_alerts(connection, limit)
        return {"alerts": [json.loads(encode_alert(alert)) for alert in found]}

    add_alert_feeds(app, archive)
    return app

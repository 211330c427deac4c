"""The web application: the API, alerts as feeds, health and metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from newswatch.web.access import Admin, Door, needs
from newswatch.web.alert_feeds import alert_feeds
from newswatch.web.api import (
    alerts,
    articles,
    backtest,
    deliveries,
    entities,
    feeds,
    reading,
    silences,
    stories,
    stream,
    system,
    watches,
)
from newswatch.web.conditional import Conditional
from newswatch.web.exports import routes as exports
from newswatch.web.headers import SecurityHeaders
from newswatch.web.house import House
from newswatch.web.problem import add_problems
from newswatch.web.rates import Rates
from newswatch.web.stories import Stories
from newswatch.web.told_stream import ToldStream
from newswatch.web.websub import add_websub

ROUTERS = (alerts, silences, stream, articles, stories, watches, feeds, deliveries, entities, reading, backtest, system)
"""What can be asked for, in the order of the reference."""


def create_web(
    house: House,
    why_not_ready: Callable[[], str] = lambda: "",
    reload: Callable[[], Awaitable[Sequence[str]]] | None = None,
) -> FastAPI:
    """The application over an open archive."""
    app = FastAPI(
        title="newswatch",
        version=version("newswatch"),
        description="Alerts when a watched route, town or actor appears in the news.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    web = house.settings.web
    app.state.house = house
    app.state.door = Door(
        house.archive, house.clock, Rates(web.requests_per_minute), loopback_is_trusted=web.trust_loopback
    )
    app.state.told = ToldStream(house.archive)
    app.state.stories = Stories(house.archive, house.clock)
    app.add_middleware(Conditional)
    app.add_middleware(SecurityHeaders)
    add_problems(app)

    @app.get("/healthz", tags=["system"], summary="Whether this role lives")
    def healthz() -> dict[str, Any]:
        return {"ok": True, "role": "web"}

    @app.get("/readyz", tags=["system"], summary="Whether this role can answer")
    def readyz(response: Response) -> dict[str, Any]:
        why = why_not_ready()
        response.status_code = 503 if why else 200
        return {"ready": not why, "role": "web", "why": why}

    @app.post("/-/reload", tags=["system"], summary="Read the settings file again")
    async def reload_settings(response: Response, _: Admin) -> dict[str, Any]:
        mistakes = list(await reload()) if reload is not None else []
        response.status_code = 400 if mistakes else 200
        return {"ok": not mistakes, "mistakes": mistakes}

    @app.get("/metrics", tags=["system"], summary="For Prometheus", response_class=Response)
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for part in ROUTERS:
        app.include_router(part.router, prefix="/api/v1")
    app.include_router(alert_feeds(house.archive), dependencies=[Depends(needs("read"))])
    app.include_router(exports.router, dependencies=[Depends(needs("read"))])
    most = int(house.settings.poll.max_document_megabytes * 1024 * 1024)
    add_websub(app, house.archive, most, house.clock)
    return app

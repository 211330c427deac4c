"""Alerts as feeds that others read: Atom, RSS, GeoJSON, and one alert as a CAP message."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from agents.notify.cap import TYPE as CAP_TYPE
from agents.notify.cap import cap
from agents.notify.geojson import TYPE as GEOJSON_TYPE
from agents.notify.geojson import geojson
from agents.notify.syndicate import ATOM_TYPE, RSS_TYPE, atom, rss
from agents.notify.words import Language
from newswatch.web.problem import Problem
from newswatch.web.words import Identity
from streams.archive import told
from streams.archive.engine import Archive
from streams.archive.told import Told
from streams.clock import utc_now

Limit = Annotated[int, Query(ge=1, le=500)]
Watch = Annotated[Identity | None, Query(description="Only of this watch.")]


def alert_feeds(archive: Archive) -> APIRouter:
    """`/alerts.atom`, `/alerts.rss`, `/alerts.geojson` (the newest, of one `watch` if asked) and CAP messages."""
    app = APIRouter(tags=["feeds of alerts"])

    def newest(limit: int, watch: str | None) -> list[Told]:
        with archive.read() as connection:
            return told.newest(connection, limit, watch)

    @app.get("/alerts.atom", response_class=Response)
    def as_atom(request: Request, limit: Limit = 50, watch: Watch = None, language: Language = "en") -> Response:
        return Response(atom(newest(limit, watch), str(request.base_url), utc_now(), language), media_type=ATOM_TYPE)

    @app.get("/alerts.rss", response_class=Response)
    def as_rss(request: Request, limit: Limit = 50, watch: Watch = None, language: Language = "en") -> Response:
        return Response(rss(newest(limit, watch), str(request.base_url), utc_now(), language), media_type=RSS_TYPE)

    @app.get("/alerts.geojson", response_class=Response)
    def as_geojson(limit: Limit = 50, watch: Watch = None) -> Response:
        return Response(geojson(newest(limit, watch)), media_type=GEOJSON_TYPE)

    @app.get("/alerts/{alert}.cap", response_class=Response)
    def as_cap(alert: Identity, revision: Annotated[int | None, Query(ge=1, le=2**31 - 2)] = None) -> Response:
        with archive.read() as connection:
            revisions = told.revisions_of(connection, alert, None if revision is None else revision + 1)
        if not revisions:
            raise Problem("not-found", "no such alert")
        return Response(cap(revisions), media_type=CAP_TYPE)

    return app

"""Where exports are asked for: `/alerts.csv`, `/articles.csv`, `/articles.geojson`, and both as `.parquet`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from agents.match.terms import asked
from newswatch.web.exports import rows
from newswatch.web.exports.rows import ALERT_COLUMNS, ARTICLE_COLUMNS, Exported
from newswatch.web.exports.written import CSV_TYPE, GEOJSON_TYPE, PARQUET_TYPE, as_csv, as_geojson, as_parquet
from newswatch.web.house import TheHouse
from newswatch.web.problem import Problem
from newswatch.web.word_reading import brought_up_to_date
from newswatch.web.words import Identity, Instant, Words, utc
from streams.archive import alert_search, article_search

router = APIRouter(tags=["exports"])
MOST = 100_000
Most = Annotated[int, Query(ge=1, le=MOST, description="So many rows at most, the newest first.")]
Watch = Annotated[Identity | None, Query(description="Only of this watch.")]
Since = Annotated[Instant | None, Query(description="At or after this time.")]
Until = Annotated[Instant | None, Query(description="Before this time.")]
Q = Annotated[Words | None, Query(description="Words, or their beginnings, that all stand in title or text.")]
Entity = Annotated[Identity | None, Query(description="Names this entity.")]
Country = Annotated[str | None, Query(pattern=r"^[A-Z]{2}$", description="Places something in this country.")]
Feed = Annotated[Identity | None, Query(description="Of this feed.")]
Language = Annotated[Identity | None, Query(description="In this language, such as fr.")]
_Articles = Callable[[int], Iterator[Exported]]


def _file(content: Iterator[str] | Iterator[bytes], media: str, name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(content, media_type=media, headers=headers)


@router.get("/alerts.csv", summary="Alerts as CSV", response_class=StreamingResponse)
def alerts_csv(
    house: TheHouse, limit: Most = 10_000, watch: Watch = None, since: Since = None, until: Until = None
) -> StreamingResponse:
    """The alerts opened last, a row each; sent as they are read."""
    wanted = alert_search.Wanted(watch=watch, since=utc(since), until=utc(until))
    return _file(as_csv(ALERT_COLUMNS, rows.alerts(house.archive, wanted, limit)), CSV_TYPE, "alerts.csv")


@router.get("/alerts.parquet", summary="Alerts as Parquet", response_class=StreamingResponse)
def alerts_parquet(
    house: TheHouse, limit: Most = 10_000, watch: Watch = None, since: Since = None, until: Until = None
) -> StreamingResponse:
    """The same as Parquet; needs `newswatch[parquet]`."""
    wanted = alert_search.Wanted(watch=watch, since=utc(since), until=utc(until))
    content = as_parquet(ALERT_COLUMNS, rows.alerts(house.archive, wanted, limit))
    return _file(content, PARQUET_TYPE, "alerts.parquet")


def _articles(
    house: TheHouse,
    q: Q = None,
    entity: Entity = None,
    country: Country = None,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    language: Language = None,
) -> _Articles:
    """The articles that a request asks for."""
    words = asked(q) if q else []
    if q and not words:
        raise Problem("bad-request", "q has no letter or digit: write words")
    if words:
        brought_up_to_date(house)
    wanted = article_search.Wanted(entity, country, None, utc(since), utc(until), feed, None, language, tuple(words))
    return lambda most: rows.articles(house.archive, wanted, most)


_Wanted = Annotated[_Articles, Depends(_articles)]


@router.get("/articles.csv", summary="Articles as CSV", response_class=StreamingResponse)
def articles_csv(wanted: _Wanted, limit: Most = 10_000) -> StreamingResponse:
    """The articles seen last with what they name, a row each; sent as they are read."""
    return _file(as_csv(ARTICLE_COLUMNS, wanted(limit)), CSV_TYPE, "articles.csv")


@router.get("/articles.geojson", summary="Articles as GeoJSON", response_class=StreamingResponse)
def articles_geojson(wanted: _Wanted, limit: Most = 10_000) -> StreamingResponse:
    """A feature an article, at the places that it names; sent as they are read."""
    return _file(as_geojson(ARTICLE_COLUMNS, wanted(limit)), GEOJSON_TYPE, "articles.geojson")


@router.get("/articles.parquet", summary="Articles as Parquet", response_class=StreamingResponse)
def articles_parquet(wanted: _Wanted, limit: Most = 10_000) -> StreamingResponse:
    """The same as Parquet; needs `newswatch[parquet]`."""
    return _file(as_parquet(ARTICLE_COLUMNS, wanted(limit)), PARQUET_TYPE, "articles.parquet")

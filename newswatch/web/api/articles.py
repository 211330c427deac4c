"""Articles: found by words, entity, place, time, feed or language, each with what it names."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from math import asin, cos, degrees, radians, sin
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from agents.match.corridor import EARTH_RADIUS_KM, distance_km
from agents.match.terms import asked
from newswatch.web.access import Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Cursor, Limit, cursor_of, position
from newswatch.web.problem import Problem
from newswatch.web.word_reading import brought_up_to_date
from newswatch.web.words import Identity, Instant, Words, plain, utc
from streams.archive import article_search
from streams.archive.article_search import ListedArticle, Wanted
from streams.archive.replay import mentions_of
from streams.records import Mention

router = APIRouter(prefix="/articles", tags=["articles"])
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_PAGE = 500
_MOST_LOOKED_AT = 5_000


@router.get("", summary="Look for articles")
def list_articles(
    house: TheHouse,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Annotated[
        Words | None,
        Query(description="Words, or their beginnings, that all stand in title or text; case and accents aside."),
    ] = None,
    entity: Annotated[Identity | None, Query(description="Names this entity, such as geonames:170063.")] = None,
    country: Annotated[Country | None, Query(description="Places something in this country.")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    within_km: Annotated[float | None, Query(gt=0, le=2000, description="Of lat and lon.")] = None,
    since: Annotated[Instant | None, Query(description="First seen at or after this time.")] = None,
    until: Annotated[Instant | None, Query(description="First seen before this time.")] = None,
    feed: Annotated[Identity | None, Query(description="Of this feed.")] = None,
    outlet: Annotated[Identity | None, Query(description="Of this outlet, such as sana.sy.")] = None,
    language: Annotated[Identity | None, Query(description="In this language, such as fr.")] = None,
) -> dict[str, Any]:
    """Newest first. A distance looks at a bounded number of articles a request: a page may be short or empty and still
    have a `next` that leads on. With words, `unread` says how many articles (10,000 at most) are not searched yet."""
    near = [one is not None for one in (lat, lon, within_km)]
    if any(near) and not all(near):
        raise Problem("bad-request", "lat, lon and within_km go together")
    circle = (lat, lon, within_km) if lat is not None and lon is not None and within_km is not None else None
    box = _box(*circle) if circle else None
    words = asked(q) if q else []
    if q and not words:
        raise Problem("bad-request", "q has no letter or digit: write words")
    wanted = Wanted(entity, country, box, utc(since), utc(until), feed, outlet, language, words)
    told: dict[str, Any] = {"unread": brought_up_to_date(house)} if words else {}
    found, after = _look(house, wanted, limit, position(cursor), circle)
    return {
        "articles": [_listed(one, named) for one, named in found],
        "next": cursor_of(*after) if after else None,
        **told,
    }


@router.get("/{article}", summary="One article")
def get_article(article: Identity, house: TheHouse, _: Reader) -> dict[str, Any]:
    """Its newest revision with everything named in it, what it said before, and the alerts whose story it tells."""
    with house.archive.read() as connection:
        found = article_search.get(connection, article)
        if found is None:
            raise Problem("not-found", f'there is no article "{article}"')
        named = mentions_of(connection, [article])[article]
        before = article_search.earlier_revisions(connection, article)
        alerts = article_search.alerts_told_by(connection, article)
    return {
        "article": _listed(found, named),
        "revisions": [{**plain(asdict(one)), "replaced_at": plain(at)} for one, at in before],
        "alerts": [{"alert": alert, "watch": watch, "outcome": outcome} for alert, watch, outcome in alerts],
    }


def _look(
    house: TheHouse,
    wanted: Wanted,
    limit: int,
    after: tuple[datetime, str] | None,
    circle: tuple[float, float, float] | None,
) -> tuple[list[tuple[ListedArticle, list[Mention]]], tuple[datetime, str] | None]:
    """The articles of a page and where the next begins; None where there is no more."""
    found: list[tuple[ListedArticle, list[Mention]]] = []
    looked_at = 0
    with house.archive.read() as connection:
        while looked_at < _MOST_LOOKED_AT:
            page = article_search.search(connection, wanted, _PAGE if looked_at else min(_PAGE, 4 * limit), after)
            if not page:
                return found, None
            named = mentions_of(connection, [one.article.id for one in page])
            for one in page:
                looked_at += 1
                after = (one.article.first_seen, one.article.id)
                mentions = named[one.article.id]
                if circle is None or _is_near(mentions, *circle):
                    found.append((one, mentions))
                    if len(found) == limit:
                        return found, after
    return found, after


def _box(lat: float, lon: float, km: float) -> tuple[float, float, float, float]:
    """South, west, north, east around a circle."""
    reach = degrees(km / EARTH_RADIUS_KM)
    if abs(lat) + reach >= 90:
        return max(-90.0, lat - reach), -180.0, min(90.0, lat + reach), 180.0
    aside = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(lat)))))
    west, east = lon - aside, lon + aside
    if aside >= 180:
        west, east = -180.0, 180.0
    return lat - reach, west + 360 if west < -180 else west, lat + reach, east - 360 if east > 180 else east


def _is_near(mentions: list[Mention], lat: float, lon: float, km: float) -> bool:
    return any(
        one.lat is not None and one.lon is not None and distance_km((one.lat, one.lon), (lat, lon)) <= km
        for one in mentions
    )


def _listed(one: ListedArticle, mentions: list[Mention]) -> dict[str, Any]:
    told: dict[str, Any] = plain(asdict(one.article))
    return {
        **told,
        "language": one.language,
        "feed_language": one.article.language,
        "done_at": plain(one.done_at),
        "dead_at": plain(one.dead_at),
        "mentions": [plain(asdict(mention)) for mention in mentions],
    }

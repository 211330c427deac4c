"""Alerts and articles as rows of a table, read a page at a time: a long list takes no more memory than a short one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from streams.archive import alert_search, article_search
from streams.archive.article_search import ListedArticle
from streams.archive.engine import Archive
from streams.archive.replay import mentions_of
from streams.records import Alert, Mention

PAGE = 500
Kind = Literal["text", "number", "count", "time"]
Row = Mapping[str, Any]
Points = tuple[tuple[float, float], ...]
"""Longitude and latitude."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Exported:
    """A row, and where it lies on a map."""

    row: Row
    points: Points


ALERT_COLUMNS: Mapping[str, Kind] = {
    "id": "text", "revision": "count", "status": "text", "severity": "text", "watch": "text", "watch_name": "text",
    "story": "text", "opened": "time", "updated": "time", "published": "time", "title": "text", "quote": "text",
    "reason": "text", "outlet": "text", "url": "text", "language": "text", "sources": "count", "places": "text",
    "countries": "text", "actors": "text", "lat": "number", "lon": "number",
}  # fmt: skip
ARTICLE_COLUMNS: Mapping[str, Kind] = {
    "id": "text", "revision": "count", "feed": "text", "outlet": "text", "url": "text", "language": "text",
    "published": "time", "first_seen": "time", "title": "text", "text": "text", "entities": "text", "places": "text",
    "countries": "text", "lat": "number", "lon": "number",
}  # fmt: skip
"""What the columns hold; several values of one have `; ` between. `lat` and `lon` are of the first place."""


def alerts(archive: Archive, wanted: alert_search.Wanted, most: int) -> Iterator[Exported]:
    """The alerts opened last. Raises ArchiveUnavailable."""

    def page(after: tuple[datetime, str] | None, limit: int) -> list[Alert]:
        with archive.read() as connection:
            return alert_search.search(connection, wanted, limit, after)

    for one in _pages(page, lambda one: (one.opened, one.id), most):
        yield _of_alert(one)


def articles(archive: Archive, wanted: article_search.Wanted, most: int) -> Iterator[Exported]:
    """The articles seen last. Raises ArchiveUnavailable."""
    named: dict[str, list[Mention]] = {}

    def page(after: tuple[datetime, str] | None, limit: int) -> list[ListedArticle]:
        with archive.read() as connection:
            found = article_search.search(connection, wanted, limit, after)
            named.clear()
            named.update(mentions_of(connection, [one.article.id for one in found]))
        return found

    for one in _pages(page, lambda one: (one.article.first_seen, one.article.id), most):
        yield _of_article(one, named.get(one.article.id, ()))


def _pages(
    page: Callable[[tuple[datetime, str] | None, int], Sequence[_Found]],
    key: Callable[[_Found], tuple[datetime, str]],
    most: int,
) -> Iterator[_Found]:
    after: tuple[datetime, str] | None = None
    left = most
    while left > 0:
        asked = min(PAGE, left)
        found = page(after, asked)
        yield from found
        left -= len(found)
        if len(found) < asked:
            return
        after = key(found[-1])


def _of_alert(one: Alert) -> Exported:
    points = tuple((round(place.lon, 5), round(place.lat, 5)) for place in one.places)
    row = {
        "id": one.id, "revision": one.revision, "status": one.status, "severity": one.severity, "watch": one.watch,
        "watch_name": one.watch_name, "story": one.story, "opened": one.opened, "updated": one.updated,
        "published": one.published, "title": one.title, "quote": one.quote, "reason": one.reason,
        "outlet": one.outlet, "url": one.url, "language": one.language, "sources": len(one.sources) or 1,
        "places": _joined(place.name for place in one.places),
        "countries": _joined(sorted({place.country for place in one.places if place.country})),
        "actors": _joined(one.actors), **_first(points),
    }  # fmt: skip
    return Exported(row, points)


def _of_article(one: ListedArticle, mentions: Sequence[Mention]) -> Exported:
    article = one.article
    placed = [it for it in mentions if it.kind == "place" and it.lat is not None and it.lon is not None]
    points = tuple(dict.fromkeys((round(it.lon or 0.0, 5), round(it.lat or 0.0, 5)) for it in placed))
    row = {
        "id": article.id, "revision": article.revision, "feed": article.feed, "outlet": article.outlet,
        "url": article.url, "language": one.language, "published": article.published,
        "first_seen": article.first_seen, "title": article.title, "text": article.text,
        "entities": _joined(dict.fromkeys(it.entity for it in mentions if it.entity)),
        "places": _joined(dict.fromkeys(it.name for it in placed)),
        "countries": _joined(sorted({it.country for it in placed if it.country})), **_first(points),
    }  # fmt: skip
    return Exported(row, points)


def _joined(values: Any) -> str:
    return "; ".join(values)


def _first(points: Points) -> dict[str, float | None]:
    return {"lat": points[0][1], "lon": points[0][0]} if points else {"lat": None, "lon": None}

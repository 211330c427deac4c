"""Stories: articles of the whole stream that tell one event, near copies and retellings, watched or not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from newswatch.web.access import Reader
from newswatch.web.house import TheHouse
from newswatch.web.paging import Cursor, Limit, next_of, position
from newswatch.web.problem import Problem
from newswatch.web.stories import Stories, Story
from newswatch.web.words import Identity, plain
from streams.archive import article_search

router = APIRouter(prefix="/stories", tags=["stories"])


@router.get("", summary="The stories told last")
def list_stories(
    request: Request,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    least: Annotated[int, Query(ge=1, le=1_000, description="Told by so many articles at least.")] = 2,
) -> dict[str, Any]:
    """Those of the last three days, the one that was told last first. `behind` is the time up to which the articles are
    grouped yet, and null where all are."""
    told: Stories = request.app.state.stories
    stories, behind = told.look()
    after = position(cursor)
    wanted = [
        one for one in stories if len(one.tellings) >= least and (after is None or (one.last_told, one.id) < after)
    ]
    page = sorted(wanted, key=lambda one: (one.last_told, one.id), reverse=True)[:limit]
    return {
        "stories": [_listed(one) for one in page],
        "next": next_of(page, limit, lambda one: (one.last_told, one.id)),
        "behind": plain(behind),
    }


@router.get("/{story}", summary="One story")
def get_story(story: Identity, request: Request, house: TheHouse, _: Reader) -> dict[str, Any]:
    """Who tells it, who copied whom, and the alerts that its articles belong to."""
    told: Stories = request.app.state.stories
    found = next((one for one in told.look()[0] if one.id == story), None)
    if found is None:
        raise Problem("not-found", f'no story of the last three days has the id "{story}"')
    with house.archive.read() as connection:
        alerts = [article_search.alerts_told_by(connection, one.article) for one in found.tellings]
    return {
        **_listed(found),
        "tellings": [
            {
                "article": one.article, "title": headline.title, "url": headline.url, "language": headline.language,
                "outlet": one.outlet, "origin": one.origin, "told_at": plain(one.told_at), "reason": one.reason,
                "copy_of": one.copy_of,
            }
            for one, headline in zip(found.tellings, found.headlines, strict=True)
        ],
        "alerts": [
            {"alert": alert, "watch": watch}
            for alert, watch in sorted({(alert, watch) for of in alerts for alert, watch, _outcome in of})
        ],
    }  # fmt: skip


def _listed(one: Story) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.headlines[0].title,
        "language": one.headlines[0].language,
        "first_told": plain(one.first_told),
        "last_told": plain(one.last_told),
        "articles": len(one.tellings),
        "outlets": sorted({telling.outlet for telling in one.tellings}),
    }

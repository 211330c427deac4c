"""Watches: those of the archive can be added, changed and removed here; those of the settings file are shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response

from agents.match.watch import Watch
from newswatch.kept_watches import item_of
from newswatch.web import keep_watch
from newswatch.web.access import Reader, WatchKeeper
from newswatch.web.given_watch import shown, take
from newswatch.web.house import TheHouse
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, plain
from streams.archive.watches import WatchRow, get_watch, list_watches

router = APIRouter(prefix="/watches", tags=["watches"])
Definition = Annotated[
    dict[str, Any],
    Body(
        description="A watch as the settings file has it.",
        openapi_examples={
            "road": {
                "summary": "A road, in any spelling and either direction",
                "value": {"id": "khanasser-road", "any": [{"route": ["Alep", "Khanasser", "Athriya"]}]},
            },
            "town": {
                "summary": "One town of a name that several have",
                "value": {"id": "tripoli", "any": [{"town": "Tripoli", "country": "LB"}]},
            },
        },
    ),
]


def _of_file(watch: Watch) -> dict[str, Any]:
    given = watch.model_dump(mode="json", exclude_unset=True)
    return {"id": watch.id, "origin": "file", "owner": None, "enabled": True, "revision": None, "watch": given}


def _of_row(row: WatchRow) -> dict[str, Any]:
    item = item_of(row)
    item.pop("owner")
    item.pop("enabled", None)
    return {
        "id": row.id, "origin": "archive", "owner": row.owner, "enabled": row.enabled, "revision": row.revision,
        "created_at": plain(row.created_at), "changed_at": plain(row.changed_at), "watch": item,
    }  # fmt: skip


@router.get("", summary="The watches, by id")
def list_all(
    house: TheHouse,
    caller: Reader,
    owner: Annotated[Identity | None, Query(description="Only of this owner; `file` for the settings file's.")] = None,
    after: Annotated[Identity | None, Query(description="The last id of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Those of the settings file and those of the archive; a token without `admin` sees its owner's and the file's."""
    found: list[dict[str, Any]] = []
    if owner in (None, "file"):
        found += [_of_file(one) for one in house.settings.watches if after is None or one.id > after]
    whose = caller.owner if caller.owner is not None else owner
    if owner in (None, whose):
        with house.archive.read() as connection:
            rows = list_watches(connection, whose, after=after, limit=limit)
            found += [_of_row(row) for row in rows]
    found.sort(key=lambda one: str(one["id"]))
    page = found[:limit]
    return {"watches": page, "next": page[-1]["id"] if len(found) > limit or len(page) == limit else None}


@router.get("/{watch}", summary="One watch")
def get(watch: Identity, house: TheHouse, caller: Reader, response: Response) -> dict[str, Any]:
    """As it was written, with its revision, which is its ETag too."""
    for one in house.settings.watches:
        if one.id == watch:
            return _of_file(one)
    with house.archive.read() as connection:
        row = get_watch(connection, watch)
    if row is None:
        raise Problem("not-found", f'there is no watch "{watch}"')
    if caller.owner not in (None, row.owner):
        raise Problem("not-yours", f'the watch "{watch}" belongs to another owner')
    response.headers["etag"] = f'"{row.revision}"'
    return _of_row(row)


@router.post("/check", summary="What a watch would mean")
def check(definition: Definition, house: TheHouse, _: Reader) -> dict[str, Any]:
    """The entities that its names mean and what else they may mean; nothing is kept."""
    taken = take(definition, house)
    return {
        "watch": taken.watch.model_dump(mode="json", exclude_unset=True),
        "means": taken.means,
        "notes": taken.notes,
    }


@router.post("/understand", summary="A watch as far as it is written")
def understood(definition: Definition, house: TheHouse, _: Reader) -> dict[str, Any]:
    """For each name what it means, what else it may mean and how it is spelled; every mistake; and the watch as
    GeoJSON. Nothing is refused or kept."""
    from newswatch.web.understood import understand  # noqa: PLC0415 - heavy, and only where a watch is written

    found = understand(definition, house)
    return {
        "mistakes": list(found.mistakes),
        "notes": list(found.notes),
        "names": [
            {
                "at": one.at, "written": one.written, "corrections": list(one.corrections),
                "meant": None if one.meant is None else shown(one.meant), "others": [shown(it) for it in one.others],
            }
            for one in found.names
        ],
        "map": {"type": "FeatureCollection", "features": list(found.features)},
    }  # fmt: skip


@router.put("/{watch}", summary="Add or change a watch")
def put(
    watch: Identity,
    definition: Definition,
    house: TheHouse,
    caller: WatchKeeper,
    response: Response,
    enabled: Annotated[bool, Query(description="Whether it is on.")] = True,
    if_match: Annotated[str | None, Header(description="The revision it must have, in quotes; `*` for any.")] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: only where there is none yet.")] = None,
) -> dict[str, Any]:
    """Every worker has it within a second."""
    kept = keep_watch.keep(
        house, caller, watch, definition, enabled=enabled, if_match=if_match, if_none_match=if_none_match
    )
    response.status_code = 201 if kept.is_new else 200
    response.headers["etag"] = f'"{kept.row.revision}"'
    return {**_of_row(kept.row), "means": kept.taken.means, "notes": kept.taken.notes}


@router.delete("/{watch}", status_code=204, summary="Remove a watch")
def remove(watch: Identity, house: TheHouse, caller: WatchKeeper) -> None:
    """It fires no more; its alerts stay."""
    keep_watch.remove(house, caller, watch)


@router.post("/{watch}/enable", summary="Turn a watch on")
def enable(watch: Identity, house: TheHouse, caller: WatchKeeper) -> dict[str, Any]:
    """It fires from the next article on."""
    return _of_row(keep_watch.switch(house, caller, watch, on=True))


@router.post("/{watch}/disable", summary="Turn a watch off")
def disable(watch: Identity, house: TheHouse, caller: WatchKeeper) -> dict[str, Any]:
    """It stays as it is, and fires no more until it is turned on."""
    return _of_row(keep_watch.switch(house, caller, watch, on=False))

"""Watches: those of the archive can be added, changed and removed here; those of the settings file are shown."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Response
from sqlalchemy import Connection

from agents.match.watch import Watch
from newswatch.kept_watches import item_of, limits_of
from newswatch.web.access import Caller, Reader, WatchKeeper
from newswatch.web.given_watch import take
from newswatch.web.house import House, TheHouse
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, plain
from streams.archive import audit, watch_changes
from streams.archive.watch_changes import GivenWatch
from streams.archive.watches import WatchRow, get_watch, list_watches, owners_of

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
    if definition.setdefault("id", watch) != watch:
        raise Problem("invalid", f'the watch is called "{watch}" here: leave "id" out, or write the same')
    if any(one.id == watch for one in house.settings.watches):
        raise Problem("conflict", f'the watch "{watch}" stands in the settings file: change it there')
    taken = take(definition, house)
    now = house.clock()
    with house.archive.begin() as connection:
        there = _there(connection, watch, if_match, if_none_match)
        owner = caller.owner or (there.owner if there is not None else caller.acts_for)
        given = GivenWatch(watch, taken.definition, enabled, taken.resolved)
        expected = {watch: there.revision} if there is not None else None
        written = watch_changes.put_watches(
            connection, owner, [given], limits_of(house.settings.limits), now, expected=expected
        )
        audit.note(connection, caller.name, "watch.put", watch, now, {"definition": definition, "enabled": enabled})
        row = get_watch(connection, watch)
    assert row is not None, "it was written in this transaction"
    response.status_code = 201 if written.added else 200
    response.headers["etag"] = f'"{row.revision}"'
    return {**_of_row(row), "means": taken.means, "notes": taken.notes}


@router.delete("/{watch}", status_code=204, summary="Remove a watch")
def remove(watch: Identity, house: TheHouse, caller: WatchKeeper) -> None:
    """It fires no more; its alerts stay."""
    now = house.clock()
    with house.archive.begin() as connection:
        _changeable(connection, watch, house, caller)
        watch_changes.remove_watches(connection, caller.owner, [watch], limits_of(house.settings.limits), now)
        audit.note(connection, caller.name, "watch.remove", watch, now)


@router.post("/{watch}/enable", summary="Turn a watch on")
def enable(watch: Identity, house: TheHouse, caller: WatchKeeper) -> dict[str, Any]:
    """It fires from the next article on."""
    return _switch(watch, True, house, caller)


@router.post("/{watch}/disable", summary="Turn a watch off")
def disable(watch: Identity, house: TheHouse, caller: WatchKeeper) -> dict[str, Any]:
    """It stays as it is, and fires no more until it is turned on."""
    return _switch(watch, False, house, caller)


def _switch(watch: str, on: bool, house: House, caller: Caller) -> dict[str, Any]:
    now = house.clock()
    with house.archive.begin() as connection:
        _changeable(connection, watch, house, caller)
        watch_changes.enable_watches(connection, caller.owner, [watch], on, limits_of(house.settings.limits), now)
        audit.note(connection, caller.name, "watch.enable" if on else "watch.disable", watch, now)
        row = get_watch(connection, watch)
    assert row is not None, "it was changed in this transaction"
    return _of_row(row)


def _changeable(connection: Connection, watch: str, house: House, caller: Caller) -> None:
    """Raises Problem where the watch is unknown, the file's or another's."""
    owner = owners_of(connection, [watch]).get(watch)
    if owner is None and any(one.id == watch for one in house.settings.watches):
        raise Problem("conflict", f'the watch "{watch}" stands in the settings file: change it there')
    if owner is None:
        raise Problem("not-found", f'there is no watch "{watch}"')
    if caller.owner not in (None, owner):
        raise Problem("not-yours", f'the watch "{watch}" belongs to another owner')


def _there(connection: Connection, watch: str, if_match: str | None, if_none_match: str | None) -> WatchRow | None:
    """The watch as it stands. Raises Problem where it is not as the headers say."""
    row = get_watch(connection, watch)
    if if_none_match is not None and row is not None:
        raise Problem("precondition", f'there is a watch "{watch}" already, of {row.owner}')
    if if_match is not None:
        if row is None:
            raise Problem("precondition", f'there is no watch "{watch}" yet')
        if if_match.strip() not in ("*", f'"{row.revision}"'):
            raise Problem("precondition", f'the watch "{watch}" is at revision {row.revision}')
    return row

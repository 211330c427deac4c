"""Changes to the watches of the archive as the API and the page make them: checked, within limits, and noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from newswatch.kept_watches import limits_of
from newswatch.web.access import Caller
from newswatch.web.given_watch import Taken, take
from newswatch.web.house import House
from newswatch.web.problem import Problem
from streams.archive import audit, watch_changes
from streams.archive.watch_changes import GivenWatch
from streams.archive.watches import WatchRow, get_watch, owners_of


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """A watch as it stands after it was handed over."""

    row: WatchRow
    taken: Taken
    is_new: bool


def keep(
    house: House,
    caller: Caller,
    watch: str,
    definition: Mapping[str, Any],
    *,
    enabled: bool | None = None,
    if_match: str | None = None,
    if_none_match: str | None = None,
) -> KeptWatch:
    """Add or change a watch; without `enabled` it stays as it was, or is on.

    `if_match` is the revision that it must have, in quotes, or `*`; `if_none_match` says that there is none yet.
    Raises Problem with every mistake, or where it is not the caller's to change; ChangeRefused at a limit.
    """
    definition = {"id": watch, **definition}
    if definition["id"] != watch:
        raise Problem("invalid", f'the watch is called "{watch}" here: leave "id" out, or write the same')
    _refuse_of_file(house, watch)
    taken = take(definition, house)
    now = house.clock()
    with house.archive.begin() as connection:
        there = _there(connection, watch, if_match, if_none_match)
        owner = caller.owner or (there.owner if there is not None else caller.acts_for)
        on = enabled if enabled is not None else there is None or there.enabled
        given = GivenWatch(watch, taken.definition, on, taken.resolved)
        expected = {watch: there.revision} if there is not None else None
        written = watch_changes.put_watches(
            connection, owner, [given], limits_of(house.settings.limits), now, expected=expected
        )
        audit.note(connection, caller.name, "watch.put", watch, now, {"definition": definition, "enabled": on})
        row = get_watch(connection, watch)
    assert row is not None, "it was written in this transaction"
    return KeptWatch(row, taken, bool(written.added))


def switch(house: House, caller: Caller, watch: str, *, on: bool) -> WatchRow:
    """Turn a watch on or off. Raises Problem, or ChangeRefused at a limit."""
    now = house.clock()
    with house.archive.begin() as connection:
        _changeable(connection, watch, house, caller)
        watch_changes.enable_watches(connection, caller.owner, [watch], on, limits_of(house.settings.limits), now)
        audit.note(connection, caller.name, "watch.enable" if on else "watch.disable", watch, now)
        row = get_watch(connection, watch)
    assert row is not None, "it was changed in this transaction"
    return row


def remove(house: House, caller: Caller, watch: str) -> None:
    """Take a watch out; its alerts stay. Raises Problem, or ChangeRefused at a limit."""
    now = house.clock()
    with house.archive.begin() as connection:
        _changeable(connection, watch, house, caller)
        watch_changes.remove_watches(connection, caller.owner, [watch], limits_of(house.settings.limits), now)
        audit.note(connection, caller.name, "watch.remove", watch, now)


def _refuse_of_file(house: House, watch: str) -> None:
    if any(one.id == watch for one in house.settings.watches):
        raise Problem("conflict", f'the watch "{watch}" stands in the settings file: change it there')


def _changeable(connection: Connection, watch: str, house: House, caller: Caller) -> None:
    """Raises Problem where the watch is unknown, the file's or another's."""
    owner = owners_of(connection, [watch]).get(watch)
    if owner is None:
        _refuse_of_file(house, watch)
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

"""The watches in force, of the settings file and of the archive, for requests that judge articles by them."""

from __future__ import annotations

from agents.match.watch import Watch
from newswatch.kept_watches import watch_of
from newswatch.web.house import House
from newswatch.web.problem import Problem
from streams.archive.watches import get_watch, list_watches

_MOST = 2_000
"""More are not judged in one request."""


def watches_in_force(house: House, only: str | None = None) -> list[Watch]:
    """All of them, or one by its id, on or off. Raises Problem."""
    in_file = list(house.settings.watches)
    with house.archive.read() as connection:
        if only is not None:
            found = [one for one in in_file if one.id == only]
            row = None if found else get_watch(connection, only)
            if row is not None:
                found = [watch_of(row)]
            if not found:
                raise Problem("not-found", f'there is no watch "{only}"')
            return found
        rows = list(list_watches(connection, limit=_MOST + 1))
    if len(in_file) + len(rows) > _MOST:
        raise Problem("bad-request", f"there are more than {_MOST} watches: name one with `watch`")
    return [*in_file, *(watch_of(row) for row in rows if row.enabled)]

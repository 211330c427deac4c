"""Changes to the watches of owners: numbered, within each owner's limits, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from streams.archive.schema import watch_changes, watch_sequence, watches
from streams.archive.watches import owners_of, pages
from streams.errors import ChangeRefused

_MINUTE = timedelta(minutes=1)
_REMEMBERED = timedelta(days=7)
"""How long a removal can be asked for; a worker that was away for longer has started anew."""


@dataclass(frozen=True, slots=True)
class GivenWatch:
    """A watch as somebody hands it over; `resolved` as in `WatchRow`."""

    id: str
    definition: str
    enabled: bool = True
    resolved: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerLimits:
    """How many watches an owner may have, and how many changes it may make in a minute."""

    watches: int
    changes: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the watches handed over, by id."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


def put_watches(
    connection: Connection,
    owner: str,
    given: Sequence[GivenWatch],
    limits: OwnerLimits,
    now: datetime,
    *,
    expected: Mapping[str, int] | None = None,
) -> Written:
    """Add the watches, or change those of the owner that have their ids; one change, all or nothing.

    What is there already, word for word, is left as it is. Raises ChangeRefused where an id is another owner's, a
    limit is reached, or a watch has not the revision that is `expected` of it; nothing is written then.
    """
    sequence = _hold(connection)
    there = _rows(connection, [one.id for one in given])
    for watch, revision in (expected or {}).items():
        row = there.get(watch)
        if row is None or row.removed or row.revision != revision:
            raise ChangeRefused(
                f'somebody else has changed the watch "{watch}" meanwhile: look at it and edit it again'
            )
    foreign = [row for row in there.values() if not row.removed and row.owner != owner]
    if foreign:
        first = f'the watch "{foreign[0].id}" belongs to {foreign[0].owner}'
        more = f" (and {len(foreign) - 1} more ids are taken)" if len(foreign) > 1 else ""
        raise ChangeRefused(f"{first}{more}: give yours another id, or act as its owner with --owner")
    added, changed, unchanged = [], [], []
    for one in given:
        row = there.get(one.id)
        if row is None or row.removed:
            added.append(one)
        elif (row.definition, row.enabled, row.resolved) != (one.definition, one.enabled, one.resolved):
            changed.append(one)
        else:
            unchanged.append(one)
    if added or changed:
        _within_limits(connection, owner, len(added), limits, now)
        sequence = _advance(connection, owner, sequence, now)
        fresh = [one for one in added if one.id not in there]
        again = [one for one in added if one.id in there]
        _insert(connection, owner, fresh, sequence, now)
        _update(connection, owner, [*changed, *again], sequence, now)
    return Written(*(tuple(one.id for one in part) for part in (added, changed, unchanged)))


def remove_watches(
    connection: Connection, owner: str | None, ids: Sequence[str], limits: OwnerLimits, now: datetime
) -> None:
    """Remove watches; one change, all or nothing. Raises ChangeRefused as `put_watches`, and for an unknown id."""
    sequence = _hold(connection)
    who = _own(connection, owner, ids)
    _within_limits(connection, who, 0, limits, now)
    sequence = _advance(connection, who, sequence, now)
    for page in pages(ids):
        connection.execute(
            update(watches)
            .where(watches.c.id.in_(page))
            .values(removed=True, sequence=sequence, changed_at=now, revision=watches.c.revision + 1)
        )
    connection.execute(delete(watches).where(watches.c.removed, watches.c.changed_at < now - _REMEMBERED))


def enable_watches(
    connection: Connection, owner: str | None, ids: Sequence[str], enabled: bool, limits: OwnerLimits, now: datetime
) -> None:
    """Turn watches on or off; one change, all or nothing. Raises ChangeRefused as `remove_watches`."""
    sequence = _hold(connection)
    who = _own(connection, owner, ids)
    _within_limits(connection, who, 0, limits, now)
    sequence = _advance(connection, who, sequence, now)
    for page in pages(ids):
        connection.execute(
            update(watches)
            .where(watches.c.id.in_(page), watches.c.enabled.is_not(enabled))
            .values(enabled=enabled, sequence=sequence, changed_at=now, revision=watches.c.revision + 1)
        )


def _hold(connection: Connection) -> int:
    """The last number, held until the transaction ends: numbers are seen in their order, none is passed over."""
    chosen = select(watch_sequence.c.last).where(watch_sequence.c.id == 1).with_for_update()
    return int(connection.execute(chosen).scalar_one())


def _advance(connection: Connection, owner: str, sequence: int, now: datetime) -> int:
    connection.execute(update(watch_sequence).where(watch_sequence.c.id == 1).values(last=sequence + 1))
    connection.execute(delete(watch_changes).where(watch_changes.c.owner == owner, watch_changes.c.at <= now - _MINUTE))
    connection.execute(insert(watch_changes).values(sequence=sequence + 1, owner=owner, at=now))
    return sequence + 1


def _within_limits(connection: Connection, owner: str, more: int, limits: OwnerLimits, now: datetime) -> None:
    lately = and_(watch_changes.c.owner == owner, watch_changes.c.at > now - _MINUTE)
    changes, oldest = connection.execute(select(func.count(), func.min(watch_changes.c.at)).where(lately)).one()
    if changes >= limits.changes:
        wait = max(1, round((oldest + _MINUTE - now).total_seconds()))
        raise ChangeRefused(
            f"{owner} made {changes} changes in the last minute, the most that limits.changes_per_minute allows: "
            f"try again in {wait} s, or bring many watches in one file"
        )
    own = select(func.count()).where(watches.c.owner == owner, watches.c.removed.is_(False))
    has = connection.execute(own).scalar_one() if more else 0
    if has + more > limits.watches:
        there = "1 watch" if has == 1 else f"{has} watches"
        raise ChangeRefused(
            f"{owner} has {there} and these are {more} more, {limits.watches} are the most that "
            "limits.watches_per_owner allows: remove some, or raise it in the settings file"
        )


def _own(connection: Connection, owner: str | None, ids: Sequence[str]) -> str:
    """Whose the watches are; without an `owner` they must all be one's."""
    there = owners_of(connection, ids)
    for one in ids:
        if one not in there:
            raise ChangeRefused(f'the archive has no watch "{one}": see `newswatch watches list`')
        if owner is not None and there[one] != owner:
            raise ChangeRefused(f'the watch "{one}" belongs to {there[one]}: act as its owner with --owner')
    owners = sorted(set(there.values()))
    if len(owners) > 1:
        raise ChangeRefused(f"these watches belong to {' and '.join(owners)}: change those of one owner at a time")
    return owners[0]


@dataclass(frozen=True, slots=True)
class _There:
    id: str
    owner: str
    definition: str
    resolved: str | None
    enabled: bool
    removed: bool
    revision: int


def _rows(connection: Connection, ids: Sequence[str]) -> dict[str, _There]:
    columns = [watches.c[name] for name in _There.__slots__]
    found: dict[str, _There] = {}
    for page in pages(ids):
        for row in connection.execute(select(*columns).where(watches.c.id.in_(page))):
            found[row.id] = _There(*row)
    return found


def _insert(connection: Connection, owner: str, given: Sequence[GivenWatch], sequence: int, now: datetime) -> None:
    rows = [
        {
            "id": one.id,
            "owner": owner,
            "definition": one.definition,
            "resolved": one.resolved,
            "enabled": one.enabled,
            "removed": False,
            "revision": 1,
            "sequence": sequence,
            "created_at": now,
            "changed_at": now,
        }
        for one in given
    ]
    for page in pages(rows):
        connection.execute(insert(watches), page)


def _update(connection: Connection, owner: str, given: Sequence[GivenWatch], sequence: int, now: datetime) -> None:
    statement = (
        update(watches)
        .where(watches.c.id == bindparam("which"))
        .values(
            owner=owner,
            definition=bindparam("written"),
            resolved=bindparam("meant"),
            enabled=bindparam("on"),
            removed=False,
            revision=watches.c.revision + 1,
            sequence=sequence,
            changed_at=now,
        )
    )
    rows = [{"which": one.id, "written": one.definition, "meant": one.resolved, "on": one.enabled} for one in given]
    for page in pages(rows):
        connection.execute(statement, page)

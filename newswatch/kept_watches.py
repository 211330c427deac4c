"""Watches of the archive: how they are written there, whose they are, and how they live beside those of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.match.resolved import ResolvedWatch
from agents.match.watch import Watch
from newswatch.settings import LimitSettings, Settings
from newswatch.yaml_source import KeyPath
from streams.archive.dialect import address
from streams.archive.engine import Archive, open_archive
from streams.archive.watch_changes import GivenWatch, OwnerLimits
from streams.archive.watches import Kept, WatchRow, get_watch, kept, owners_of
from streams.errors import ArchiveUnavailable, ArchiveUnusable, ChangeRefused, ConfigInvalid

OPERATOR = "operator"
"""Whose watches are where nobody else is named."""
OWNER = re.compile(r"[a-z0-9][a-z0-9_.@-]{0,99}")
_OWNER_FORM = "must be made of small letters, digits and _ . @ - and begin with a letter or digit"


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a file of watches says beside a watch: its owner (None: whoever brings it), and whether it is on."""

    owner: str | None = None
    enabled: bool | None = None
    """None where nothing is said: as it was, or on."""


def definition_of(watch: Watch) -> str:
    """A watch as the archive keeps it: what was written and no more, JSON."""
    return json.dumps(watch.model_dump(mode="json", exclude_unset=True), separators=(",", ":"))


def given(watch: Watch, keeping: Keeping, resolved: ResolvedWatch | None = None) -> GivenWatch:
    """A watch to be handed to the archive, with what its names mean now."""
    meant = None if resolved is None else resolved.to_json()
    return GivenWatch(watch.id, definition_of(watch), keeping.enabled is not False, meant)


def watch_of(row: WatchRow) -> Watch:
    """The watch of a row. Raises ConfigInvalid where this newswatch does not understand it."""
    try:
        return Watch.model_validate_json(row.definition)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigInvalid(
            [f'the watch "{row.id}" of {row.owner} is not understood ({where}: {first["msg"]})']
        ) from error


def item_of(row: WatchRow) -> dict[str, Any]:
    """A row as an item of a file that `import` takes back."""
    item: dict[str, Any] = json.loads(row.definition)
    first = {"id": item.pop("id"), "owner": row.owner}
    return {**first, **({} if row.enabled else {"enabled": False}), **item}


def row_of(settings: Settings, watch: str) -> WatchRow:
    """A watch of the archive by its id. Raises ChangeRefused where there is none, or it is the file's."""
    with open_archive(settings.archive_url()).read() as connection:
        row = get_watch(connection, watch)
    if row is not None:
        return row
    if any(one.id == watch for one in settings.watches):
        raise ChangeRefused(f'the watch "{watch}" stands in the settings file: look at it and change it there')
    raise ChangeRefused(f'the archive has no watch "{watch}": see `newswatch watches list`')


def limits_of(limits: LimitSettings) -> OwnerLimits:
    """The limits as the archive takes them."""
    return OwnerLimits(limits.watches_per_owner, limits.changes_per_minute)


def take_keeping(data: Any) -> tuple[list[Keeping], list[tuple[KeyPath, str]]]:
    """Take `owner` and `enabled` out of the watches of a file's data; what they say, and what is wrong with them."""
    found: list[Keeping] = []
    wrong: list[tuple[KeyPath, str]] = []
    watches = data.get("watches") if isinstance(data, dict) else None
    for position, watch in enumerate(watches if isinstance(watches, list) else []):
        keys = watch if isinstance(watch, dict) else {}
        owner, enabled = keys.pop("owner", None), keys.pop("enabled", None)
        if owner is not None and not (isinstance(owner, str) and OWNER.fullmatch(owner)):
            wrong.append((("watches", position, "owner"), f'"owner" {_OWNER_FORM}: write it so'))
            owner = None
        if enabled is not None and not isinstance(enabled, bool):
            wrong.append((("watches", position, "enabled"), '"enabled" must be true or false: choose one of them'))
            enabled = None
        found.append(Keeping(owner, enabled))
    return found, wrong


def existing_archive(settings: Settings) -> Archive | None:
    """The archive if it can be had; none is made by looking for it."""
    url = address(settings.archive_url())
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return None
    try:
        return open_archive(settings.archive_url())
    except (ArchiveUnavailable, ArchiveUnusable):
        return None


def told_of_archive(archive: Archive) -> str:
    """How many watches the archive has, in words; empty where it has none."""
    with archive.read() as connection:
        return in_words(kept(connection))


def in_words(counts: Kept) -> str:
    """`5 watches in the archive of 2 owners, 1 of them off`; empty where there is none."""
    if not counts.watches:
        return ""
    owners = f" of {counts.owners} owners" if counts.owners > 1 else ""
    off = f", {counts.watches - counts.enabled} of them off" if counts.enabled < counts.watches else ""
    return f"{counts.watches} {'watch' if counts.watches == 1 else 'watches'} in the archive{owners}{off}"


def clashes(archive: Archive, watches: Sequence[Watch]) -> Iterator[tuple[KeyPath, str]]:
    """For each watch of a file whose id the archive's have too: where, and what to do."""
    with archive.read() as connection:
        taken = owners_of(connection, [watch.id for watch in watches])
    for position, watch in enumerate(watches):
        if watch.id in taken:
            yield (
                ("watches", position, "id"),
                f'the archive already has a watch "{watch.id}", of {taken[watch.id]}: give this one another id, '
                f"or take that one out with `newswatch watches remove {watch.id}`",
            )

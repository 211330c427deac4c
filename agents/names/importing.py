"""Taking a GeoNames dump into the compiled gazetteer, and out of it again.

What is compiled appears first and the import is noted last, so that one that is broken off changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from agents.names.compiler import Progress
from agents.names.gazetteer import compile_into, compiled_folder, gazetteer_lock, is_compiled
from agents.names.geonames_dump import Advance, Reading, read_alternates, read_dump
from agents.names.imports import Import, drop, import_name, keep, list_imports, write_places
from agents.names.source_place import SourcePlace
from streams.errors import TakingInRefused

ALTERNATES = ("alternateNamesV2.txt", "alternateNamesV2.zip")


def alternates_beside(dump: Path) -> Path | None:
    """The file of alternate names in a dump's folder, or None."""
    return next((file for name in ALTERNATES if (file := dump.parent / name).is_file() and file != dump), None)


def import_dump(
    dump: Path,
    cache_dir: Path,
    *,
    origin: str,
    alternates: Path | None,
    now: datetime,
    advance: Advance,
    progress: Progress,
) -> Import:
    """Import a dump under the name of `origin` (a file, or a country's code), in place of one of that name.

    `advance` is told of the bytes read, `progress` of the compiling. Raises TakingInRefused where the file is no
    dump, has too many places, or has none of a kind that newswatch reads.
    """
    reading = Reading()
    more: dict[int, list[str]] = {}
    if alternates is not None:
        ids = {place.id for place in read_dump(dump, Reading(), _not_told)}
        more = read_alternates(alternates, ids.__contains__, advance)
    written = write_places(cache_dir, (_with_names(place, more) for place in read_dump(dump, reading, advance)))
    one = Import(
        import_name(origin), origin, now.isoformat(timespec="seconds"), written.places, written.file, written.digest,
        reading.skipped, reading.bad, reading.first_bad, dict(sorted(reading.countries.items())),
    )  # fmt: skip
    try:
        if not one.places:
            raise TakingInRefused(f"{dump}: {one.skipped:,} places, none of a kind that newswatch reads")
        with gazetteer_lock(cache_dir):
            _compile(cache_dir, lambda known: [*(other for other in known if other.name != one.name), one], progress)
            return keep(one, cache_dir)
    finally:
        written.file.unlink(missing_ok=True)


def remove_import(name: str, cache_dir: Path, progress: Progress) -> Import:
    """Take the places of an import out again. Raises TakingInRefused where there is none of that name."""
    wanted = import_name(name)
    cache_dir.mkdir(parents=True, exist_ok=True)
    with gazetteer_lock(cache_dir):
        known = {one.name: one for one in list_imports(cache_dir)}
        if wanted not in known:
            there = ", ".join(known) or "none"
            raise TakingInRefused(f"nothing was imported as {wanted}; imported: {there}")
        _compile(cache_dir, lambda imports: [one for one in imports if one.name != wanted], progress)
        drop(known[wanted])
        return known[wanted]


def _compile(cache_dir: Path, changed: Callable[[list[Import]], list[Import]], progress: Progress) -> None:
    imports = sorted(changed(list_imports(cache_dir)), key=lambda one: one.name)
    folder = compiled_folder(cache_dir, imports)
    if not is_compiled(folder):
        compile_into(folder, imports, progress)
    progress(1.0)


def _with_names(place: SourcePlace, more: dict[int, list[str]]) -> SourcePlace:
    added = more.get(place.id)
    if not added:
        return place
    names = dict.fromkeys((*place.names, *added))
    names.pop(place.name, None)
    return place._replace(names=tuple(names))


def _not_told(_: int) -> None:
    """Nothing is told of a first reading."""

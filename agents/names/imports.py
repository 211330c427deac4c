"""What a user imported into the gazetteer: one file of places an import, in the cache, with what is known of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agents.names.source_place import SourcePlace, to_line
from streams.errors import TakingInRefused

_NAME = re.compile(r"[^\w-]+")


@dataclass(frozen=True, slots=True)
class Import:
    """One import and where its places are kept."""

    name: str
    """The country's code, or the file's name without its ending."""
    origin: str
    """The file or address it came from."""
    at: str
    """When, ISO 8601 in UTC."""
    places: int
    file: Path
    digest: str
    """Of the places, so that another import of the same name compiles anew."""
    skipped: int = 0
    bad: int = 0
    first_bad: str = ""
    countries: dict[str, int] = field(default_factory=dict)


def import_name(origin: str) -> str:
    """The name of an import of this file or country."""
    stem = Path(origin).name
    for ending in (".zip", ".txt", ".tsv"):
        stem = stem.removesuffix(ending).removesuffix(ending.upper())
    name = _NAME.sub("_", stem).strip("_") or "import"
    return name.upper() if len(name) == 2 else name


def imports_dir(cache_dir: Path) -> Path:
    """Where imports are kept; unlike the rest of the cache it cannot be computed again."""
    return cache_dir / "imports"


def list_imports(cache_dir: Path) -> list[Import]:
    """The imports of a cache, by name. Raises TakingInRefused where one was damaged."""
    found = []
    for about in sorted(imports_dir(cache_dir).glob("*.json")):
        try:
            known = json.loads(about.read_text(encoding="utf-8"))
            found.append(Import(**{**known, "file": about.with_suffix(".tsv")}))
        except (ValueError, TypeError) as error:
            raise TakingInRefused(f"{about}: damaged; remove it and import {about.stem} again") from error
    return found


def imports_digest(imports: Iterable[Import]) -> str:
    """Tells sets of imports apart; empty for none."""
    lines = [f"{one.name} {one.digest}" for one in imports]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12] if lines else ""


@dataclass(frozen=True, slots=True)
class Written:
    """A file of places that is not yet an import."""

    file: Path
    places: int
    digest: str


def write_places(cache_dir: Path, places: Iterable[SourcePlace]) -> Written:
    """Write places to a file beside the imports; the caller adds it (`keep`) or removes it."""
    folder = imports_dir(cache_dir)
    folder.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix="new-", dir=folder)
    digest, count = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            for place in places:
                line = to_line(place)
                digest.update(line.encode())
                out.write(line)
                count += 1
    except BaseException:
        Path(made).unlink()
        raise
    return Written(Path(made), count, digest.hexdigest())


def keep(one: Import, cache_dir: Path) -> Import:
    """Make a written file an import, in place of one of the same name."""
    folder = imports_dir(cache_dir)
    file = folder / f"{one.name}.tsv"
    one.file.replace(file)
    known = asdict(one)
    del known["file"]
    about = folder / f"new-{one.name}"
    about.write_text(json.dumps(known, ensure_ascii=False, indent=1), encoding="utf-8")
    about.replace(folder / f"{one.name}.json")
    return Import(**known, file=file)


def drop(one: Import) -> None:
    """Remove an import."""
    one.file.with_suffix(".json").unlink(missing_ok=True)
    one.file.unlink(missing_ok=True)

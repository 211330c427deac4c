"""One part of the gazetteer's compilation, in a process of its own: `python -m agents.names.compile_part`.

Reads the sources, takes its share of the rows, and writes arrays that `agents.names.compiler` joins.
"""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.names import folding
from agents.names.features import FEATURES, SETTLEMENT
from agents.names.sound import sound_key
from agents.names.source_place import SourcePlace, all_places
from agents.names.spellings import Joining, has_article, place_spellings
from agents.names.words import function_words
from streams.orphan import end_with_parent

JOININGS: tuple[Joining, ...] = ("word", "clitic", "inflected")
MAIN, ARTICLE = 1, 2
"""Flags of a spelling: it is the place's main name; its Arabic form bears the article."""
ARAB_COUNTRIES = frozenset((
    "AE", "BH", "DJ", "DZ", "EG", "EH", "IL", "IQ", "JO", "KM", "KW", "LB", "LY", "MA", "MR", "OM", "PS", "QA",
    "SA", "SD", "SO", "SY", "TD", "TN", "YE",
))  # fmt: skip
TRANSLITERATED = ARAB_COUNTRIES | frozenset((
    "AF", "AM", "AZ", "BD", "BF", "BG", "BY", "CF", "CM", "CY", "ER", "ET", "GE", "GR", "IN", "IR", "KG", "KZ", "ML",
    "MM", "NE", "NG", "NP", "PK", "RS", "RU", "SN", "SS", "TJ", "TM", "TR", "UA", "UZ", "XK",
))  # fmt: skip
"""Countries whose names reach the Latin alphabet by many ways."""
_BATCH = 2_000
_LATIN_END = "\u0370"
"""Names of only lower letters than this are of one script, and need no closer look."""
_FEWEST = 3
_WELL_KNOWN = 100_000
"""A city of as many people is looked for even where its name is a function word of some language (`Nice`)."""

Ints = npt.NDArray[np.int64]


def hashed(key: str) -> int:
    """A key as 64 bits, the same in every process."""
    return int.from_bytes(_digest(key), "big")


def _digest(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()


class _Spelled:
    """The patterns of one way of joining, with a row and flags for each place that bears one."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}
        self.patterns = array("q")
        self.rows = array("q")
        self.flags = array("B")

    def add(self, pattern: str, row: int, flags: int) -> None:
        self.patterns.append(self.at.setdefault(pattern, len(self.at)))
        self.rows.append(row)
        self.flags.append(flags)


class Part:
    """What one process makes of its rows."""

    def __init__(self) -> None:
        self._blob = bytearray()
        self._lengths: list[int] = []
        self._keys, self._key_rows = bytearray(), array("I")
        self._sounds, self._sound_rows = bytearray(), array("I")
        self._spelled = {how: _Spelled() for how in JOININGS}
        self._words = function_words()

    def take(self, places: Sequence[SourcePlace], first_row: int) -> None:
        """Compile places whose rows begin with `first_row`."""
        names = [name for place in places for name in (place.name, *place.names)]
        spaced = folding.apart(names)
        plains = folding.closed(spaced)
        keys = folding.keys(plains)
        ends = np.cumsum([0, *(1 + len(place.names) for place in places)]).tolist()
        for row, (place, (start, end)) in enumerate(zip(places, pairwise(ends), strict=True), first_row):
            mine = names[start:end]
            text = "\n".join(mine).encode("utf-8", "surrogatepass")
            self._blob += text
            self._lengths.append(len(text))
            if place.feature == "region":
                continue  # agents.names.imported makes entities of them
            for key in set(keys[start:end]):
                self._keys += _digest(key)
                self._key_rows.append(row)
            self._scanned(place, row, mine, spaced[start:end], plains[start:end])
            self._sounding(place, row, mine, keys[start:end])

    def _scanned(self, place: SourcePlace, row: int, names: list[str], spaced: list[str], plains: list[str]) -> None:
        """The spellings worth scanning for; transliterations of other scripts and codes are not."""
        arab = place.country in ARAB_COUNTRIES
        seen: dict[tuple[Joining, str], int] = {}
        for at, name in enumerate(names):
            main = at == 0
            latin = name.isascii() or max(name) < _LATIN_END
            if not main and name == names[0]:
                continue
            if (not main or place.feature != SETTLEMENT) and (len(name) < _FEWEST or not looks_like_a_name(name)):
                continue
            article = ARTICLE if has_article(name) else 0
            flags = (MAIN if main else 0) | article
            for how, pattern in _spellings(name, spaced[at], plains[at], latin=latin, arab=arab):
                plain = pattern.strip()
                if len(plain) < _FEWEST and (not main or how == "clitic"):
                    continue
                if (how == "word" and plain.islower()) or (
                    plain.lower() in self._words and not (main and place.population >= _WELL_KNOWN)
                ):
                    continue
                seen[how, pattern] = seen.get((how, pattern), 0) | flags
        for (how, pattern), flags in seen.items():
            self._spelled[how].add(pattern, row, flags)

    def _sounding(self, place: SourcePlace, row: int, names: list[str], keys: list[str]) -> None:
        """The sounds of its name, and of its other names where news spells them in many ways."""
        named = {keys[0]: names[0]}
        if place.country in TRANSLITERATED:
            for name, key in zip(names, keys, strict=True):
                if key not in named and looks_like_a_name(name):
                    named[key] = name
        for sound in {sound_key(name, key) for key, name in named.items()}:
            self._sounds += _digest(sound)
            self._sound_rows.append(row)

    def save(self, folder: Path) -> None:
        """Write everything into a folder."""
        (folder / "names.txt").write_bytes(self._blob)
        np.save(folder / "name_lengths.npy", np.array(self._lengths, dtype=np.int64))
        for name, digests, rows in (
            ("key", self._keys, self._key_rows),
            ("sound", self._sounds, self._sound_rows),
        ):
            np.save(folder / f"{name}_hashes.npy", np.frombuffer(digests, dtype=">u8").astype(np.uint64))
            np.save(folder / f"{name}_rows.npy", np.frombuffer(rows, dtype=np.uintc).astype(np.uint32))
        for how, spelled in self._spelled.items():
            (folder / f"{how}.txt").write_text("\n".join(spelled.at), encoding="utf-8", newline="\n")
            np.save(folder / f"{how}_patterns.npy", np.array(spelled.patterns, dtype=np.int64))
            np.save(folder / f"{how}_targets.npy", np.array(spelled.rows, dtype=np.int64))
            np.save(folder / f"{how}_flags.npy", np.array(spelled.flags, dtype=np.uint8))


def _spellings(name: str, spaced: str, plain: str, *, latin: bool, arab: bool) -> Iterator[tuple[Joining, str]]:
    """`place_spellings`, with the common case of one Latin word apart."""
    if not latin or " " in plain or "." in name or len(plain) < 2 or not spaced.strip() == spaced == plain:
        yield from place_spellings(name, articles=arab)
        return
    yield "word", f" {plain} "
    if not plain[0].isupper():
        titled = plain[:1].upper() + plain[1:]
        if titled != plain:
            yield "word", f" {titled} "


_DIGIT = re.compile(r"\d")


def looks_like_a_name(name: str) -> bool:
    """Whether a spelling is no code, number or word in small letters."""
    if not name.isalpha() and (_DIGIT.search(name) or (not name.isascii() and any(map(str.isdigit, name)))):
        return False
    if name.isupper() and len(name) <= 4 and name.isascii():
        return False
    first = name[0]
    return first.isupper() or not first.islower() or name.partition("-")[2][:1].isupper()


def save_columns(folder: Path, places: Sequence[SourcePlace]) -> dict[str, Any]:
    """Write what places have beside names, and give the lists that the numbers in it point into."""
    lists = {
        "countries": sorted({place.country for place in places}),
        "admins": sorted({f"{place.country}.{place.admin1}" for place in places}),
        "sources": sorted({place.source for place in places}),
        "features": list(FEATURES),
    }
    at = {name: {value: number for number, value in enumerate(values)} for name, values in lists.items()}
    columns: dict[str, tuple[Any, Any]] = {
        "ids": (np.int64, (place.id for place in places)),
        "lat": (np.float64, (round(place.lat, 5) for place in places)),
        "lon": (np.float64, (round(place.lon, 5) for place in places)),
        "population": (np.uint32, (place.population for place in places)),
        "country": (np.uint16, (at["countries"][place.country] for place in places)),
        "admin": (np.uint16, (at["admins"][f"{place.country}.{place.admin1}"] for place in places)),
        "source": (np.uint16, (at["sources"][place.source] for place in places)),
        "feature": (np.uint8, (at["features"][place.feature] for place in places)),
    }
    for name, (kind, values) in columns.items():
        np.save(folder / f"{name}.npy", np.fromiter(values, kind, len(places)))
    return lists


def main() -> None:
    """Compile the part that the JSON object on standard input describes; progress goes to standard output."""
    end_with_parent(os.getppid(), at_once=True)
    gc.disable()  # a million records that all stay: looking through them again and again takes a third of the time
    task = json.loads(sys.stdin.readline())
    places = all_places([(name, Path(file)) for name, file in task["imports"]])
    folder = Path(task["folder"])
    if task["part"] == 0:
        (folder / "lists.json").write_text(json.dumps(save_columns(folder, places)), encoding="utf-8")
    count = len(places)
    first, last = count * task["part"] // task["parts"], count * (task["part"] + 1) // task["parts"]
    part = Part()
    for start in range(first, last, _BATCH):
        stop = min(start + _BATCH, last)
        part.take(places[start:stop], start)
        print(stop - start, count, flush=True)
    part.save(folder)


if __name__ == "__main__":
    main()

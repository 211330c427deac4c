"""Reading GeoNames' dumps: tab-separated lines of 19 columns, as text or in a zip file.

The columns are GeoNames' own (their `readme.txt`): id, name, ASCII name, alternate names, latitude, longitude,
feature class, feature code, country, other countries, admin 1 to 4, population, elevation, model elevation, time zone,
date of change. `alternateNamesV2` has 10: its id, the place's id, language, name, four marks, from, to.
"""

from __future__ import annotations

import math
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from agents.names.features import feature_of_code
from agents.names.source_place import SourcePlace
from streams.errors import TakingInRefused

COLUMNS = 19
_ALTERNATE_COLUMNS = (8, 10)
_LONGEST_LINE = 1 << 20
_HOPELESS = 1_000
"""So many first lines that are all bad are no dump."""
MOST_PLACES = 1_500_000
"""Places one import may bring: the gazetteer must fit a worker's memory."""
_MOST_NAMES = 60
_LONGEST_NAME = 100
_NO_LANGUAGES = frozenset(("link", "wkdt", "post", "iata", "icao", "faac", "tcid", "unlc", "abbr", "phon", "piny"))
"""What stands in the language column of `alternateNamesV2` before a code or a link, not a name."""

Advance = Callable[[int], None]
"""Told of so many bytes more, of the file on disk, that were read."""


@dataclass(slots=True)
class Reading:
    """What came of reading a dump."""

    taken: int = 0
    skipped: int = 0
    """Places of kinds that newswatch does not read."""
    bad: int = 0
    first_bad: str = ""
    """`line: what is wrong` of the first bad line."""
    countries: dict[str, int] = field(default_factory=dict)

    def wrong(self, number: int, what: str) -> None:
        """Count a bad line."""
        self.bad += 1
        self.first_bad = self.first_bad or f"{number}: {what}"


def read_dump(path: Path, reading: Reading, advance: Advance) -> Iterator[SourcePlace]:
    """The places of a dump that newswatch reads, in the file's order; `reading` counts the rest.

    Raises TakingInRefused where the file is no dump at all, or has too many places.
    """
    for number, line in _lines(path, advance):
        place = _place(line, number, reading)
        if place is not None:
            reading.taken += 1
            reading.countries[place.country] = reading.countries.get(place.country, 0) + 1
            if reading.taken > MOST_PLACES:
                raise TakingInRefused(f"{path}: more than {MOST_PLACES:,} places; import single countries instead")
            yield place
        elif reading.bad == _HOPELESS and not reading.taken + reading.skipped:
            break
    if reading.taken + reading.skipped == 0:
        if not reading.bad:
            raise TakingInRefused(f"{path}: empty; give a GeoNames dump such as SY.txt or SY.zip")
        raise TakingInRefused(f"{path}:{reading.first_bad}; give a GeoNames dump, such as SY.txt or SY.zip")


def _place(raw: bytes, number: int, reading: Reading) -> SourcePlace | None:
    try:
        columns = raw.decode("utf-8").rstrip("\r\n").split("\t")
    except UnicodeDecodeError as error:
        reading.wrong(number, f"not UTF-8 (byte {error.start + 1})")
        return None
    if len(columns) != COLUMNS:
        what = "longer than a line may be" if len(raw) >= _LONGEST_LINE else f"{len(columns)} columns, not {COLUMNS}"
        reading.wrong(number, what)
        return None
    try:
        place_id, lat, lon = int(columns[0]), float(columns[4]), float(columns[5])
        population = int(columns[14] or 0)
    except ValueError:
        reading.wrong(number, "the id, the coordinates or the population is no number")
        return None
    if not 0 < place_id < 1 << 53 or not 0 <= population < 1 << 32:
        reading.wrong(number, "the id or the population is out of range")
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180 and math.isfinite(lat) and math.isfinite(lon)):
        reading.wrong(number, "the coordinates are not on the map")
        return None
    name = _clean(columns[1])
    if not name:
        reading.wrong(number, "no name")
        return None
    country = columns[8]
    feature = feature_of_code(columns[6], columns[7])
    if feature is None or not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
        reading.skipped += 1
        return None
    names = dict.fromkeys(_clean(other) for other in (columns[2], *columns[3].split(",")))
    names.pop(name, None)
    names.pop("", None)
    kept = tuple(names)[:_MOST_NAMES]
    return SourcePlace(place_id, name, kept, lat, lon, country, _clean(columns[10]), population, feature)


def read_alternates(path: Path, wanted: Callable[[int], bool], advance: Advance) -> dict[int, list[str]]:
    """The names that an `alternateNamesV2` file has for wanted places; lines that are none are passed over.

    Raises TakingInRefused where no line at all is one of such a file.
    """
    found: dict[int, list[str]] = {}
    read = lines = 0
    for _, raw in _lines(path, advance):
        lines += 1
        columns = raw.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if not _ALTERNATE_COLUMNS[0] <= len(columns) <= _ALTERNATE_COLUMNS[1] or not columns[1].isdecimal():
            continue
        read += 1
        if columns[2] in _NO_LANGUAGES or not wanted(int(columns[1])):
            continue
        name = _clean(columns[3])
        if name and "\ufffd" not in name:
            found.setdefault(int(columns[1]), []).append(name)
    if lines and not read:
        raise TakingInRefused(f"{path}: no alternate names of GeoNames ({_ALTERNATE_COLUMNS[1]} columns with tabs)")
    return found


def _clean(text: str) -> str:
    """A name without what would break lines; empty for one too long to be a name."""
    name = text.strip() if text.isprintable() else "".join(map(_printable, text)).strip()
    return name if len(name) <= _LONGEST_NAME else ""


def _printable(char: str) -> str:
    if char.isprintable():
        return char
    # marks of direction carry no letter; the joiner that Persian writes within a word parts it as a space does
    return "" if unicodedata.category(char) == "Cf" and char != "\u200c" else " "


def _lines(path: Path, advance: Advance) -> Iterator[tuple[int, bytes]]:
    """Numbered lines; one that is too long comes cut and what is left of it is passed over."""
    told = 0
    with _opened(path) as (stream, raw):
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            whole = line
            while not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                line = stream.readline(_LONGEST_LINE)
            if number == 1:
                whole = whole.removeprefix(b"\xef\xbb\xbf")
            if whole.strip():
                yield number, whole
            if number % 2_000 == 0:
                at = raw.tell()
                advance(at - told)
                told = at
        advance(max(0, path.stat().st_size - told))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The text of a file or of the largest text in a zip file, and the file itself (how far it is read)."""
    with path.open("rb") as raw:
        if raw.read(4) != b"PK\x03\x04":
            raw.seek(0)
            yield raw, raw
            return
        raw.seek(0)
        try:
            with zipfile.ZipFile(raw) as packed:
                texts = [one for one in packed.infolist() if one.filename.lower().endswith(".txt")]
                if not texts:
                    raise TakingInRefused(f"{path}: no .txt file in it; give a GeoNames dump such as SY.zip")
                with packed.open(max(texts, key=lambda one: one.file_size)) as stream:
                    yield stream, raw
        except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error) as error:  # RuntimeError: it has a password
            raise TakingInRefused(f"{path}: the zip file is damaged ({error}); fetch it again") from error

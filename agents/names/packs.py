"""Packs: YAML files of places, actors and routes of one theatre, with their names in several languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from agents.names.entity import Entity
from streams.errors import ConfigInvalid

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Names = dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], tuple[Text, ...]]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackPlace(_Strict):
    """A place; one that GeoNames has needs its id and the names it adds only."""

    id: Annotated[
        str, StringConstraints(pattern=r"^(geonames:\d+|place:[a-z0-9-]+|region:.+|country:[A-Z]{2}|area:.+)$")
    ]
    name: Text | None = None
    feature: str = ""
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    country: Country | None = None
    population: int = Field(default=0, ge=0)
    names: Names = {}


class PackActor(_Strict):
    """An actor; its acronyms are looked for exactly as written."""

    id: Annotated[str, StringConstraints(pattern=r"^actor:[a-z0-9-]+$")]
    name: Text
    type: str = ""
    country: Country | None = None
    names: Names = {}
    acronyms: tuple[Text, ...] = ()


class PackRoute(_Strict):
    """A road by the ids of its places in order."""

    id: Annotated[str, StringConstraints(pattern=r"^route:[a-z0-9-]+$")]
    name: Text
    waypoints: tuple[Text, ...] = Field(min_length=2)
    names: Names = {}


class Expected(_Strict):
    """A mention that a pack's test text must give."""

    surface: Text
    kind: Literal["place", "actor", "route"]
    entity: Text | None = None
    waypoints: tuple[Text, ...] = ()


class PackTest(_Strict):
    """A text and what it must and must not give."""

    text: str
    language: str | None = None
    title: str = ""
    expect: tuple[Expected, ...] = ()
    absent: tuple[Text, ...] = ()


class Pack(_Strict):
    """One file."""

    pack: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$")] = Field(
        validation_alias=AliasChoices("pack", "id")
    )
    name: Text
    countries: tuple[Country, ...] = ()
    places: tuple[PackPlace, ...] = ()
    actors: tuple[PackActor, ...] = ()
    routes: tuple[PackRoute, ...] = ()
    tests: tuple[PackTest, ...] = ()


@dataclass(frozen=True, slots=True)
class PackEntity:
    """An entity of a pack, with the acronyms among its names."""

    entity: Entity
    acronyms: tuple[str, ...] = ()
    scanned: tuple[str, ...] | None = None
    """The names to scan text for, where those are fewer than the entity's; None for all of them."""


def bundled_packs() -> list[Path]:
    """The packs that come with newswatch."""
    return sorted(Path(str(files("agents.packs"))).glob("*.yaml"))


def read_pack(path: Path) -> Pack:
    """Read one pack; raises ConfigInvalid with `file:line:column: what, and what to do` for every mistake."""
    return read_pack_lines(path)[0]


def read_pack_lines(path: Path) -> tuple[Pack, Callable[[tuple[int | str, ...]], int]]:
    """Read one pack as `read_pack` does, with what tells the line of a location in it (`("tests", 0, "text")`)."""
    try:
        raw = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid([f"{path}: cannot be read ({error.strerror}); check the path"]) from error
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else f"{path}:1:1"
        what = getattr(error, "problem", None) or "not UTF-8 text"
        raise ConfigInvalid([f"{where}: {what}; correct the YAML there"]) from error
    if not isinstance(raw, dict):
        raise ConfigInvalid([f"{path}:1:1: not a pack; begin with `pack: an-id` and `name: ...`"])
    try:
        return Pack.model_validate(raw), lambda location: _position(raw, location)[0]
    except ValidationError as error:
        mistakes = []
        for problem in error.errors():
            line, column = _position(raw, problem["loc"])
            field_path = ".".join(str(part) for part in problem["loc"])
            mistakes.append(f"{path}:{line}:{column}: {field_path}: {problem['msg']}; correct or remove it")
        raise ConfigInvalid(mistakes) from error


def _position(raw: Any, location: tuple[int | str, ...]) -> tuple[int, int]:
    line, column, node = 0, 0, raw
    for part in location:
        marks = getattr(node, "lc", None)
        try:
            line, column = marks.key(part) if isinstance(node, dict) else marks.item(part)  # type: ignore[union-attr]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1, column + 1


def entities_of(pack: Pack) -> list[PackEntity]:
    """The entities of a pack; a GeoNames place without coordinates here takes them from the gazetteer later."""
    source = f"pack:{pack.pack}"
    found = [
        PackEntity(
            Entity(
                id=place.id, kind="place", name=place.name or "", names=_names(place.name, place.names),
                lat=place.lat, lon=place.lon, country=place.country, feature=place.feature,
                population=place.population, source=source,
            )
        )
        for place in pack.places
    ]  # fmt: skip
    for actor in pack.actors:
        names = (*_names(actor.name, actor.names), *actor.acronyms)
        entity = Entity(
            id=actor.id, kind="actor", name=actor.name, names=names, country=actor.country, feature=actor.type,
            source=source,
        )  # fmt: skip
        found.append(PackEntity(entity, actor.acronyms))
    for route in pack.routes:
        names = _names(route.name, route.names)
        entity = Entity(
            id=route.id, kind="route", name=route.name, names=names, waypoints=route.waypoints, source=source
        )
        found.append(PackEntity(entity))
    return found


def _names(canonical: str | None, by_language: Names) -> tuple[str, ...]:
    every = [canonical] if canonical else []
    for names in by_language.values():
        every.extend(names)
    return tuple(dict.fromkeys(every))

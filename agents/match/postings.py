"""Laying postings: which condition of a watch brings it up, and what in an article brings up the condition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import shapely

from agents.match.compiled import CompiledWatch, Numbers, Postings
from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.facts import Pair
from agents.match.route import Route

_Key = TypeVar("_Key")
_COMMON_COUNTRY = 1000.0


def lay_postings(watches: Sequence[CompiledWatch]) -> Postings:
    """Post every watch under what is rarest among the things it cannot fire without."""
    shared: Counter[int] = Counter()
    for watch in watches:
        shared.update({id(condition) for condition in (*watch.any, *watch.all)})
    numbers: dict[int, int] = {}
    conditions: list[CompiledCondition] = []
    posted: list[list[int]] = []
    for position, watch in enumerate(watches):
        for condition in _rarest(watch, shared):
            number = numbers.setdefault(id(condition), len(conditions))
            if number == len(conditions):
                conditions.append(condition)
                posted.append([])
            if not posted[number] or posted[number][-1] != position:
                posted[number].append(position)
    return _post(conditions, [tuple(one) for one in posted])


def _rarest(watch: CompiledWatch, shared: Mapping[int, int]) -> tuple[CompiledCondition, ...]:
    """One condition of `all`, or all of `any`: the choice that the fewest articles and watches have in common."""
    choices: list[tuple[CompiledCondition, ...]] = [(condition,) for condition in watch.all]
    if watch.any:
        choices.append(watch.any)
    return min(choices, key=lambda choice: sum(_commonness(one) * shared[id(one)] for one in choice))


def _commonness(condition: CompiledCondition) -> float:
    """A rough measure of how many articles a condition holds in; only the order matters."""
    match condition:
        case Town():
            return 1 + condition.place.population / 100_000 + len(condition.near) / 10
        case Actor():
            return 5
        case Route():
            return 3 + len(condition.places) / 10
        case Inside():
            return _COMMON_COUNTRY if condition.country else 1 + len(condition.places) / 10
        case Phrase():
            return 2 if " " in condition.folded else 10


def _post(conditions: Sequence[CompiledCondition], watches: Sequence[Numbers]) -> Postings:
    entities: dict[str, list[int]] = {}
    countries: dict[str, list[int]] = {}
    pairs: dict[Pair, list[int]] = {}
    phrases: dict[int, list[int]] = {}
    quiet: set[str] = set()
    boxes: list[tuple[float, float, float, float]] = []
    box_conditions: list[int] = []
    for number, condition in enumerate(conditions):
        _add(entities, condition.triggers(), number)
        for box in condition.boxes():
            boxes.append(box)
            box_conditions.append(number)
        match condition:
            case Route():
                _add(pairs, condition.pairs(), number)
                quiet.update(condition.quiet & condition.order.keys())
            case Inside(country=str(code)):
                _add(countries, [code], number)
            case Phrase():
                _add(phrases, [condition.number], number)
    return Postings(
        entities=_frozen(entities),
        countries=_frozen(countries),
        pairs=_frozen(pairs),
        phrases=_frozen(phrases),
        quiet=frozenset(quiet),
        boxes=shapely.STRtree([shapely.box(w, s, e, n) for s, w, n, e in boxes]) if boxes else None,
        box_conditions=tuple(box_conditions),
        watches=watches,
    )


def _add(postings: dict[_Key, list[int]], keys: Iterable[_Key], number: int) -> None:
    for key in keys:
        postings.setdefault(key, []).append(number)


def _frozen(postings: dict[_Key, list[int]]) -> dict[_Key, Numbers]:
    return {key: tuple(numbers) for key, numbers in postings.items()}

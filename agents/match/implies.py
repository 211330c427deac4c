"""Whether one condition, or one watch, only ever holds where another does too."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from agents.match.compiled import CompiledWatch
from agents.match.conditions import Actor, CompiledCondition, Inside, Phrase, Town
from agents.match.route import Route


def implies(one: CompiledCondition, other: CompiledCondition) -> bool:
    """Whether `other` holds wherever `one` does, as far as their names tell: a no may be a yes after all."""
    match one, other:
        case Phrase(), Phrase():
            return f" {other.folded} " in f" {one.folded} "
        case Inside(), Inside():
            if one.country is not None or other.country is not None:
                return one.country == other.country
            return one.shape is not None and other.shape is not None and bool(other.shape.covers(one.shape))
        case Town(), Inside(country=str(code)):
            return one.circle is None and one.place.country == code
        case Actor() | Route(), Inside(country=str()):
            return False
        case Town() | Actor() | Route(), Town() | Actor() | Inside():
            return bool(names := needs(one)) and names <= holds_for(other)
        case Route(), Route():
            return needs(one) <= holds_for(other) and one.order.keys() <= other.order.keys() | other.places
        case Town() | Actor(), Route():
            return needs(one) <= holds_for(other)
        case _:
            return False


@lru_cache(maxsize=100_000)
def needs(condition: CompiledCondition) -> frozenset[str]:
    """Entities one of which is named where it holds; none for words and areas. Wide conditions need many."""
    match condition:
        case Town():
            return condition.near.union(condition.ids)
        case Actor():
            return frozenset(condition.ids)
        case Route():
            return condition.places.union(condition.ids, condition.order)
        case Inside():
            return condition.places
        case Phrase():
            return frozenset()


@lru_cache(maxsize=100_000)
def holds_for(condition: CompiledCondition) -> frozenset[str]:
    """Entities each of which makes it hold."""
    match condition:
        case Route():
            return condition.places.union(condition.ids)
        case _:
            return needs(condition)


def watch_implies(one: CompiledWatch, other: CompiledWatch) -> bool:
    """Whether every article that fires `one` fires `other` too."""
    if other.scope.languages and not (one.scope.languages and one.scope.languages <= other.scope.languages):
        return False
    if other.scope.outlets and not (one.scope.outlets and set(one.scope.outlets) <= set(other.scope.outlets)):
        return False
    if other.scope.facts_only and not one.scope.facts_only:
        return False
    return (
        all(_brings(one, (condition,)) for condition in other.all)
        and (not other.any or _brings(one, other.any))
        and all(any(implies(no, ruled) for ruled in one.none) for no in other.none)
    )


def _brings(watch: CompiledWatch, wanted: Iterable[CompiledCondition]) -> bool:
    """Whether one of the wanted conditions holds wherever the watch fires."""
    options = tuple(wanted)
    if any(implies(condition, option) for condition in watch.all for option in options):
        return True
    return bool(watch.any) and all(any(implies(one, option) for option in options) for one in watch.any)

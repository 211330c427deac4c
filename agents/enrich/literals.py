"""The strings that a regular expression's matches begin or end with, read off the expression itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from re import _constants as code  # type: ignore[attr-defined]  # the standard library's own parser of expressions
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

MOST_HEADS, MOST_TAILS = 500, 8_000
"""Strings that are told apart at most: where there would be more, they are cut short."""
_MOST_OF_A_CLASS = 8


class Literal(NamedTuple):
    """A string in small letters, with one space for any blanks, that some matches begin or end with."""

    text: str
    cut: bool = False
    """Something may stand beyond it that is no string."""
    sure: bool = True
    """What stands around it has no say."""
    bounded: bool = False
    """A word begins with it."""


_NOTHING = Literal("")


def heads(pattern: str) -> set[str] | None:
    """Strings one of which every match begins with; None where some match may begin with anything."""
    found = {one.text for one in _strings(parser.parse(pattern), forward=True)}
    return None if "" in found else found


def tails(pattern: str) -> set[Literal] | None:
    """Strings one of which every match ends with; None where some match may end with anything."""
    found = _strings(parser.parse(pattern), forward=False)
    return None if any(not one.text for one in found) else found


def _strings(parsed: Any, *, forward: bool) -> set[Literal]:
    grown = {_NOTHING}
    for operation, argument in parsed if forward else reversed(list(parsed)):
        open_ones = [one for one in grown if not one.cut]
        if not open_ones:
            break
        options = _options(operation, argument, forward=forward)
        if options is None or len(options) * len(open_ones) > (MOST_HEADS if forward else MOST_TAILS):
            return {one._replace(cut=True, sure=False) for one in grown}
        grown = {one for one in grown if one.cut} | {
            _joined(one, option, forward=forward) for one in open_ones for option in options
        }
    return grown


def _joined(one: Literal, option: Literal, *, forward: bool) -> Literal:
    text = one.text + option.text if forward else option.text + one.text
    # a boundary must stay at the beginning of what is read from the end
    inside = one.bounded and bool(option.text)
    return Literal(text, option.cut, one.sure and option.sure and not inside, option.bounded or one.bounded)


def _options(operation: Any, argument: Any, *, forward: bool) -> Collection[Literal] | None:
    """What one element of an expression may stand for; None where that is anything."""
    if operation is code.LITERAL:
        return [Literal(_small(argument))]
    if operation is code.IN:
        return _of_a_class(argument)
    if operation is code.BRANCH:
        return {one for branch in argument[1] for one in _strings(branch, forward=forward)}
    if operation is code.SUBPATTERN:
        return _strings(argument[3], forward=forward)
    if operation in (code.MAX_REPEAT, code.MIN_REPEAT):
        return _repeated(*argument, forward=forward)
    if operation is code.AT and argument is code.AT_END:
        return [_NOTHING]
    if operation is code.AT and argument is code.AT_BOUNDARY:
        return [Literal("", bounded=True)]
    if operation in (code.AT, code.ASSERT, code.ASSERT_NOT):
        return [Literal("", sure=False)]  # it takes no letters, and has a say
    return None


def _repeated(least: int, most: int, inner: Any, *, forward: bool) -> Collection[Literal] | None:
    if list(inner) == [(code.IN, [(code.CATEGORY, code.CATEGORY_SPACE)])]:
        return [Literal(" "), *([] if least else [_NOTHING])]
    once = _strings(inner, forward=forward)
    if (least, most) == (0, 1):
        return {_NOTHING, *once}
    if most > 3 or any(one.cut or not one.sure for one in once):
        return None
    found, grown = set[Literal](), {_NOTHING}
    for times in range(int(most) + 1):
        if times >= least:
            found |= grown
        if len(grown) * len(once) > (MOST_HEADS if forward else MOST_TAILS):
            return None
        grown = {Literal(one.text + more.text) for one in grown for more in once}
    return found


def _of_a_class(members: Sequence[Any]) -> Collection[Literal] | None:
    if list(members) == [(code.CATEGORY, code.CATEGORY_SPACE)]:
        return [Literal(" ")]
    if len(members) > _MOST_OF_A_CLASS or any(kind is not code.LITERAL for kind, _ in members):
        return None
    return {Literal(_small(letter)) for _, letter in members}


def _small(letter: int) -> str:
    char = chr(letter)
    return " " if char.isspace() else char.lower()

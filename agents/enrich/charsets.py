"""Regular expressions with one great class of letters, hundreds of times over, compiled sooner.

spaCy's French tokeniser is such an expression: the standard library works its class of all letters out anew each
time, which is two thirds of the time that a worker takes to start. Here equal classes are worked out once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def equal_classes_once() -> Iterator[None]:
    """Within it, compiling remembers what became of a class of letters; where this Python has no such step, nothing."""
    compiler: Any = getattr(re, "_compiler", None)
    work_out = getattr(compiler, "_optimize_charset", None)
    if work_out is None:
        yield
        return
    met: dict[Any, tuple[list[Any], Any]] = {}

    def remembered(charset: list[Any], *rules: Any) -> tuple[list[Any], Any]:
        # the rules are two functions and a table of the standard library's own, which all live on
        key = (tuple(charset), *map(id, rules))
        try:
            known = met.get(key)
        except TypeError:  # a class of a form that this does not know
            return work_out(charset, *rules)  # type: ignore[no-any-return]
        if known is None:
            known = met[key] = work_out(charset, *rules)
        return list(known[0]), known[1]

    compiler._optimize_charset = remembered
    try:
        yield
    finally:
        compiler._optimize_charset = work_out

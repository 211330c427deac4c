"""Matchers over the labels of alerts, written as Alertmanager's are: `country=SY`, `place!=Aleppo`, `watch=~"road-.*"`.

A label with several values (places, actors, ...) equals what any of them does; `outlet` only what all of them do, so
that a silence of one outlet never quiets what another tells too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal, cast

from agents.names.key import name_key
from agents.tell.labels import LABELS, Labels

Operator = Literal["=", "!=", "=~", "!~"]
_FORM = re.compile(r'\s*([a-zA-Z_]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|(.*?))\s*', re.DOTALL)
_LONGEST = 300
_BY_NAME = frozenset({"place", "actor"})


class NoMatcher(ValueError):
    """A text is no matcher; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label."""

    label: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.operator}"{quoted}"'

    def matches(self, labels: Labels) -> bool:
        """Whether labels meet it. Names of places and actors are equal in any case, with or without accents."""
        values = labels.get(self.label, ())
        every = all if self.label == "outlet" and values else any
        met = every(self._is(value) for value in values)
        return met if self.operator in ("=", "=~") else not met

    def _is(self, value: str) -> bool:
        if self.operator in ("=~", "!~"):
            return _pattern(self.value).fullmatch(value) is not None
        if self.label in _BY_NAME:
            return name_key(value) == name_key(self.value)
        if self.label == "outlet":
            return value == self.value or value.endswith(f".{self.value}")
        return value == self.value


def parse_matcher(text: str) -> Matcher:
    """A matcher from its text; raises NoMatcher."""
    form = _FORM.fullmatch(text)
    if form is None or len(text) > _LONGEST:
        raise NoMatcher(f'"{text[:60]}" is no matcher: write a label, = or != or =~ or !~, and a value: country=SY')
    label, operator, quoted, plain = form.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain
    if label not in LABELS:
        close = get_close_matches(label.lower(), LABELS, n=1, cutoff=0.75)
        advice = f'did you mean "{close[0]}"?' if close else f"the labels are {', '.join(LABELS)}"
        raise NoMatcher(f'no alert has the label "{label}": {advice}')
    if not value:
        raise NoMatcher(f'"{text[:60]}" has no value: write one behind {operator}')
    if operator in ("=~", "!~"):
        try:
            _pattern(value)
        except re.error as error:
            raise NoMatcher(
                f'"{value}" is no regular expression ({error}): mend it, or write = in place of ~'
            ) from None
    return Matcher(label, cast(Operator, operator), value)


def match_all(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """Whether labels meet every matcher; there must be one at least."""
    return bool(matchers) and all(one.matches(labels) for one in matchers)


@lru_cache(maxsize=1000)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)

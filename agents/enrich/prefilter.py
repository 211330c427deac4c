"""Regular expressions that are asked only where the words they need stand; what they find is the same.

The words are read off each expression (`agents.enrich.literals`), so that to change one is to change its words.
One automaton (Aho and Corasick, 1975) finds the words of all of them in one pass over a text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

import ahocorasick_rs

from agents.enrich.literals import heads, tails

_KEPT = 4
"""Texts whose words are remembered: the fields of the article at hand."""
_KEY, _LAST = 7, 3
"""Letters by which the ends of matches are looked up, and by which most texts are seen to have none."""
_REMEMBERED = 20_000
_BLANKS = re.compile(r"\s+")


class Ending:
    """An expression that ends with `$`, asked of the few letters before a name."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = re.compile(pattern, flags)
        found = tails(pattern)
        self._any = found is None
        maybe: dict[str, list[str]] = {}
        self._whole: set[str] = set()
        """What always matches, with the blank before it."""
        for text, cut, sure, bounded in found or ():
            maybe.setdefault(text[-_KEY:], []).append(text)
            if sure and not cut and flags & re.IGNORECASE and (bounded or text.startswith(" ")):
                self._whole.add(f" {text}" if bounded else text)
        self._ends = {key: tuple(texts) for key, texts in maybe.items()}
        lengths: dict[str, set[int]] = {}
        for key in self._ends:
            lengths.setdefault(key[-_LAST:], set()).add(len(key))
        self._lengths = {last: sorted(found, reverse=True) for last, found in lengths.items()}
        """By its last letters, how many letters the keys have."""
        self._short = any(len(last) < _LAST for last in self._lengths)
        self._without: set[str] = set()
        """Last letters met lately with which nothing ends that matches."""
        self._words = max((text.count(" ", 0, -1) for text in self._whole), default=0)

    def search(self, before: str) -> re.Match[str] | None:
        """What `re.search` finds."""
        return self._pattern.search(before) if self._any or self._may(before) is not False else None

    def ends(self, before: str) -> bool:
        """Whether `re.search` finds anything."""
        known = None if self._any else self._may(before)
        return self._pattern.search(before) is not None if known is None else known

    def _may(self, before: str) -> bool | None:
        """Whether it matches, by the strings that matches end with; None where these do not tell."""
        last = before[-_LAST:]
        if last in self._without:
            return False  # as for most
        plain = last.isprintable() and "  " not in last  # of blanks, a space alone is printable
        if plain:
            last = last.lower()
            if last not in self._lengths and not (self._short and self._short_ones(last)):
                if len(self._without) >= _REMEMBERED:
                    self._without.clear()
                self._without.add(before[-_LAST:])
                return False
            plain = before.isprintable() and "  " not in before
        lower = (before if plain else _BLANKS.sub(" ", before)).lower()
        if plain and self._whole:
            at = len(lower) - 1
            for _ in range(self._words):
                at = lower.rfind(" ", 0, at)
                if at < 0:
                    break
                if lower[at:] in self._whole:
                    return True
        for size in (_LAST, 2, 1) if self._short else (_LAST,):
            for length in self._lengths.get(lower[-size:], ()):
                texts = self._ends.get(lower[-length:])
                if texts is not None and lower.endswith(texts):
                    return None
        return False

    def _short_ones(self, last: str) -> bool:
        return last[-2:] in self._lengths or last[-1:] in self._lengths


class Cued:
    """An expression for whole texts, tried only where a match may begin.

    That is where one of the strings stands that all matches begin with; or, for one that begins with anything, at the
    words (as `begins` has it) no more than `within` characters before a match of `holding`, which every match holds.
    """

    _all: ClassVar[list[Cued]] = []

    def __init__(
        self, pattern: str, flags: int = 0, *, holding: str = "", within: int = 64, begins: str = r"\b\w"
    ) -> None:
        self._pattern = re.compile(pattern, flags)
        self._within = within if holding else 0
        self._begins = re.compile(begins)
        self.cues = heads(holding or pattern)
        """In small letters."""
        self._number = len(Cued._all)
        Cued._all.append(self)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """What `re.finditer` finds."""
        starts = self._starts(text)
        if starts is None:
            yield from self._pattern.finditer(text)
            return
        done = 0
        for start in starts:
            if start >= done and (found := self._pattern.match(text, start)):
                done = found.end()
                yield found

    def search(self, text: str, at: int = 0) -> re.Match[str] | None:
        """What `re.search` finds from an offset on."""
        starts = self._starts(text)
        if starts is None:
            return self._pattern.search(text, at)
        for index in range(bisect_left(starts, at), len(starts)):
            if found := self._pattern.match(text, starts[index]):
                return found
        return None

    def _starts(self, text: str) -> list[int] | None:
        if self.cues is None:
            return None
        cued = _cued(text)
        if cued is None:
            return None
        at = cued.get(self._number, [])
        return _before(text, at, self._within, self._begins) if self._within and at else at


_MET: OrderedDict[str, dict[int, list[int]] | None] = OrderedDict()


def _cued(text: str) -> dict[int, list[int]] | None:
    """Where the cues of each expression stand in a text, by its number; None for a text that cannot be told."""
    if text in _MET:
        return _MET[text]
    found = _find(text)
    _MET[text] = found
    if len(_MET) > _KEPT:
        _MET.popitem(last=False)
    return found


def _find(text: str) -> dict[int, list[int]] | None:
    lower = text.lower()
    if len(lower) != len(text):
        return None  # a letter that small letters make longer: offsets would be wrong
    automaton, numbers = _automaton(len(Cued._all))
    try:
        hits = automaton.find_matches_as_indexes(lower, overlapping=True)
    except UnicodeEncodeError:
        return None  # half of a surrogate pair
    found: dict[int, set[int]] = {}
    for cue, start, _ in hits:
        if start and lower[start - 1].isalnum():
            continue
        for number in numbers[cue]:
            found.setdefault(number, set()).add(start)
    return {number: sorted(starts) for number, starts in found.items()}


@cache
def _automaton(count: int) -> tuple[Any, list[list[int]]]:
    """The automaton over the cues of the first expressions, and for each cue the numbers of those it belongs to."""
    numbers: dict[str, list[int]] = {}
    for cued in Cued._all[:count]:
        for cue in cued.cues or ():
            numbers.setdefault(cue, []).append(cued._number)
    # DFA: a few hundred words
    automaton = ahocorasick_rs.AhoCorasick(
        list(numbers), store_patterns=False, implementation=ahocorasick_rs.Implementation.DFA
    )
    return automaton, list(numbers.values())


def _before(text: str, at: list[int], within: int, words: re.Pattern[str]) -> list[int]:
    """Where words begin that stand a little before some offsets."""
    found: set[int] = set()
    done = 0
    for end in at:
        found.update(word.start() for word in words.finditer(text, max(done, end - within), end + 1))
        done = end
    return sorted(found)

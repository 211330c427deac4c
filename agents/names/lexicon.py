"""Spellings looked up by the words of a text: which begin at a word, and how far each reaches.

Names begin and end with words, so a text's words are looked up one by one, most of them in one look-up among the
words met lately. An Aho-Corasick automaton (1975) over the same spellings passes a text sooner, but takes longer to
build than a worker may take to start; what a text takes in all, with what each name means, is about the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count, product

from agents.names.spellings import Joining, clitic_length, is_ending

MAX_ENDING, MAX_CLITIC = 4, 4
"""Letters that may be glued after and before a name at most."""
_CLITIC = re.compile("[\u0590-\u06ff\u0750-\u077f\ufb1d-\ufdff\ufe70-\ufefc]")
_INFLECTED = re.compile("[\u0370-\u052f]")
_GLUED = frozenset(
    prefix
    for letters, most in (("وفبكلا", MAX_CLITIC), ("ובהלמשכ", 2))
    for length in range(1, most + 1)
    for prefix in map("".join, product(letters, repeat=length))
    if clitic_length(prefix, True) is not None or clitic_length(prefix, False) is not None
)
_BEGINNING = -1
"""The number of what no spelling is, but some begin with."""
_is_ending = lru_cache(4096)(is_ending)


class Lexicon:
    """The spellings of one source, numbered by their places in the lists."""

    def __init__(self, patterns: dict[Joining, list[str]]) -> None:
        self._tables: dict[Joining, dict[str, int]] = {}
        self._first: dict[Joining, set[str]] = {}
        self.pairs: dict[Joining, Callable[[str], bool]] = {}
        """By joining: whether two words may begin a spelling of several words."""
        for how, listed in patterns.items():
            first, last = (0 if how == "clitic" else 1), (None if how == "inflected" else -1)
            keys = [pattern[first:last] for pattern in listed]
            several = [key for key in keys if " " in key]
            table = self._tables[how] = dict.fromkeys(_beginnings(several), _BEGINNING)
            table.update(zip(keys, count()))
            self._first[how] = {key[: key.index(" ")] for key in several}
            self.pairs[how] = table.__contains__ if how != "inflected" else _always
        self._word, self._word_first = self._tables.get("word", {}), self._first.get("word", set())
        self._clitic, self._clitic_first = self._tables.get("clitic", {}), self._first.get("clitic", set())
        self._stems, self._stems_first = self._tables.get("inflected", {}), self._first.get("inflected", set())

    def alone(self, word: str) -> Iterator[tuple[Joining, int, int]]:
        """The spellings that are the one word: how each joins, its number, and the letters glued before it."""
        number = self._word.get(word)
        if number is not None:
            yield "word", number, 0
        if word.isascii():
            return
        if self._clitic and _CLITIC.search(word):
            for glued, rest in _unglued(word):
                number = self._clitic.get(rest)
                if number is not None:
                    yield "clitic", number, glued
        if self._stems and _INFLECTED.search(word):
            for stem in _stems(word):
                number = self._stems.get(stem)
                if number is not None:
                    yield "inflected", number, 0

    def begin(self, word: str) -> Iterator[tuple[Joining, int]]:
        """How spellings of several words that begin with the word join, and the letters glued before them."""
        if word in self._word_first:
            yield "word", 0
        if self._clitic_first:
            yield from (("clitic", glued) for glued, rest in _unglued(word) if rest in self._clitic_first)
        if word in self._stems_first:
            yield "inflected", 0

    def longer(self, how: Joining, text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The spellings of several words from `start` of a folded text, whose first word ends at `stop`.

        Each as its number and where its last word ends, with what is glued after it.
        """
        table = self._tables[how]
        while True:
            after = text.find(" ", stop + 1)
            if after < 0:
                return
            begun = table.get(text[start:after])
            if how == "inflected":
                for word in _stems(text[stop + 1 : after]):
                    number = table.get(text[start : stop + 1] + word, _BEGINNING)
                    if number != _BEGINNING:
                        yield number, after
            elif begun is not None and begun != _BEGINNING:
                yield begun, after
            if begun is None:
                return
            stop = after


def _beginnings(several: list[str]) -> set[str]:
    """What spellings of three words and more begin with, two words at least."""
    found: set[str] = set()
    longer = [key for key in several if key.count(" ") > 1]
    while longer:
        shorter = {key[: key.rindex(" ")] for key in longer}
        found |= shorter
        longer = [key for key in shorter if key.count(" ") > 1]
    return found


def _always(_: str) -> bool:
    return True


def _unglued(word: str) -> Iterator[tuple[int, str]]:
    """The word without each number of letters that may be glued before a name."""
    yield 0, word
    for glued in range(1, min(MAX_CLITIC + 1, len(word))):
        if word[:glued] in _GLUED:
            yield glued, word[glued:]


def _stems(word: str) -> Iterator[str]:
    """The word without each number of letters that may be a case ending."""
    yield word
    for ending in range(1, min(MAX_ENDING, len(word)) + 1):
        if _is_ending(word[-ending:]):
            yield word[:-ending]

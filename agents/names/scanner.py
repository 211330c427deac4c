"""Finding names in text: spellings looked up in folded text by its words, and what each name found may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress
from typing import NamedTuple
from unicodedata import combining

from agents.names.key import Folded
from agents.names.lexicon import Lexicon
from agents.names.scan import Found, Meanings
from agents.names.spellings import Joining, clitic_length
from agents.names.words import is_ordinary

_CAPITALS = re.compile(r"(?<=\s)[^\W\d_a-zа-яα-ω]{2,}(?: [^\W\d_a-zа-яα-ω]{2,})*(?=\s)")
_LONG_CAPITALS = re.compile(r"[A-ZА-ЯΑ-Ω]{4,}")
_NEIGHBOUR = 24
_REMEMBERED = 200_000
"""Words and spellings met lately that are kept ready."""
_LONGEST = 100
"""Letters of a word that may be remembered; no name has a longer one."""


class Source(NamedTuple):
    """Spellings, and what the one of a number may stand for."""

    lexicon: Lexicon
    meanings: Callable[[Joining, int], Meanings]
    in_capitals: bool = True
    """Whether they are found in text all in capitals too."""


class _Sense(NamedTuple):
    """What a spelling means where certain letters are glued before it."""

    glued: int
    """How many of those letters are not the name's."""
    meanings: Meanings
    conditional: bool
    """Some count in certain forms only."""


class _Begun(NamedTuple):
    """What may begin at a word."""

    alone: tuple[tuple[int, Joining, _Sense], ...]
    """Names that are the one word: their source, how they join, what they mean."""
    longer: tuple[tuple[int, Joining, int, Callable[[str], bool]], ...]
    """Names that may go on from it: their source, how they join, the letters glued before them, and whether the
    first two words may begin one."""
    capitals: bool


class _Words(dict[str, _Begun | None]):
    """What may begin at a word, told once for each word; None for most."""

    def __init__(self, begun: Callable[[str], _Begun | None]) -> None:
        super().__init__()
        self._begun = begun

    def __missing__(self, word: str) -> _Begun | None:
        if not word or len(word) > _LONGEST:
            return None
        if len(self) >= _REMEMBERED:
            self.clear()
        begun = self[word] = self._begun(word)
        return begun


class Scanner:
    """Finds the names of several sources in one pass over the words."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._words = _Words(self._begun)
        self._senses: dict[tuple[int, Joining, int, str], _Sense | None] = {}

    def scan(self, folded: Folded, text: str) -> list[list[Found]]:
        """Every name of each source in the text, nested and overlapping ones too, in no order."""
        plain, shifted = folded.text, bool(folded.breaks)
        found: list[list[Found]] = [[] for _ in self._sources]
        shouting = False
        at = 0
        words = plain.split(" ")
        begins = list(map(self._words.__getitem__, words))
        for begun, word, after in compress(zip(begins, words, words[1:], strict=False), begins):
            alone, longer, capitals = begun  # type: ignore[misc]  # None is left out
            if capitals:
                shouting = True
            on = None
            if longer:
                pair = f"{word} {after}"
                for way in longer:
                    if way[3](pair[way[2] :]):
                        on = [way] if on is None else [*on, way]
            if alone:
                at = plain.find(f" {word} ", at)
            elif on is not None:
                # what stands before and is this word with this one after it was found before
                at = plain.find(f" {pair} ", at)
                if at < 0:
                    at = plain.rfind(f" {word} ")
            else:
                continue
            begin = at + 1
            at = begin + len(word)
            for source, how, sense in alone:
                start = begin + sense.glued
                if shifted or sense.conditional:
                    _take(sense, how, start, at, folded, text, found[source])
                else:
                    found[source].append(
                        Found(start - 1, at - 1, text[start - 1 : at - 1], plain[start:at], sense.meanings)
                    )
            for source, how, glued, _ in on or ():
                for number, stop in self._sources[source].lexicon.longer(how, plain, begin + glued, at):
                    known = self._sense(source, how, number, word[:glued])
                    if known is not None:
                        _take(known, how, begin + known.glued, stop, folded, text, found[source])
        if shouting:
            self._shouted(folded, text, found)
        return found

    def _begun(self, word: str) -> _Begun | None:
        alone = []
        for source, (lexicon, _, _) in enumerate(self._sources):
            for how, number, glued in lexicon.alone(word):
                sense = self._sense(source, how, number, word[:glued])
                if sense is not None:
                    alone.append((source, how, sense))
        longer = tuple(
            (source, how, glued, lexicon.pairs[how])
            for source, (lexicon, _, _) in enumerate(self._sources)
            for how, glued in lexicon.begin(word)
        )
        capitals = _LONG_CAPITALS.search(word) is not None
        return _Begun(tuple(alone), longer, capitals) if alone or longer or capitals else None

    def _sense(self, source: int, how: Joining, number: int, prefix: str) -> _Sense | None:
        key = (source, how, number, prefix)
        if key in self._senses:
            return self._senses[key]
        if len(self._senses) >= _REMEMBERED:
            self._senses.clear()
        glued, meanings = 0, self._sources[source].meanings(how, number)
        if how == "clitic":
            glued, meanings = _unglued(prefix, meanings)
        conditional = any(meaning.exact or meaning.dotted for meaning in meanings)
        sense = self._senses[key] = _Sense(glued, meanings, conditional) if meanings else None
        return sense

    def _shouted(self, folded: Folded, text: str, found: list[list[Found]]) -> None:
        """Names in a run of capitals, which are known in small letters."""
        for run in _CAPITALS.finditer(folded.text):
            if not _LONG_CAPITALS.search(run.group()):
                continue
            titled = f" {run.group().title()} "
            at = 0
            for word in filter(self._words.__getitem__, titled.split(" ")):
                at = titled.find(f" {word} ", at)
                begin = at + 1
                at = begin + len(word)
                begun = self._words[word]
                assert begun is not None
                before = run.start() - 1
                for source, how, sense in begun.alone:
                    if how != "clitic" and self._sources[source].in_capitals:
                        _take(sense, how, before + begin, before + at, folded, text, found[source], shouted=True)
                for source, how, *_ in begun.longer:
                    if how != "clitic" and self._sources[source].in_capitals:
                        for number, stop in self._sources[source].lexicon.longer(how, titled, begin, at):
                            known = self._sense(source, how, number, "")
                            if known is not None:
                                _take(
                                    known, how, before + begin, before + stop, folded, text, found[source], shouted=True
                                )


def _take(
    sense: _Sense, how: Joining, start: int, end: int, folded: Folded, text: str, out: list[Found],
    *, shouted: bool = False,
) -> None:  # fmt: skip
    plain = folded.text
    if how == "word":
        while plain[end - 1] == " ":
            end -= 1
    if folded.breaks:
        first, last = folded.original(start), folded.original(end - 1) + 1
        while last < len(text) and combining(text[last]):
            last += 1  # a vowel sign on the last letter belongs to it
    else:
        first, last = start - 1, end - 1
    surface = text[first:last]
    kept = sense.meanings
    if sense.conditional:
        kept = tuple(meaning for meaning in kept if not meaning.exact or surface in meaning.exact)
        if kept and kept[0].exact and is_ordinary(surface) and _amid_capitals(plain, start, end):
            kept = tuple(meaning for meaning in kept if not meaning.exact)
        if kept and kept[0].dotted:
            if text[last : last + 1] != ".":
                return
            last += 1
            surface = text[first:last]
    if kept:
        out.append(Found(first, last, surface, plain[start:end], kept, shouted))


def _amid_capitals(folded: str, start: int, end: int) -> bool:
    """Whether a word all in capitals that is no acronym stands beside a span: there an acronym may be a word."""
    before = folded[max(0, start - _NEIGHBOUR) : start].split()
    after = folded[end : end + _NEIGHBOUR].split()
    beside = (*before[-1:], *after[:1])
    return any(len(word) > 1 and word.isupper() for word in beside) and all(
        word.isupper() or word.isdigit() for word in beside
    )


def _unglued(prefix: str, meanings: Meanings) -> tuple[int, Meanings]:
    """How many of the letters glued before a name are not its own, and the meanings that allow those letters."""
    allowed = []
    glued = 0
    for meaning in meanings:
        length = clitic_length(prefix, meaning.article)
        if length is not None:
            allowed.append(meaning)
            glued = length
    return glued, tuple(allowed)

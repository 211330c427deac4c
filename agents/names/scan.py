"""Finding names in text: automata over folded text, and what each name found may mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import ahocorasick_rs

from agents.names.entity import Entity
from agents.names.key import Folded
from agents.names.spellings import Joining, clitic_length, is_ending
from agents.names.words import is_ordinary

Meanings = tuple["Meaning", ...]
_CAPITALS = re.compile(r"(?<=\s)[^\W\d_a-zа-яα-ω]{2,}(?: [^\W\d_a-zа-яα-ω]{2,})*(?=\s)")
_LONG_CAPITALS = re.compile(r"[A-ZА-ЯΑ-Ω]{4,}")
_SCRIPTS: dict[Joining, re.Pattern[str]] = {
    "clitic": re.compile("[\u0590-\u06ff]"),
    "inflected": re.compile("[\u0370-\u052f]"),
}
_NEIGHBOUR = 24
MAX_ENDING = 4
MAX_CLITIC = 4


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name found in text may stand for."""

    entity: Entity
    main: bool = False
    """The spelling is the entity's main name, not one of its other names."""
    article: bool = False
    """The spelling bears the Arabic article, which may be glued to a preposition."""
    code: bool = False
    """An abbreviation that means the place only after a comma (`Athens, Ga.`, `Lexington, KY`)."""
    dotted: bool = False
    """The spelling ends with a full stop, which belongs to the name."""
    exact: tuple[str, ...] = ()
    """The only forms in which it counts (acronyms that, in other letters, are words); empty for any."""
    alias: bool = False
    """The gazetteer alone gives the spelling to a place that a pack or a watch describes by others."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name in the text; offsets are into the original text."""

    start: int
    end: int
    surface: str
    plain: str
    """The name as spelled in folded text."""
    meanings: Meanings
    shouted: bool = False
    """All in capitals."""


class Automaton:
    """One automaton for each way of joining; `meanings(how, pattern)` tells what a pattern may stand for."""

    def __init__(self, patterns: dict[Joining, list[str]], meanings: Callable[[Joining, int], Meanings]) -> None:
        self._automata = {
            how: ahocorasick_rs.AhoCorasick(
                listed,
                matchkind=ahocorasick_rs.MatchKind.Standard,
                store_patterns=False,
                implementation=ahocorasick_rs.Implementation.ContiguousNFA,
            )
            for how, listed in patterns.items()
            if listed
        }
        self._meanings = meanings

    def scan(self, folded: Folded, text: str, out: list[Found], scripts: Iterable[Joining]) -> None:
        """Add every name in the text, nested and overlapping ones too."""
        for how in scripts:
            automaton = self._automata.get(how)
            if automaton is None:
                continue
            for pattern, start, end in automaton.find_matches_as_indexes(folded.text, overlapping=True):
                self._take(how, pattern, start, end, folded, text, out)
        word = self._automata.get("word")
        if word is not None and _LONG_CAPITALS.search(folded.text):
            for run in _CAPITALS.finditer(folded.text):
                if not _LONG_CAPITALS.search(run.group()):
                    continue
                titled = f" {run.group().title()} "
                for pattern, start, end in word.find_matches_as_indexes(titled, overlapping=True):
                    at = run.start() - 1
                    self._take("word", pattern, at + start, at + end, folded, text, out, shouted=True)

    def _take(
        self, how: Joining, pattern: int, start: int, end: int, folded: Folded, text: str, out: list[Found],
        *, shouted: bool = False,
    ) -> None:  # fmt: skip
        meanings = self._meanings(how, pattern)
        if how == "word":
            start += 1
            while folded.text[end - 1] == " ":
                end -= 1
        elif how == "clitic":
            end -= 1
            placed = _unglue(folded.text, start, meanings)
            if placed is None:
                return
            start, meanings = placed
        else:
            start += 1
            stop = folded.text.find(" ", end)
            if stop - end > MAX_ENDING or not is_ending(folded.text[end:stop]):
                return
            end = stop
        first, last = folded.original(start), folded.original(end - 1) + 1
        surface = text[first:last]
        kept = tuple(meaning for meaning in meanings if not meaning.exact or surface in meaning.exact)
        if kept and kept[0].exact and is_ordinary(surface) and _amid_capitals(folded.text, start, end):
            kept = tuple(meaning for meaning in kept if not meaning.exact)
        if kept and kept[0].dotted:
            if text[last : last + 1] != ".":
                return
            last += 1
            surface = text[first:last]
        if kept:
            out.append(Found(first, last, surface, folded.text[start:end], kept, shouted))


def _amid_capitals(folded: str, start: int, end: int) -> bool:
    """Whether a word all in capitals that is no acronym stands beside a span: there an acronym may be a word."""
    before = folded[max(0, start - _NEIGHBOUR) : start].split()
    after = folded[end : end + _NEIGHBOUR].split()
    beside = (*before[-1:], *after[:1])
    return any(len(word) > 1 and word.isupper() for word in beside) and all(
        word.isupper() or word.isdigit() for word in beside
    )


def _unglue(folded: str, start: int, meanings: Meanings) -> tuple[int, Meanings] | None:
    """The start of a name after the letters glued before it, with the meanings that allow those letters."""
    begin = folded.rfind(" ", max(0, start - MAX_CLITIC - 1), start) + 1
    if begin == 0 and not folded.startswith(" ", max(0, start - MAX_CLITIC - 1)):
        return None
    prefix = folded[begin:start]
    allowed = []
    glued = 0
    for meaning in meanings:
        length = clitic_length(prefix, meaning.article)
        if length is not None:
            allowed.append(meaning)
            glued = length
    return (begin + glued, tuple(allowed)) if allowed else None


def scripts_of(folded: Folded) -> list[Joining]:
    """Which automata can find anything in a text."""
    found: list[Joining] = ["word"]
    if not folded.text.isascii():
        found.extend(how for how, letters in _SCRIPTS.items() if letters.search(folded.text))
    return found


def longest(found: list[Found]) -> list[Found]:
    """The leftmost longest names, none overlapping, meanings of one span joined; in text order."""
    found.sort(key=lambda name: (name.start, -name.end))
    kept: list[Found] = []
    reach = -1
    for name in found:
        if kept and name.start == kept[-1].start and name.end == kept[-1].end:
            kept[-1] = joined(kept[-1], name)
        elif name.start >= reach:
            kept.append(name)
            reach = name.end
    return kept


def joined(one: Found, other: Found) -> Found:
    """One span found by two automata, with the meanings of both."""
    by_id = {meaning.entity.id: meaning for meaning in one.meanings}
    for meaning in other.meanings:
        same = by_id.get(meaning.entity.id)
        if same is None or (same.alias and not meaning.alias):
            by_id[meaning.entity.id] = meaning
    return Found(one.start, one.end, one.surface, one.plain, tuple(by_id.values()), one.shouted and other.shouted)

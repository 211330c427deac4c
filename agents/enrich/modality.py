"""Whether a mention tells of a fact, or is negated, planned, hypothetical, historical or figurative, by words near it.

Rules over cue words and their scope, after NegEx (Chapman et al., 2001) and ConText (Harkema et al., 2009): a cue
reaches to the end of its clause, and words that only look like one (`not only`, `sans doute`) do not count. One
automaton finds every cue of a language in one pass; a mention with none beside it costs a binary search.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import ahocorasick_rs
from ruamel.yaml import YAML

from agents.enrich.clause import (
    FUTURE,
    IN_THE_YEAR,
    SCORE,
    SINCE,
    STOP,
    blocks,
    denies,
    goes_on,
    holds_after,
    is_cue,
    may_be_glued,
    sentence_of,
    speaks_between,
)
from agents.enrich.eponyms import bears_a_name, is_a_body, names_a_thing
from streams.records import Article, Field, Mention, Modality

BEFORE, AFTER = 90, 60
"""Characters before and after a mention in which a cue counts."""
_ORDER: tuple[Modality, ...] = ("historical", "negated", "hypothetical", "planned")
"""Of several cues the first of these decides; a name that stands for something else comes before them all."""
_UNDATED_YEAR = 2010
"""Years before this one are past where an article bears no date."""
_PAST_YEARS = 2
_OPENING, _PREPOSITION = 32, 5
_SURROGATES = re.compile("[\ud800-\udfff]")
_COMMA = re.compile("[,،]")
_MILLENNIA, _DIGITS = "12\u0661\u0662\u06f1\u06f2", 4
"""What years begin with, and how long they are."""


@dataclass(frozen=True, slots=True)
class _Cue:
    """A word and what it says, on which side of a mention."""

    word: str
    says: str
    """A modality, or `eponym`, `body` or `sport`."""
    before: bool
    after: bool
    glued: bool = False
    """Letters may stand right before it."""
    goes_on: bool = False
    """Letters may stand right after it."""


@dataclass(frozen=True, slots=True)
class _Cues:
    """All cues of a language, with the automaton that finds them."""

    cues: tuple[_Cue, ...]
    automaton: Any


@cache
def _cues(language: str) -> _Cues | None:
    read: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (files("agents.enrich") / "data" / "modality.yaml").read_text(encoding="utf-8")
    )
    if language not in read:
        return None
    found: list[_Cue] = []
    for says, listed in read[language].items():
        name, _, side = says.partition("_")
        sides = {side: listed} if side else {"both": listed} if isinstance(listed, str) else listed
        for where, words in sides.items():
            for word in words.split(","):
                found.append(_Cue(word.strip(), name, where != "after", where != "before"))
    found += [_Cue(ending, "planned", True, True) for ending in FUTURE.get(language, ())]
    found = [replace(cue, glued=may_be_glued(language, cue.word), goes_on=goes_on(cue.word)) for cue in found]
    patterns = [cue.word.removesuffix("-") for cue in found]
    automaton = ahocorasick_rs.AhoCorasick(
        patterns, store_patterns=False, implementation=ahocorasick_rs.Implementation.DFA
    )
    return _Cues(tuple(found), automaton)


def mark(mentions: Iterable[Mention], article: Article, language: str) -> tuple[Mention, ...]:
    """The mentions of an article with their modality; what is past is past on the day it appeared."""
    marked: list[Mention] = []
    texts: dict[Field, Marks] = {}
    year = article.published.year if article.published else None
    for mention in mentions:
        marks = texts.get(mention.field)
        if marks is None:
            text = article.title if mention.field == "title" else article.text
            marks = texts[mention.field] = Marks(text, language, year)
        modality = marks.of(mention.start, mention.end)
        marked.append(mention if modality == "fact" else replace(mention, modality=modality))
    return tuple(marked)


class Marks:
    """The cues of one field."""

    def __init__(self, text: str, language: str, year: int | None) -> None:
        self._text = text
        self._language = language
        self._past = (year - _PAST_YEARS) if year is not None else _UNDATED_YEAR - 1
        self._years = [at for at in _years(text) if int(text[at : at + 4]) <= self._past]
        self._found = _found(text, language)
        self._starts = [begin for begin, _, _ in self._found]

    def of(self, start: int, end: int) -> Modality:
        """What the words near a span say of it."""
        first = bisect_left(self._starts, start - BEFORE)
        near = first < len(self._starts) and self._starts[first] < end + AFTER
        year = bisect_left(self._years, start - BEFORE) if self._years else 0
        dated = year < len(self._years) and self._years[year] < end + AFTER
        if not near and not dated:
            return "fact"
        said = set()
        for at in range(first, len(self._found)) if near else ():
            begin, stop, cue = self._found[at]
            if begin >= end + AFTER:
                break
            if (stop <= start or begin >= end) and cue.says not in said and self._counts(cue, begin, stop, start, end):
                said.add(cue.says)
        if dated and self._dated(year, start, end):
            said.add("historical")
        if not said:
            return "fact"
        if (
            "eponym" in said
            or "body" in said
            or ("sport" in said and SCORE.search(self._text, max(0, start - BEFORE), end + AFTER))
        ):
            return "figurative"
        return next((modality for modality in _ORDER if modality in said), "fact")

    def _counts(self, cue: _Cue, begin: int, stop: int, start: int, end: int) -> bool:
        before = stop <= start
        if not (cue.before if before else cue.after):
            return False
        text = self._text
        if cue.says == "eponym":
            return names_a_thing(text, begin, stop, start) if before else bears_a_name(text, end, begin, stop)
        if cue.says == "body":
            return is_a_body(text, begin, stop, start, end)
        if STOP.search(text, *((stop, start) if before else (end, begin))):
            return False
        if cue.says == "sport":
            return True
        if before:
            return not blocks(self._language, text[stop:start]) and not denies(cue.word, text[stop:start])
        gap = text[end:begin]
        if gap.startswith(",") and gap.count(",") == 1 and self._opens(start, end):
            return cue.says == "planned"  # `À Homs, la coupure durera ...`
        return holds_after(gap, cue.says) and not speaks_between(self._language, gap)

    def _opens(self, start: int, end: int) -> bool:
        """Whether a span stands at the beginning of its sentence, after a preposition at most."""
        return start - sentence_of(self._text, start, end, BEFORE, 0)[0] <= _PREPOSITION

    def _dated(self, at: int, start: int, end: int) -> bool:
        """Whether a past year in the sentence dates what is told of the span."""
        lowest, highest = sentence_of(self._text, start, end, BEFORE, AFTER)
        while at < len(self._years) and self._years[at] < min(highest, end + AFTER):
            year = self._years[at]
            at += 1
            if year < lowest or start <= year < end:
                continue
            base = max(0, year - _OPENING)
            opening = IN_THE_YEAR.search(self._text[base:year])
            if opening is None or SINCE.search(self._text, base, base + opening.start()):
                continue
            if year > end:
                gap = self._text[end : base + opening.start()].rstrip()
                inserted = gap.startswith((",", "،")) and self._text[year + 4 : year + 5] in (",", "،")
                if len(gap) <= 1 or not _COMMA.search(gap) or (start - lowest <= _PREPOSITION and not inserted):
                    return True
            elif base + opening.start() <= lowest + 1 or not _COMMA.search(self._text, year, start):
                return True
        return False


def _found(text: str, language: str) -> list[tuple[int, int, _Cue]]:
    """The start, end and meaning of every cue of a text, in its order."""
    known = _cues(language)
    if known is None:
        return []
    lower = text.lower()
    if len(lower) != len(text):
        lower = text  # a letter that lower case makes longer: offsets matter more than capitals
    try:
        hits = known.automaton.find_matches_as_indexes(lower, overlapping=True)
    except UnicodeEncodeError:  # half a character is no cue and cannot be scanned
        lower = _SURROGATES.sub("\ufffd", lower)
        hits = known.automaton.find_matches_as_indexes(lower, overlapping=True)
    found = []
    cues, length = known.cues, len(lower)
    for number, begin, stop in hits:
        cue = cues[number]
        if not cue.glued and begin and lower[begin - 1].isalnum():
            continue  # a part of a word, as most are
        if not cue.goes_on and stop < length and lower[stop].isalnum():
            continue
        if is_cue(language, cue.word, cue.says, text, lower, begin, stop):
            found.append((begin, stop, cue))
    found.sort(key=_start)
    return found


def _years(text: str) -> list[int]:
    """Where numbers of four digits stand that may be years, by their first digits: sooner than by a pattern."""
    found = []
    for first in _MILLENNIA[:2] if text.isascii() else _MILLENNIA:
        at = text.find(first)
        while at >= 0:
            end = at + _DIGITS
            if (
                text[at:end].isdecimal()
                and end <= len(text)
                and not text[end : end + 1].isdigit()
                and not (at and text[at - 1].isdigit())
            ):
                found.append(at)
            at = text.find(first, at + 1)
    found.sort()
    return found


def _start(found: tuple[int, int, _Cue]) -> int:
    return found[0]

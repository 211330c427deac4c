"""The spellings of a name that are looked for in text, and how each may stand among other letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from agents.names.key import ARTICLES, fold, spelling

Joining = Literal["word", "clitic", "inflected"]
"""`word`: stands alone. `clitic`: prefixes may be glued before it (Arabic, Hebrew). `inflected`: endings may be
glued after it (Cyrillic, Greek)."""

_CLITIC = re.compile("[\u0590-\u06ff\u0750-\u077f\ufb1d-\ufdff\ufe70-\ufefc]")
_INFLECTED = re.compile("[\u0370-\u052f]")
_UNCASED_OTHER = re.compile("[\u0530-\u058f\u0900-\u1fff\u2e80-\ua97f\uac00-\ud7ff]")
_SAINT = re.compile(r"\b(Saint|Sankt|Fort|Mount) ")
_SHORT = {"Saint": "St", "Sankt": "St", "Fort": "Ft", "Mount": "Mt"}
_LAST_VOWEL = re.compile("[аеиоуыэюяйьії]$")

ARABIC_ARTICLES = ("al", "el", "Al", "El")


def joining(name: str) -> Joining | None:
    """How a name joins with what stands beside it; None for scripts that are not scanned."""
    if _CLITIC.search(name):
        return "clitic"
    if _INFLECTED.search(name):
        return "inflected"
    return None if _UNCASED_OTHER.search(name) else "word"


def cased(name: str) -> Iterator[str]:
    """The ways a name is written: as given, as a sentence begins with it, and with every word capitalised."""
    titled = " ".join(word[:1].upper() + word[1:] for word in name.split(" "))
    yield from dict.fromkeys((name, name[:1].upper() + name[1:], titled))


def place_spellings(name: str, *, articles: bool = False) -> Iterator[tuple[Joining, str]]:
    """Every spelling to scan for; with `articles`, an Arabic name's Latin spellings with other articles or none."""
    how = joining(name)
    plain = spelling(name)
    if how is None or len(plain) < 2:
        return
    if how == "clitic":
        apart = fold(name).text[1:-1].strip()
        for written in dict.fromkeys((plain, apart)):  # `السودان - شمال`: punctuation between spaces folds to more
            yield how, (bare(written) if has_article(name) else written) + " "
        return
    if how == "inflected":
        yield from ((how, f" {form}") for form in _cyrillic_forms(plain))
        return
    apart = fold(name).text[1:-1]
    if apart != plain and apart.strip() == apart:
        yield how, f" {apart} "  # punctuation and a space between two words: both stand in folded text
    for written in cased(plain):
        yield how, f" {written} "
        if "." in name and ". " not in name:
            yield how, " " + spelling(name.replace(".", " ")) + "  "
        saint = _SAINT.match(written)
        if saint:
            short = _SHORT[saint.group(1)]
            yield how, f" {short} {written[saint.end() :]} "
            yield how, f" {short}  {written[saint.end() :]} "
    first, _, rest = plain.partition(" ")
    if articles and rest and first.lower() in ARTICLES:
        for written in cased(rest):
            for article in ARABIC_ARTICLES:
                yield how, f" {article} {written} "
            if len(rest) > 4:
                yield how, f" {written} "


_CASES = {"ая": "ой ую", "ый": "ого ому ом", "ий": "ого ому ом", "ое": "ого ому ом", "ие": "их им", "ые": "ых им"}
_ADJECTIVES = {spelling(ending): tuple(map(spelling, cases.split())) for ending, cases in _CASES.items()}
_SHORT_FEMININE = {"а": ("ы", "у", "е", "ои"), "я": ("и", "ю", "е", "еи")}


def _cyrillic_forms(plain: str) -> Iterator[str]:
    """The beginnings that the case endings of a Cyrillic name's last word follow, with every case of its first word.

    A short name keeps its vowel and is spelled in each case: without it `Газа` would be any `газ`.
    """
    first, _, rest = plain.partition(" ")
    last = plain if len(plain) <= 4 else _LAST_VOWEL.sub("", plain)
    yield last
    if len(plain) <= 4:
        yield from (plain[:-1] + ending for ending in _SHORT_FEMININE.get(plain[-1:], ()))
    if not rest:
        return
    rest = _LAST_VOWEL.sub("", rest) if len(rest) > 4 else rest
    if first[-2:] in _ADJECTIVES:
        yield from (f"{first[:-2]}{ending} {rest}" for ending in _ADJECTIVES[first[-2:]])
    elif first[:1].islower() and not _LAST_VOWEL.search(first):
        yield from (f"{first}{ending} {rest}" for ending in ("а", "у", "е", "ом"))


def has_article(name: str) -> bool:
    """Whether an Arabic name begins with the article: `ألمانيا` and `ألوية` only look so once they are folded."""
    return name.startswith("ال") and len(name.split(maxsplit=1)[0]) > 4


def bare(word: str) -> str:
    """An Arabic name without its article, which a clitic may have swallowed."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


_ARABIC_PREFIX = re.compile("^([وف]?)(ال|[بك]ال|لل|[بكل])?$")
_HEBREW_PREFIX = re.compile("^[ובהלמשכ]{1,2}$")
_WRITTEN_ENDINGS = (
    "а я у ю е и ы о і ї й ь ом ем ой ей ою ею ам ям ами ями ах ях ов ев ого ому ым им ые ый ий ая ью ии ию ия ві ку"
)
_CYRILLIC_ENDINGS = frozenset(map(spelling, ["", *_WRITTEN_ENDINGS.split()]))
"""Folded, which takes the mark off й and ї."""


def clitic_length(prefix: str, with_article: bool) -> int | None:
    """How many letters glued before a name are not its own; None where they make it another word.

    The article is part of the name's span; where a preposition swallowed its alif (لل), the lam that is left is.
    """
    if prefix == "":
        return None if with_article else 0
    found = _ARABIC_PREFIX.match(prefix)
    if found:
        rest = found.group(2) or ""
        if ("ال" in rest or rest == "لل") != with_article:
            return None
        own = 2 if "ال" in rest else 1 if rest == "لل" else 0
        return len(prefix) - own
    return len(prefix) if _HEBREW_PREFIX.match(prefix) else None


def is_ending(ending: str) -> bool:
    """Whether letters glued after a Cyrillic or Greek name are a case ending."""
    return ending.lower() in _CYRILLIC_ENDINGS

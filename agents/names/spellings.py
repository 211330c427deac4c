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
    """The ways a capitalised name is written: as given, and with every word capitalised."""
    yield name
    titled = " ".join(word[:1].upper() + word[1:] for word in name.split(" "))
    if titled != name:
        yield titled


def place_spellings(name: str, *, articles: bool = False) -> Iterator[tuple[Joining, str]]:
    """Every spelling to scan for; with `articles`, an Arabic name's Latin spellings with other articles or none."""
    how = joining(name)
    plain = spelling(name)
    if how is None or len(plain) < 2:
        return
    if how == "clitic":
        yield how, bare(plain) + " "
        return
    if how == "inflected":
        yield how, " " + (_LAST_VOWEL.sub("", plain) if len(plain) > 4 else plain)
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


def bare(word: str) -> str:
    """An Arabic name without its article, which a clitic may have swallowed."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


_ARABIC_PREFIX = re.compile("^([وف]?)(ال|[بك]ال|لل|[بكل])?$")
_HEBREW_PREFIX = re.compile("^[ובהלמשכ]{1,2}$")
_CYRILLIC_ENDING = re.compile(
    "^(а|я|у|ю|е|и|ы|о|і|ї|ом|ем|ой|ей|ою|ею|ам|ям|ами|ями|ах|ях|ов|ев|ого|ому|ым|им|ые|ый|ий|ая|й|ь|ью|ии|ию|ия|ві|ку)?$"
)


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
    return _CYRILLIC_ENDING.match(ending.lower()) is not None

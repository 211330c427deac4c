"""Words as articles are searched by: folded, and in Arabic also without what is written onto them."""

from __future__ import annotations

from collections.abc import Iterator

from agents.match.phrase import CLITIC_LETTERS, CLITICS, MIN_CLITIC_WORD, UNSPACED, fold

_LONGEST = 60
_MOST = 40_000
"""Terms of one article that are kept; a novel has as many."""


def terms(text: str) -> list[str]:
    """Every term of a text once, in order: its folded words, each also without the clitics of Arabic."""
    found: set[str] = set()
    for word in _words(text):
        found.update(_bare(word))
    return sorted(found)[:_MOST]


def asked(text: str) -> list[tuple[str, ...]]:
    """What is searched for: for each word the beginnings of terms of which one must stand in an article."""
    return [tuple(_bare(word)) if word.startswith("ال") else (word,) for word in dict.fromkeys(_words(text))]


def _words(text: str) -> Iterator[str]:
    folded = fold(text)
    spaced = "".join(one if one.isalnum() else " " for one in folded)
    # Thai, Chinese and the like write no space between words: each sign counts for itself
    for word in UNSPACED.sub(lambda sign: f" {sign[0]} ", spaced).split():
        yield word[:_LONGEST]


def _bare(word: str) -> Iterator[str]:
    yield word
    if "\u0620" <= word[0] <= "\u064a":
        for length in range(1, min(CLITIC_LETTERS, len(word) - MIN_CLITIC_WORD) + 1):
            if word[:length] in CLITICS:
                yield word[length:]

"""Phrases: words as a person wrote them, found in a text whatever the case, accents, apostrophes and spaces there.

Text and phrase are folded alike; one Aho-Corasick automaton finds every phrase of every watch in one pass over the
folded text (Aho and Corasick, CACM 18(6), 1975), and what is found is led back to the characters as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

Span = tuple[int, int]
"""Start and end (exclusive) in code points of the text as it stands."""

_PLAIN = {
    **dict.fromkeys("’‘ʼʹ`´′＇ʿʾ‛", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘－", "-"),
    **dict.fromkeys("«»“”„‟", '"'),
    **{"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"},
    **{"ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك"},
    **{chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0) for digit in range(10)},
}
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SPACES = re.compile(r"\s+")
# What Arabic writes in one word with the word it belongs to: and, so; by, for; the. `لل` is for + the.
CLITICS = frozenset(a + b for a in ("", "و", "ف") for b in ("", "ب", "ل", "ال", "بال", "لل", "كال") if a + b)
CLITIC_LETTERS = 4
MIN_CLITIC_WORD = 3


def fold(text: str) -> str:
    """Lower case, without accents, vowel signs and invisible characters; runs of spaces are one space."""
    if not text.isascii():
        for letter in set(text):
            if not letter.isascii() and (plain := _fold_character(letter)) != letter:
                text = text.replace(letter, plain)
    return _SPACES.sub(" ", text.lower().replace("`", "'"))


@lru_cache(maxsize=65_536)
def _fold_character(character: str) -> str:
    """What one character becomes; folding that again changes nothing."""
    if character.isascii():
        return " " if character.isspace() else character.lower().replace("`", "'")
    folded = character
    while True:
        # Casefolding can open up a character that decomposes further.
        opened = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", folded).casefold())
        opened = "".join(_PLAIN.get(one, one) for one in opened if not _is_dropped(one))
        if opened == folded:
            return " " if folded.isspace() else folded
        folded = opened


def _is_dropped(character: str) -> bool:
    """Accents, vowel signs and invisible characters; tatweel only stretches an Arabic word."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf", "Cs"} or character == "\u0640"


class FoldedText:
    """A text, folded; the way back to its own characters is only worked out when asked for."""

    __slots__ = ("_origin", "folded", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self._origin: list[int] | None = None

    def span(self, start: int, end: int) -> Span:
        """The span of the text that `start`..`end` of the folded text came from."""
        if self._origin is None:
            self._origin = self._trace()
        first, last = self._origin[start], self._origin[end - 1]
        stop = last + 1
        while stop < len(self.text) and unicodedata.combining(self.text[stop]):
            stop += 1
        return first, stop

    def _trace(self) -> list[int]:
        origin: list[int] = []
        after_space = False
        for position, character in enumerate(self.text):
            folded = _fold_character(character)
            for one in folded:
                if one == " " and after_space:
                    continue
                after_space = one == " "
                origin.append(position)
        return origin


class PhraseScanner:
    """Finds many phrases in one pass; phrases are told apart by their position in `phrases` (already folded)."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self.phrases = tuple(phrases)
        self._automaton = (
            AhoCorasick(
                # one by one, which lets other threads have their turn while many are taken in
                (phrase for phrase in self.phrases),
                matchkind=MatchKind.Standard,
                store_patterns=False,
                implementation=Implementation.ContiguousNFA,
            )
            if self.phrases
            else None
        )

    def find(self, text: FoldedText) -> list[tuple[int, Span]]:
        """Every whole-word occurrence as (phrase number, span in the text as it stands), in the order of the text."""
        if self._automaton is None:
            return []
        folded = text.folded
        return [
            (number, text.span(start, end))
            for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if _ends_a_word(folded, end) and _begins_a_word(folded, start, end)
        ]


def _ends_a_word(folded: str, end: int) -> bool:
    return end == len(folded) or not _is_one_word(folded[end - 1], folded[end])


def _is_one_word(before: str, after: str) -> bool:
    """Whether two neighbouring letters belong to one word; Thai, Chinese and the like write no space between words."""
    return before.isalnum() and after.isalnum() and not (UNSPACED.match(before) or UNSPACED.match(after))


def _begins_a_word(folded: str, start: int, end: int) -> bool:
    if start == 0 or not _is_one_word(folded[start - 1], folded[start]):
        return True
    if not "\u0620" <= folded[start] <= "\u064a":
        return False
    word_end = start
    while word_end < end and folded[word_end].isalnum():
        word_end += 1
    if word_end - start < MIN_CLITIC_WORD:
        return False
    for length in range(1, CLITIC_LETTERS + 1):
        before = start - length
        if before < 0:
            return False
        if before == 0 or not folded[before - 1].isalnum():
            return folded[before:start] in CLITICS
    return False

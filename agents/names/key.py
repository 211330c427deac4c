"""Spelling-proof keys: folding of text with a way back to its offsets, and the keys that names are looked up by."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from agents.names.alphabets import ARABIC, CYRILLIC, LATIN
from streams.frozen import soon_made

ARTICLES = frozenset((
    "al", "el", "ul", "ol", "il", "ad", "ar", "as", "ash", "at", "az", "an", "adh", "ed", "er", "es", "esh", "et",
    "ez", "en", "edh",
))  # fmt: skip
"""The Arabic article in Latin letters, assimilated or not."""

_DIRECT = {
    "ı": "i", "İ": "I", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ħ": "h", "Ħ": "H", "ə": "e",
    "Ə": "E", "ŋ": "n", "ð": "d", "Ð": "D", "ŧ": "t", "ß": "s", "œ": "e", "æ": "e", "Œ": "E", "Æ": "E",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ۀ": "ه",
    "ہ": "ه", "ە": "ه", "ک": "ك", "گ": "ك", "ڤ": "ف", "پ": "ب", "چ": "ج", "ژ": "ز",
    "ё": "е", "Ё": "Е", "ґ": "г", "Ґ": "Г", "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ", "ς": "σ",
}  # fmt: skip
"""Letters that Unicode does not decompose, each to one letter: folding never changes the length of regular text."""

_GONE = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u00ad\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\u02b0-\u02ff\u0674ʿʾ‘]+"
)
"""Marks that carry no letter: they vanish, and the offsets after them shift."""

_SPACES = re.compile(r"\s+")


class _Folding(dict[int, str]):
    """The table for `str.translate`, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _DIRECT.get(char)
        if folded is None:
            base = [c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)]
            folded = _DIRECT.get(base[0], base[0]) if len(base) == 1 else char
            if not folded.isalnum():
                folded = " "
        self[code] = folded
        return folded


_FOLDING = _Folding()
_FOLDING.update({code: chr(code) if chr(code).isalnum() else " " for code in range(128)})
_FOLDINGS = tuple(alphabet.folding(lambda char: _FOLDING[ord(char)]) for alphabet in (LATIN, ARABIC, CYRILLIC))
"""By alphabet; none holds a mark that vanishes."""


def _translated(text: str) -> str | None:
    """Text of one alphabet, or of ASCII, with every character folded; None where it is of neither."""
    if text.isascii():
        return text.translate(_FOLDING)
    for folding in _FOLDINGS:
        try:
            return folding(text)
        except UnicodeEncodeError:
            continue
    return None


@soon_made
@dataclass(frozen=True, slots=True)
class Folded:
    """Text with accents, marks and punctuation folded away, case kept, one space before and after it.

    Every separator is one space, so a name never matches across a comma or a full stop, which leave two.
    """

    text: str
    breaks: list[int] = field(default_factory=list)
    """Folded offsets where the distance to the original grows (empty: one to one)."""
    shifts: list[int] = field(default_factory=list)

    def original(self, offset: int) -> int:
        """The offset in the original text of an offset in `text`."""
        if not self.breaks:
            return offset - 1
        at = bisect_right(self.breaks, offset) - 1
        return offset - 1 + (self.shifts[at] if at >= 0 else 0)


def fold(text: str) -> Folded:
    """Fold for scanning, in time linear in the text."""
    folded = _translated(text)
    if folded is None and not _GONE.search(text):
        folded = text.translate(_FOLDING)
    if folded is not None:
        return Folded(f" {folded} ")
    pieces: list[str] = []
    breaks: list[int] = []
    shifts: list[int] = []
    done = length = gone = 0
    for mark in _GONE.finditer(text):
        piece = text[done : mark.start()]
        pieces.append(piece)
        length += len(piece)
        gone += mark.end() - mark.start()
        done = mark.end()
        breaks.append(length + 1)
        shifts.append(gone)
    pieces.append(text[done:])
    kept = "".join(pieces)
    return Folded(f" {_translated(kept) or kept.translate(_FOLDING)} ", breaks, shifts)


fold_lately = lru_cache(maxsize=4)(fold)
"""`fold` for the fields of the article at hand, which several steps read."""


def spelling(name: str) -> str:
    """A name as it stands in folded text: case kept, single spaces, no ends."""
    return _SPACES.sub(" ", _GONE.sub("", name).translate(_FOLDING)).strip()


def name_key(name: str) -> str:
    """The key two spellings of one name share: no case, accents, marks, punctuation or Arabic article.

    >>> name_key("Al-Ḥasakah") == name_key("al Hasakah") == "hasakah"
    True
    """
    words = spelling(name).lower().split()
    kept = [word for word in words if word not in ARTICLES] if len(words) > 1 else words
    return " ".join(_bare_arabic(word) for word in kept or words)


def _bare_arabic(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word

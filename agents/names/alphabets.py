"""Alphabets of 256 characters: text written in one of them is folded by two passes in C, without a look-up in Python.

`str.translate` looks every character of a text that is not ASCII up in a dictionary, which took 60 to 160 us for an
article; an encoding of our own and a decoding into other characters take 6.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_UNUSED = "\ufffe"
_TYPOGRAPHY = "«»“”„’…–—\u00a0"
_LATIN = "".join(map(chr, range(0xA0, 0x100))).replace("\u00ad", "") + "“”„’…–—•€œŒ‑\u202f\u2009ğĞıİşŞčČšŠžŽćĆłŁ"
_ARABIC = "".join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B), *range(0x660, 0x66A), *range(0x6F0, 0x6FA))))
_CYRILLIC = "".join(map(chr, range(0x400, 0x460))) + "ґҐ№"
_EXTRA = (_LATIN, _ARABIC + "،؛؟٪پچژکگیەۀہۆ\u200c" + _TYPOGRAPHY, _CYRILLIC + _TYPOGRAPHY)


class Alphabet:
    """ASCII and 128 more characters."""

    def __init__(self, extra: str) -> None:
        self._characters = "".join(map(chr, range(128))) + "".join(dict.fromkeys(extra))
        assert len(self._characters) <= 256
        self._numbers = codecs.charmap_build(self._characters.ljust(256, _UNUSED))

    def encoded(self, text: str) -> bytes:
        """A byte for each character; raises UnicodeEncodeError where one is not of the alphabet."""
        return codecs.charmap_encode(text, "strict", self._numbers)[0]

    def covers(self, text: str) -> bool:
        """Whether every character is of the alphabet."""
        try:
            self.encoded(text)
        except UnicodeEncodeError:
            return False
        return True

    def bytes_of(self, letters: re.Pattern[str]) -> bytes:
        """The bytes of its characters that a class of characters holds."""
        return bytes(at for at, char in enumerate(self._characters) if letters.match(char))

    def folding(self, folded: Callable[[str], str]) -> Callable[[str], str]:
        """A function that gives text with every character folded; it raises UnicodeEncodeError like `encoded`."""
        numbers, table = self._numbers, "".join(map(folded, self._characters)).ljust(256, _UNUSED)
        encode, decode = codecs.charmap_encode, codecs.charmap_decode

        def fold(text: str) -> str:
            return decode(encode(text, "strict", numbers)[0], "strict", table)[0]

        return fold


LATIN, ARABIC, CYRILLIC = (Alphabet(extra) for extra in _EXTRA)

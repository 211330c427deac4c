"""How a name sounds, whatever alphabet or school of transliteration it is written in, and how alike two names sound.

Arabic, Persian, Kurdish, Hebrew and Cyrillic letters and the digraphs of English, French, German and Slavic
transliterations become one small alphabet. A name is looked up by its consonants alone, and what is found is verified
by the ratio of matching letters (Indel distance), vowels and all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii
from rapidfuzz import fuzz

from agents.names.key import ARTICLES, name_key

_ARABIC = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهوي" + "پگیڤێڕڵۆۇەٹڈڑںےھۀ" + "ځڅډړږښټڼګېۍ",
        "abttjhxddrzsSsdtz-gfkklmnhui" + "bgivirluuatdrniha" + "zsdrgStngii",
        strict=True,
    )
)
_ARABIC.update({"ة": "a", "ى": "a", "ئ": "i", "ؤ": "u", "أ": "a", "إ": "i", "آ": "a", "ک": "k", "چ": "S", "ژ": "j"})
_CYRILLIC = dict(
    zip(
        "абвгдезийклмнопрстуфхцчшщъыьэіґћђјљњџқғҳәөүұһң",
        "abvgdeziiklmnoprstufxsSSS-i-eigSjilnjkghaouuhn",
        strict=True,
    )
)
_CYRILLIC.update({"ж": "j", "ю": "iu", "я": "ia", "ё": "io", "ї": "i", "є": "e"})
_HEBREW = dict(zip("אבגדהוזחטיכלמנסעפצקרשתךםןףץ", "abgduuzxtiklmns-fskrStkmnfs", strict=True))
_HEBREW["ה"] = "h"
_LETTERS = str.maketrans({**_ARABIC, **_CYRILLIC, **_HEBREW})
_UNFOLDED = str.maketrans({
    **{"č": "ch", "š": "sh", "ž": "zh", "ç": "ch", "ş": "sh", "ǧ": "j", "ǰ": "j", "ġ": "gh", "ḫ": "kh"},
    **{"Č": "ch", "Š": "sh", "Ž": "zh", "Ç": "ch", "Ş": "sh", "Ǧ": "j", "Ġ": "gh", "Ḫ": "kh"},
})  # fmt: skip
"""Letters that folding would bare of what makes their sound."""

_WRITTEN = {
    "shch": "S", "dsch": "j", "tsch": "S", "sch": "S", "tch": "S", "dzh": "j", "zh": "j", "sh": "S", "ch": "S",
    "cz": "S", "kh": "x", "gh": "g", "rh": "g", "dj": "j", "dh": "d", "th": "t", "ph": "f", "ck": "k", "ts": "s",
    "ou": "u", "oo": "u", "ee": "i", "ea": "i", "w": "u", "y": "i", "c": "k", "q": "k",
}  # fmt: skip
_DIGRAPHS = re.compile("|".join(_WRITTEN))
_ONE_SOUND = str.maketrans({"S": "s", "z": "s", "x": "h", "p": "b", "e": "i", "o": "u", "-": None, "'": None})
_ARTICLES = ARTICLES | {
    "ehl", "ehsh", "ehr", "ehd", "ehs", "us", "ud", "ut", "un", "ush", "uz",
    "эль", "аль", "ас", "аш", "ар", "ад", "ат", "ан", "аз", "эс", "эш", "эр", "эд", "эт", "эн", "эз",
}  # fmt: skip
_TWICE = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?<=..)[aeiou]+[ht]?$")
"""The feminine ending, which every school writes in its own way: -a, -ah, -at, -e, -é, -eh; -iyah, -ieh, -iye."""
_BARE_ENDING = re.compile(r"(?:[aeiou]+[ht]?|[ht])$")
_SHORT = 4
ALIKE = 87.0
"""Likeness from which two names are spellings of one, among the places of the countries that a text speaks of."""
_FEW = (12.0, 10.0, 6.0, 2.0, 0.0)
"""What likeness loses by the number of consonants."""
_VOWELS = re.compile("[aiuh]+")
_CONSONANTAL = re.compile("[\u0590-\u06ff]")
_LATIN = re.compile("[a-zA-ZÀ-ɏ]")


class Sound(NamedTuple):
    """A name in the small alphabet."""

    key: str
    """As `agents.names.key.name_key` has it."""
    letters: str
    bones: str
    """Its consonants."""
    bare: bool
    """Its script leaves short vowels out."""


@lru_cache(maxsize=20_000)
def sound_of(name: str) -> Sound:
    """How a name sounds."""
    key = name_key(name)
    letters, bones = _letters(key if name.isascii() else _key_of(name, key))
    return Sound(key, letters, bones, _CONSONANTAL.search(key) is not None)


def sound_key(name: str, key: str | None = None) -> str:
    """The consonants of a name, the same for most spellings of it in any script; `key` is its `name_key` if known."""
    if key is None:
        key = name_key(name)
    return _letters(key if name.isascii() else _key_of(name, key))[1]


def _key_of(name: str, key: str) -> str:
    unfolded = name.translate(_UNFOLDED)
    return key if unfolded == name else name_key(unfolded)


def _letters(key: str) -> tuple[str, str]:
    words = key.split()
    if len(words) > 1:
        words = [word for word in words if word not in _ARTICLES] or words
    letters = "".join(map(_spoken, words))
    return letters, _VOWELS.sub("", letters)


def _spoken(word: str) -> str:
    if word.isascii():
        spoken = _DIGRAPHS.sub(_sound, word)
    else:
        spoken = word.translate(_LETTERS)
        if not spoken.isascii() or _LATIN.search(word):
            spoken = _DIGRAPHS.sub(_sound, anyascii(spoken).lower())
    if len(spoken) > _SHORT:
        spoken = (_BARE_ENDING if _CONSONANTAL.search(word) else _ENDING).sub("", spoken)
    return _TWICE.sub(r"\1", spoken.translate(_ONE_SOUND))


def _sound(found: re.Match[str]) -> str:
    return _WRITTEN[found.group()]


def nearby(bones: str) -> Iterator[str]:
    """The consonants less one of them: the keys of names that lack one."""
    if len(bones) > 3:
        yield from dict.fromkeys(bones[:at] + bones[at + 1 :] for at in range(len(bones)))


def likeness(one: Sound, other: Sound) -> float:
    """How alike two names sound, 0 to 100; 100 is one key.

    Consonants count more where one script leaves vowels out, and names of few consonants must agree in more.
    """
    if one.key == other.key:
        return 100.0
    if not one.letters or not other.letters:
        return 0.0
    whole = fuzz.ratio(one.letters, other.letters)
    bones = fuzz.ratio(one.bones, other.bones)
    share = 0.7 if one.bare != other.bare else 0.4
    rated = min(99.0, share * bones + (1 - share) * whole)
    few = min(len(one.bones), len(other.bones), len(_FEW) - 1)
    return rated if rated == 99.0 else max(0.0, rated - _FEW[few])

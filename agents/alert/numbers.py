"""Numbers and days of the week that a text tells, alike in every language they are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from agents.names.key import fold

_FIGURE = re.compile(r"\d{1,3}(?:[ \u00a0\u202f.,٬]\d{3})+(?![\d\w])|\d+(?:[.,٫]\d+)?")
_SEPARATOR = re.compile(r"[ \u00a0\u202f.,٬](?=\d{3}(?!\d))")
_WORD = re.compile(r"[^\W\d_]+")
_MOST_CHARACTERS = 6_000
MOST_NUMBERS = 40

_EN = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_FR = "deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_AR = "اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة"
_AR_SHORT = "اثنين ثلاث أربع خمس ست سبع ثماني تسع عشر"
_TENS = {
    20: "twenty vingt vingts عشرون عشرين", 30: "thirty trente ثلاثون ثلاثين", 40: "forty quarante أربعون أربعين",
    50: "fifty cinquante خمسون خمسين", 60: "sixty soixante ستون ستين", 70: "seventy septante سبعون سبعين",
    80: "eighty huitante ثمانون ثمانين", 90: "ninety nonante تسعون تسعين",
}  # fmt: skip
_DAYS = (
    "monday lundi الاثنين الإثنين", "tuesday mardi الثلاثاء", "wednesday mercredi الأربعاء", "thursday jeudi الخميس",
    "friday vendredi الجمعة", "saturday samedi السبت", "sunday dimanche الأحد",
)  # fmt: skip


@lru_cache(maxsize=4)  # of one article both its numbers and its days are read
def _plain(text: str) -> str:
    return fold(text).text.lower()


_VALUES: dict[str, int] = {}
for _list in (_EN, _FR, _AR, _AR_SHORT):
    _VALUES.update((word, value) for value, word in enumerate(_plain(_list).split(), start=2))
for _value, _words in _TENS.items():
    _VALUES.update(dict.fromkeys(_plain(_words).split(), _value))
_TEEN = _plain("عشر").strip()
_DAY_OF = {word: day for day, words in enumerate(_DAYS) for word in _plain(words).split()}


def numbers_in(text: str) -> tuple[str, ...]:
    """The numbers of a text in figures and in words (English, French, Arabic), each once, in order of value.

    One says nothing, and years are no numbers of an event.
    """
    text = text[:_MOST_CHARACTERS]
    found = {*_figures(text), *_in_words(_WORD.findall(_plain(text)))}
    return tuple(sorted(found, key=lambda number: (float(number), number))[:MOST_NUMBERS])


def days_in(text: str) -> tuple[int, ...]:
    """The days of the week that a text names, Monday as 0."""
    return tuple(sorted({_DAY_OF[word] for word in _plain(text[:_MOST_CHARACTERS]).split() if word in _DAY_OF}))


def _figures(text: str) -> Iterator[str]:
    for match in _FIGURE.finditer(text):
        written = match.group()
        whole = _SEPARATOR.sub("", written)
        if whole.isdecimal():
            value = int(whole[:12])
            if value > 1 and not (whole == written and 1900 <= value <= 2100):
                yield str(value)
        else:
            before, after = re.split("[^0-9٠-٩۰-۹]", whole, maxsplit=1)[:2]
            if before.isdecimal() and after.isdecimal():
                yield f"{int(before[:12])}.{int(after[:6])}"


def _in_words(words: list[str]) -> Iterator[str]:
    held = 0  # a number that the next word may go on
    for word in words:
        value = _VALUES.get(word, 0)
        if not held and not value and word[0] != "و":
            continue  # as most words
        tens = 0 if value else _VALUES.get(word[1:], 0) if word.startswith("و") else 0
        if held and 3 <= held <= 9 and word == _TEEN:
            held += 10
        elif 2 <= held <= 9 and tens >= 20:
            held += tens
        elif held == 4 and value == 20:
            held = 80  # quatre-vingt
        elif held == 10 and 7 <= value <= 9:
            held += value  # dix-sept; a number after a bare `ten` is hardly ever told
        elif held >= 20 and held % 10 == 0 and 2 <= value <= (19 if held in (60, 80) else 9):
            held += value
        else:
            if held:
                yield str(held)
            held = value or tens
    if held:
        yield str(held)

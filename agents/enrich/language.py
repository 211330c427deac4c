"""Which language a text is in: by script, function words, then a naive Bayes over bytes with the hint as a prior.

Lui, M. and Baldwin, T. (2012), "langid.py: An Off-the-shelf Language Identification Tool", as py3langid trains it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from copy import copy
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from agents.enrich.telltale import told_by_words
from agents.names.alphabets import ARABIC, LATIN

SAMPLE = 400
"""Code points that are read; more changes no answer and costs time."""
HINT_BONUS = 6.0
"""Nats a feed's declared language is worth: about one short sentence of evidence against it."""
COMMON_BONUS = 3.0
"""Nats for the languages most news is written in: decides headlines of two or three names."""

_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"), ("ar", "fa", "ur", "ku", "ps")),
    (re.compile("[\u0400-\u052f]"), ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn")),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), ("el",)),
    (re.compile("[\u0530-\u058f]"), ("hy",)),
    (re.compile("[\u10a0-\u10ff]"), ("ka",)),
    (re.compile("[\u1200-\u137f]"), ("am",)),
    (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile("[\u3040-\u30ff]"), ("ja",)),
    (re.compile("[\uac00-\ud7af]"), ("ko",)),
    (re.compile("[\u4e00-\u9fff]"), ("zh",)),
)
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
# in one alphabet, letters are counted without a look at each
_LATIN_BYTES, _ASCII_BYTES = LATIN.bytes_of(_LATIN), ARABIC.bytes_of(_LATIN)
_ARABIC_BYTES = ARABIC.bytes_of(_SCRIPTS[0][0])
_LATIN_LANGUAGES: tuple[str, ...] = (
    "en", "fr", "es", "de", "it", "pt", "nl", "tr", "pl", "ro", "sv", "da", "no", "fi", "cs", "hu", "hr", "sq", "id",
    "ca", "az", "sw", "vi", "et", "lt", "lv", "sk", "sl",
)  # fmt: skip
_SHORT_LATIN: tuple[str, ...] = ("en", "fr", "es", "de", "it", "pt", "nl", "tr")
"""Languages that a headline of a few words may be in when no hint says otherwise."""
_SHORT = 40
"""Letters below which a text is a headline: its names would decide, so they are left out."""
_COMMON = frozenset(("en", "fr", "es", "de", "ar", "ru"))
_NAME = re.compile(r"(?<=[\w,;'’\"”)»-] )['’\"«“(]?[^\W\d_a-zß-ÿ][\w’'-]*|\b[A-Z]{2,}\b")
_PERSIAN = re.compile("[پچژگکی]")
_PERSIAN_WORD = re.compile(r"(?<!\w)(?:در|از|را|است|این|شد|شدند|برای|های|می|کرد)(?!\w)")
_ARABIC = re.compile("[ةىأإؤ]|(^|\\s)[وبل]?ال")
_UKRAINIAN = re.compile("[іїєґ]")


@cache
def every_language() -> LanguageIdentifier:
    """The model of all languages, to be read beforehand: most of a second, half of it without Python's lock."""
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = copy(every_language())  # choosing among fewer changes it, and leaves the tables as they are
    known = set(identifier.labels)
    identifier.set_languages([language for language in languages if language in known])
    return identifier


def identify(title: str, text: str, hint: str | None) -> str:
    """ISO 639-1 of the text, `und` where it has no letters and no hint.

    Mixed texts are of the language with the most letters of its script.
    """
    sample = f"{text[:SAMPLE]} {title[:SAMPLE]}" if text else title[:SAMPLE]
    told = hint[:2].lower() if hint and len(hint) >= 2 and hint[:2].isascii() and hint[:2].isalpha() else None
    best, languages = _script(sample)
    if best == 0:
        return told or "und"
    if len(languages) == 1:
        return languages[0]
    if languages[0] == "ar":
        return _arabic_script(sample, told)
    if languages[0] == "ru" and best < _SHORT:
        return told if told in languages else "uk" if _UKRAINIAN.search(sample) else "ru"
    if languages[0] == "en" and best < _SHORT:
        return _headline(sample, told)
    by_words = told_by_words(sample) if languages is _LATIN_LANGUAGES else None
    return by_words or _ranked(sample, languages, told)


def _script(sample: str) -> tuple[int, tuple[str, ...]]:
    """How many letters of its commonest script a text has, and the languages of that script."""
    with suppress(UnicodeEncodeError):
        return _count(LATIN.encoded(sample), _LATIN_BYTES), _LATIN_LANGUAGES
    with suppress(UnicodeEncodeError):
        encoded = ARABIC.encoded(sample)
        arabic, latin = _count(encoded, _ARABIC_BYTES), _count(encoded, _ASCII_BYTES)
        return (arabic, _SCRIPTS[0][1]) if arabic > latin else (latin, _LATIN_LANGUAGES)
    best, languages = len(_LATIN.findall(sample)), _LATIN_LANGUAGES
    for letters, of_script in _SCRIPTS:
        count = len(letters.findall(sample))
        if count > best or (count == best and count and of_script == ("ja",)):
            best, languages = count, of_script
    return best, languages


def _count(encoded: bytes, letters: bytes) -> int:
    return len(encoded) - len(encoded.translate(None, letters))


def _headline(sample: str, told: str | None) -> str:
    """The language of a few Latin words: by those that are no names; the hint, else English, where names are all."""
    shouted = sample.isupper()
    words = sample.lower() if shouted else _NAME.sub(" ", sample)
    count = len(_LATIN.findall(words))
    first = words.split()[:1]
    only_names = not shouted and (count == 0 or (len(words.split()) == 1 and first[0][:1].isupper()))
    if only_names:
        return told if told is not None else "en"
    languages = (
        _SHORT_LATIN if told is None or told in _SHORT_LATIN or told not in _LATIN_LANGUAGES else (*_SHORT_LATIN, told)
    )
    return _ranked(words, languages, told)


def _arabic_script(sample: str, told: str | None) -> str:
    if told in ("ar", "fa", "ur", "ku", "ps") and len(sample) < _SHORT:
        return told
    if not _PERSIAN.search(sample):
        if _ARABIC.search(sample):
            return "ar"
        if len(sample) < _SHORT:
            return "fa" if _PERSIAN_WORD.search(sample) else "ar"
    return _ranked(sample, ("ar", "fa", "ur", "ku", "ps"), told)


def _ranked(sample: str, languages: tuple[str, ...], told: str | None) -> str:
    rated = [
        (
            float(score) + (HINT_BONUS if language == told else 0) + (COMMON_BONUS if language in _COMMON else 0),
            language,
        )
        for language, score in _identifier(languages).rank(sample)
    ]
    return str(max(rated)[1]) if rated else (told or "und")

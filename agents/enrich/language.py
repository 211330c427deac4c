"""Which language a text is in: by script, then by a naive Bayes over bytes, with the feed's hint as a prior.

Lui, M. and Baldwin, T. (2012), "langid.py: An Off-the-shelf Language Identification Tool", as py3langid trains it.
"""

from __future__ import annotations

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

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
_LATIN_LANGUAGES: tuple[str, ...] = (
    "en", "fr", "es", "de", "it", "pt", "nl", "tr", "pl", "ro", "sv", "da", "no", "fi", "cs", "hu", "hr", "sq", "id",
    "ca", "az", "sw", "vi", "et", "lt", "lv", "sk", "sl",
)  # fmt: skip
_COMMON = frozenset(("en", "fr", "es", "de", "ar", "ru"))
_PERSIAN = re.compile("[پچژگکی]")
_ARABIC = re.compile("[ةىأإؤ]|(^|\\s)[وبل]?ال")
_UKRAINIAN = re.compile("[іїєґ]")


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = set(identifier.labels)
    identifier.set_languages([language for language in languages if language in known])
    return identifier


def identify(title: str, text: str, hint: str | None) -> str:
    """ISO 639-1 of the text, `und` where it has no letters and no hint.

    Mixed texts are of the language with the most letters of its script.
    """
    sample = f"{text[:SAMPLE]} {title[:SAMPLE]}" if text else title[:SAMPLE]
    told = hint[:2].lower() if hint and len(hint) >= 2 and hint[:2].isascii() and hint[:2].isalpha() else None
    latin = len(_LATIN.findall(sample))
    best, languages = latin, _LATIN_LANGUAGES
    if not sample.isascii():
        for letters, of_script in _SCRIPTS:
            count = len(letters.findall(sample))
            if count > best or (count == best and count and of_script == ("ja",)):
                best, languages = count, of_script
    if best == 0:
        return told or "und"
    if len(languages) == 1:
        return languages[0]
    if languages[0] == "ar":
        return _arabic_script(sample, told)
    if languages[0] == "ru" and best < 40:
        return told if told in languages else "uk" if _UKRAINIAN.search(sample) else "ru"
    return _ranked(sample, languages, told)


def _arabic_script(sample: str, told: str | None) -> str:
    if told in ("ar", "fa", "ur", "ku", "ps") and len(sample) < 40:
        return told
    if not _PERSIAN.search(sample) and _ARABIC.search(sample):
        return "ar"
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

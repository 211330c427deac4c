"""Words that are no names: function words, and ordinary words that are also names of places."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files

from ruamel.yaml import YAML

from agents.names.key import spelling

_LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "it", "nl", "pt", "ru", "tr")


@cache
def _function_words() -> frozenset[str]:
    # spaCy is slow to import and these are needed only where a cache is compiled or text is read
    lists = (import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS for language in _LANGUAGES)
    return frozenset(spelling(word).lower() for words in lists for word in words if " " not in word)


@cache
def _ordinary() -> frozenset[str]:
    words = YAML(typ="safe", pure=True).load((files("agents.names") / "data" / "ordinary.yaml").read_text("utf-8"))[
        "words"
    ]
    return frozenset(words.split()) | _function_words()


def is_function_word(plain: str) -> bool:
    """Whether a folded word is an article, pronoun, preposition, auxiliary, ... of a language news is written in."""
    return plain.lower() in _function_words()


def is_ordinary(plain: str) -> bool:
    """Whether a folded name is also an ordinary word or a common surname, so that it needs evidence to be a place."""
    return plain.lower() in _ordinary()

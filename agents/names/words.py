"""Words that are no names: function words, and ordinary words that are also names of places."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from ruamel.yaml import YAML

from agents.names.key import spelling

_PERSIAN = re.compile("[پچژگ]")
_LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "it", "nl", "pt", "ru", "tr")


@cache
def function_words() -> frozenset[str]:
    """The function words of the languages that news is read in, folded and in small letters."""
    lists = (stop_words(language) for language in _LANGUAGES)
    # letters that Arabic lacks fold to its own: Persian `such` would be Jenin, a town
    listed = {word for words in lists for word in words if " " not in word and not _PERSIAN.search(word)}
    return frozenset(spelling(word).lower() for word in listed)


def stop_words(language: str) -> Collection[str]:
    """spaCy's list, by itself: importing the language takes seconds (French has a pattern of a million letters)."""
    name = f"spacy.lang.{language}.stop_words"
    spacy = find_spec("spacy")
    folders = (spacy.submodule_search_locations if spacy is not None else None) or []
    files_of = [Path(folder) / "lang" / language / "stop_words.py" for folder in folders]
    spec = next((spec_from_file_location(name, file) for file in files_of if file.is_file()), None)
    if spec is None or spec.loader is None:
        words: Collection[str] = import_module(name).STOP_WORDS
        return words
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    words = module.STOP_WORDS
    return words


@cache
def _ordinary() -> frozenset[str]:
    words = YAML(typ="safe", pure=True).load((files("agents.names") / "data" / "ordinary.yaml").read_text("utf-8"))[
        "words"
    ]
    return frozenset(words.split()) | function_words()


@cache
def _arabic() -> dict[str, str]:
    lists = YAML(typ="safe", pure=True).load((files("agents.names") / "data" / "arabic.yaml").read_text("utf-8"))
    kinds = {listed: listed for listed in ("never", "persian", "doubled")}
    kinds |= {"qualities": "quality", "things": "thing", "names": ""}
    return {word: kind for listed, kind in kinds.items() for word in lists[listed].split()}


def arabic_word(plain: str) -> str:
    """`never`, `thing` or `quality` where a folded Arabic name of one word is an ordinary word too, else nothing.

    `persian` where it names a country in Persian only, `doubled` where a doubled letter makes it a word.
    """
    words = _arabic()
    for bare in (plain, plain.removeprefix("ال"), plain.removeprefix("ل")):
        kind = words.get(bare)
        if kind is not None:
            return kind
    return ""


def is_function_word(plain: str) -> bool:
    """Whether a folded word is an article, pronoun, preposition, auxiliary, ... of a language news is written in."""
    return plain.lower() in function_words()


def is_ordinary(plain: str) -> bool:
    """Whether a folded name is also an ordinary word or a common surname, so that it needs evidence to be a place."""
    return plain.lower() in _ordinary()

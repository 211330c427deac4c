"""The words of the page in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from agents.notify.words import LANGUAGES, Language

Say = Callable[[str], str]
"""From the key of a phrase to the phrase."""
NAMES: dict[Language, str] = {"en": "English", "fr": "Français", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "ku"})


@cache
def phrases() -> dict[str, dict[str, str]]:
    """Every phrase by key and language."""
    found: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_name("words.yaml").read_text("utf-8"))
    return found


def saying(language: Language) -> Say:
    """What gives phrases of a language."""
    return lambda key: phrases()[key][language]


def state_in(say: Say, state: str) -> str:
    """How a role, a feed or a delivery stands, in the reader's words."""
    return say(f"state_{state.replace(' ', '_')}")


def language_of(asked: str | None, accepted: str) -> Language:
    """The language that was asked for, else the first that a browser accepts (`Accept-Language`), else English."""
    wanted = [asked or "", *(part.partition(";")[0].strip() for part in accepted.split(","))]
    for one in wanted:
        for known in LANGUAGES:
            if one.lower().partition("-")[0] == known:
                return known
    return "en"


def direction(language: str) -> str:
    """`rtl` or `ltr`, for text of a language."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"

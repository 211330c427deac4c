"""Whether two articles that share no words tell of one event: by what they name, count, and when they were published.

It is meant to be wrong on one side only: an event that is told twice is a nuisance, one that is swallowed is a loss.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from agents.alert.numbers import days_in, numbers_in
from streams.records import EnrichedArticle, Mention

WITHIN = timedelta(hours=36)
FEWEST_WORDS = 25
"""Words of body text: less tells too little of an event."""
LEAST_SCORE = 2.0
LATE = timedelta(hours=18)
"""From here on more must agree."""
LATE_SCORE = 2.75
_MOST_ENTITIES = 40
_LEAST_SHARE = 0.5
_SURE = 0.4


@dataclass(frozen=True, slots=True)
class Features:
    """What an article tells that another of the same event tells too."""

    words: int
    """Words of the body."""
    language: str
    places: tuple[str, ...]
    """Entity ids of towns, villages, bases, ..., in the order of the text."""
    wider: tuple[str, ...]
    """Entity ids of regions, actors and roads; countries say too little."""
    numbers: tuple[str, ...]
    days: tuple[int, ...]
    """Days of the week, Monday as 0."""


def features_of(enriched: EnrichedArticle) -> Features:
    """The features of an article."""
    title, text = enriched.article.title, enriched.article.text
    whole = f"{title}\n{text}"
    named = list(dict.fromkeys(one.entity for one in enriched.mentions if one.entity and _counts(one)))
    places = [one for one in named if one.startswith(("geonames:", "place:"))]
    wider = [one for one in named if one not in places and not one.startswith("country:")]
    return Features(
        len(text.split()),
        enriched.language,
        tuple(places[:_MOST_ENTITIES]),
        tuple(wider[:_MOST_ENTITIES]),
        numbers_in(whole),
        days_in(whole),
    )


def encode_features(features: Features) -> str:
    """Compact JSON."""
    given = (
        features.words, features.language, features.places, features.wider, features.numbers, features.days,
    )  # fmt: skip
    return json.dumps(given, separators=(",", ":"))


@lru_cache(maxsize=4096)  # what a watch was told last is compared with each article that fires it
def decode_features(text: str) -> Features:
    """The inverse of `encode_features`; an older archive's empty text gives features that match nothing."""
    if not text:
        return Features(0, "", (), (), (), ())
    words, language, places, wider, numbers, days = json.loads(text)
    return Features(words, language, tuple(places), tuple(wider), tuple(numbers), tuple(days))


def same_event(one: Features, other: Features, apart: timedelta) -> float:
    """How much speaks for one event, 0 where it does not suffice.

    Both must share the place they name first, half of the places of the one that names fewer, and numbers (or, where
    one has none, three places and an actor). Days of the week and numbers that differ altogether speak against it.
    """
    apart = abs(apart)
    if apart > WITHIN or min(one.words, other.words) < FEWEST_WORDS or not one.places or not other.places:
        return 0.0
    if one.places[0] not in other.places or other.places[0] not in one.places:
        return 0.0
    if one.days and other.days and not set(one.days) & set(other.days):
        return 0.0
    places = len(set(one.places) & set(other.places))
    if places < _LEAST_SHARE * min(len(one.places), len(other.places)):
        return 0.0
    counted = sum(_weight(number) for number in set(one.numbers) & set(other.numbers))
    told, told_too = _telling(one.numbers), _telling(other.numbers)
    if told and told_too and len(told & told_too) < _LEAST_SHARE * min(len(told), len(told_too)):
        return 0.0
    wider = sum(0.3 if part.startswith(("region:", "area:", "county:")) else 0.5 for part in _shared_wider(one, other))
    if counted < 0.5 and not (not (told and told_too) and places >= 3 and wider >= 0.5):
        return 0.0
    score = places + min(1.0, wider) + min(1.5, counted)
    return score if score >= (LATE_SCORE if apart > LATE else LEAST_SCORE) else 0.0


def other_facts(one: Features, other: Features) -> bool:
    """Whether each tells numbers, days or places that the other does not: a form filled in anew, or new figures."""
    pairs = ((one.numbers, other.numbers), (one.days, other.days), (one.places, other.places))
    return any(set(mine) - set(theirs) and set(theirs) - set(mine) for mine, theirs in pairs)


def _counts(mention: Mention) -> bool:
    return mention.confidence >= _SURE and mention.modality not in ("figurative", "historical")


def _shared_wider(one: Features, other: Features) -> set[str]:
    return set(one.wider) & set(other.wider)


def _telling(numbers: tuple[str, ...]) -> set[str]:
    return {number for number in numbers if _weight(number) >= 0.5}


def _weight(number: str) -> float:
    value = float(number)
    return 0.75 if value >= 10 else 0.5 if value >= 4 else 0.25

"""How sure a mention is: the chance that its span names what it is said to name and that the right one is meant.

A logistic model over a few signs, fitted by `bench/enrichment/fit.py` on golden articles and scored corpora. It never
falls as the span's evidence or the lead over the next candidate grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.words import is_ordinary
from streams.frozen import soon_made

MOST, LEAST = 0.99, 0.02
_CLEAR = 2.0
"""A lead from which more lead says less."""
_SURE = 6.0
_LARGE = 150_000
_WIDE = frozenset(("continent", "area", "sea", "ocean"))
_LOOK_BACK = 24


@soon_made
@dataclass(frozen=True, slots=True)
class Standing:
    """How the place that a name was taken to mean stands among the others."""

    margin: float
    """Its lead over the best candidate elsewhere, in natural log-odds; large where there is none."""
    within: bool = False
    """It stands before its region or country."""
    named: bool = False
    """Its country is named."""
    company: float = 0.0
    """The share of the text's other places that lie in its country, 0 to 1."""
    neighbour: bool = False
    """Another place of the text lies in its region."""
    alone: bool = False
    """The text has other places, none of them in its country, and does not name the country."""
    fame: float = 0.0
    """E-folds of the names that it has in all languages."""
    beside: bool = False
    """It stands alone in its country, but near another place of the text."""


@dataclass(frozen=True, slots=True)
class PlaceSigns:
    """What each sign adds to the log-odds that a mention of a place is right."""

    base: float
    strength: float
    """For each unit of the log-odds of the span's strength."""
    nested: float
    ordinary: float
    """The name is an ordinary word or a surname."""
    capital_before: float
    """A capitalised word stands right before it."""
    capital_after: float
    unlinked: float
    """No place of this name is known."""
    margin: float
    margin_beyond: float
    """For each unit of the lead that is more than clear."""
    country: float
    region: float
    wide: float
    county: float
    people: float
    """For each ten-fold of the people of a town, from a thousand."""
    fame: float
    """For each e-fold of a town's names in all languages."""
    large: float
    """A town of so many people that it is spoken of far away, and ahead of the others of its name."""
    pack: float
    """A pack or a watch describes it."""
    nowhere: float
    """It has no coordinates."""
    within: float
    named: float
    company: float
    neighbour: float
    alone: float


RISING = ("strength", "margin", "margin_beyond", "within", "fame", "large")
"""Signs that never count against a mention."""


def span_odds(text: str, span: Span, signs: PlaceSigns) -> float:
    """What a span and the words beside it say, in natural log-odds."""
    sure = min(0.97, max(0.05, span.strength))
    odds = signs.base + signs.strength * math.log(sure / (1.0 - sure))
    if span.nested:
        odds += signs.nested
    if " " not in span.plain and is_ordinary(span.plain):
        odds += signs.ordinary
    if text[span.end : span.end + 1] == " " and text[span.end + 1 : span.end + 2].isupper():
        odds += signs.capital_after
    before = text[max(0, span.start - _LOOK_BACK) : span.start]
    if before.endswith(" ") and before[before.rfind(" ", 0, -1) + 1].isupper():
        odds += signs.capital_before
    return odds


def place_odds(entity: Entity, placed: bool, standing: Standing, signs: PlaceSigns) -> float:
    """What is known of the place chosen and of its standing in the text says, in natural log-odds."""
    odds = signs.margin * min(standing.margin, _CLEAR)
    odds += signs.margin_beyond * max(0.0, min(standing.margin, _SURE) - _CLEAR)
    feature = entity.feature
    if feature == "country":
        odds += signs.country
    elif feature == "region":
        odds += signs.region
    elif feature in _WIDE:
        odds += signs.wide
    elif feature == "county":
        odds += signs.county
    else:
        odds += signs.people * (math.log10(entity.population + 30) - 3.0)
        odds += signs.fame * standing.fame
        if entity.population >= _LARGE:
            odds += signs.large * min(1.0, max(0.0, standing.margin) / _CLEAR)
    if entity.source.startswith(("pack:", "watch:")):
        odds += signs.pack
    if not placed:
        odds += signs.nowhere
    if standing.within:
        odds += signs.within
    if feature != "country":
        if standing.named:
            odds += signs.named
        odds += signs.company * standing.company
        if standing.neighbour:
            odds += signs.neighbour
        if standing.alone:
            odds += signs.alone
    return odds


def chance(odds: float) -> float:
    """Log-odds as a chance, to three decimals; never quite 0 or 1."""
    return round(min(MOST, max(LEAST, 1.0 / (1.0 + math.exp(-odds)))), 3)

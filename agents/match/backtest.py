"""Watches over articles that are already there, by the code that runs live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.alert.story_index import StoryIndex
from agents.alert.telling import Told, told
from agents.match.compiled import CompiledWatches
from agents.match.matcher import match
from streams.records import EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Replayed:
    """A hit, the alert that it opens or belongs to, and the article."""

    hit: Hit
    alert: str
    enriched: EnrichedArticle


def backtest(articles: Iterable[EnrichedArticle], watches: CompiledWatches) -> Iterator[Replayed]:
    """The hits of the articles in their order, each with the id of its alert.

    The same articles in the same order give the ids that the live path gives; those that fire nothing may be left
    out. A fingerprint or sketch that an article lacks is made where it is needed.
    """
    stories = StoryIndex()
    for enriched in articles:
        telling: Told | None = None
        for hit in match(enriched, watches):
            telling = telling or told(enriched)
            choice = stories.place(hit.watch, telling)
            yield Replayed(hit, choice.alert, enriched)

"""Watches over articles that are already there, by the code that runs live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agents.alert.story import StoryIndex
from agents.match.compiled import CompiledWatches
from agents.match.matcher import match
from streams.records import EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Replayed:
    """A hit and the alert that it opens or belongs to."""

    hit: Hit
    alert: str


def backtest(articles: Iterable[EnrichedArticle], watches: CompiledWatches) -> Iterator[Replayed]:
    """The hits of the articles in their order, each with the id of its alert.

    The same articles in the same order give the ids that the live path gives.
    """
    stories = StoryIndex()
    for enriched in articles:
        for hit in match(enriched, watches):
            choice = stories.place(hit.watch, enriched.article.id, enriched.fingerprint)
            yield Replayed(hit, choice.alert)

"""Whole articles of our own words with gold: places, actors and routes right, nothing in the wrong country.

`python -m pytest tests/agents/enrich/test_enrich_articles.py -s` prints every difference, by language.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from builders import NOON, an_article

from agents.enrich.enricher import Enricher
from agents.names.knowledge import NamesKnowledge
from streams.records import EnrichedArticle

sys.path.insert(0, str(Path(__file__).parents[2] / "golden"))
from marked import GoldenArticle, Place, Score, compare, golden_articles

LEAST = {"place": 0.92, "actor": 0.88, "route": 0.88}
AT_LEAST = {"fr": 60, "en": 30, "ar": 30}


@pytest.fixture(scope="module")
def articles() -> list[GoldenArticle]:
    """Every golden article."""
    return list(golden_articles())


@pytest.fixture(scope="module")
def enriched(articles: list[GoldenArticle], enricher: Enricher) -> list[EnrichedArticle]:
    """The same, read."""
    return enricher.enrich([
        an_article(a.id, title=a.title, text=a.text, language=a.language, published=NOON, outlet="") for a in articles
    ])  # fmt: skip


@pytest.fixture(scope="module")
def scored(
    articles: list[GoldenArticle], enriched: list[EnrichedArticle], knowledge: NamesKnowledge
) -> tuple[dict[str, dict[str, Score]], list[str]]:
    """Scores by language and kind, and the places put in a wrong country."""
    scores: dict[str, dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    astray: list[str] = []
    for article, read in zip(articles, enriched, strict=True):
        where: dict[str, Place] = {}
        for waypoint in {waypoint for mention in read.mentions for waypoint in mention.waypoints}:
            entity = knowledge.entity(waypoint)
            if entity is not None:
                where[waypoint] = Place(entity.country, entity.lat, entity.lon)
        astray += compare(article, read.mentions, where, scores[article.spoken])
    for language, kinds in scores.items():
        for kind, score in kinds.items():
            print(f"{language} {kind}: F1 {score.f1:.3f}, {score.gold} gold, {score.found} found")
            print("".join(f"    {line}\n" for line in score.wrong), end="")
    print("".join(f"astray: {line}\n" for line in astray))
    return scores, astray


def test_there_are_enough_articles(articles: list[GoldenArticle]) -> None:
    languages = Counter(article.spoken for article in articles)
    assert all(languages[language] >= least for language, least in AT_LEAST.items()), languages
    assert len({article.id for article in articles}) == len(articles)


@pytest.mark.parametrize("kind", LEAST)
@pytest.mark.parametrize("language", AT_LEAST)
def test_names_are_found_and_mean_the_right_thing(
    scored: tuple[dict[str, dict[str, Score]], list[str]], language: str, kind: str
) -> None:
    score = scored[0][language][kind]
    assert score.gold > 0
    assert score.f1 >= LEAST[kind], score.wrong


def test_no_place_is_put_in_a_wrong_country(scored: tuple[dict[str, dict[str, Score]], list[str]]) -> None:
    assert scored[1] == []


def test_the_language_is_known(articles: list[GoldenArticle], enriched: list[EnrichedArticle]) -> None:
    assert [(a.id, e.language) for a, e in zip(articles, enriched, strict=True) if e.language != a.spoken] == []


def test_offsets_slice_the_text(articles: list[GoldenArticle], enriched: list[EnrichedArticle]) -> None:
    for article, read in zip(articles, enriched, strict=True):
        for mention in read.mentions:
            field = article.title if mention.field == "title" else article.text
            assert field[mention.start : mention.end] == mention.surface

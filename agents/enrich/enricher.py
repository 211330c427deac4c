"""Articles in, articles with language and mentions out: runs in worker processes and behind `newswatch enrich`."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from agents.enrich.language import every_language, identify
from agents.enrich.modality import mark
from agents.enrich.reader import Reader
from agents.enrich.recognise import READ, ModelSpan, Recogniser
from agents.enrich.sketch import fingerprint_and_sketch
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge, default_cache_dir, load_knowledge
from streams.records import Article, EnrichedArticle, Field, decode_article, encode_enriched

Result = tuple[Literal["ok"], bytes] | tuple[Literal["failed"], str]
_SURROGATES = re.compile("[\ud800-\udfff]")
_GENERIC_DOMAINS = frozenset((
    "com", "org", "net", "info", "news", "tv", "io", "co", "me", "fm", "biz", "int", "gov", "edu", "mil", "eu",
))  # fmt: skip
_THEN = datetime(2020, 1, 1, tzinfo=UTC)
_REHEARSAL = [
    Article("rehearsal", 1, "", "", None, "", text, language, None, _THEN)
    for language, text in (
        ("fr", "Un convoi de l'ONU a pris lundi la route reliant Alep à Khanasser, selon le ministère."),
        ("en", "A convoy of the UN took the road from Aleppo to Khanasser on Monday, the ministry said."),
        (None, "Moskva 2020, Berlin 2021, Alep 2022, Khanasser 2023, Athriya 2024, Hama 2025."),
    )
]
"""In words of each model, and in none that tells its language: that asks the model of all languages."""


class Enricher:
    """Reads articles in batches, each language through its model."""

    def __init__(self, knowledge: NamesKnowledge, recogniser: Recogniser) -> None:
        self._first_knowledge = self._knowledge = knowledge
        self._recogniser = recogniser
        self._reader = Reader(knowledge)

    def learn(self, entities: Iterable[Entity]) -> None:
        """Know these entities too from the next article on, and no others that were learnt before."""
        self._knowledge = self._first_knowledge.with_entities(entities)
        self._reader = Reader(self._knowledge)

    def enrich(self, articles: Sequence[Article]) -> list[EnrichedArticle]:
        """The articles with everything found in them, in the same order."""
        languages = [identify(article.title, article.text, article.language) for article in articles]
        spans = self._model_spans(articles, languages)
        return [
            EnrichedArticle(
                article,
                language,
                mark(
                    self._reader.read(
                        [("title", article.title, spans[at, "title"]), ("text", article.text, spans[at, "text"])],
                        language,
                        has_model=self._recogniser.reads(language),
                        outlet_country=country_of_outlet(article.outlet),
                    ),
                    article,
                    language,
                ),
                *fingerprint_and_sketch(article.title, article.text),
            )
            for at, (article, language) in enumerate(zip(articles, languages, strict=True))
        ]

    def _model_spans(
        self, articles: Sequence[Article], languages: Sequence[str]
    ) -> dict[tuple[int, Field], list[ModelSpan]]:
        found: dict[tuple[int, Field], list[ModelSpan]] = defaultdict(list)
        queued: dict[str, list[tuple[tuple[int, Field], str]]] = defaultdict(list)
        for at, (article, language) in enumerate(zip(articles, languages, strict=True)):
            if self._recogniser.reads(language):
                for field, text in (("title", article.title), ("text", article.text)):
                    if text.strip():
                        queued[language].append(((at, field), _whole(text[:READ])))  # type: ignore[arg-type]
        for language, work in queued.items():
            for (key, _), spans in zip(work, self._recogniser.spans(language, [text for _, text in work]), strict=True):
                found[key] = spans
        return found


def _whole(text: str) -> str:
    """The text with half characters, which a model cannot read, as the sign for what cannot be shown."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text)
    return text


def country_of_outlet(outlet: str) -> str | None:
    """The country of a publisher's host by its top-level domain, where that is a country's."""
    last = outlet.rpartition(".")[2].lower()
    if len(last) != 2 or last in _GENERIC_DOMAINS:
        return None
    return "GB" if last == "uk" else last.upper()


@dataclass(frozen=True, slots=True)
class Learn:
    """What every process is to know beside the packs, from its next article on."""

    entities: tuple[Entity, ...]


def make_enricher(
    models: dict[str, str], packs: tuple[str, ...], cache_dir: str | None
) -> Callable[[list[bytes] | Learn], list[Result]]:
    """The function a worker process runs: encoded articles in, `("ok", encoded enriched article)` or
    `("failed", "Type: message")` out, in order. An article that raises fails alone. What is read at the first need
    has been read, so that the processes that are forked from this one share it and none has a slow first article.
    """
    logging.basicConfig(level=logging.INFO)
    languages = threading.Thread(target=every_language)
    languages.start()
    cache = Path(cache_dir) if cache_dir else default_cache_dir()
    knowledge = load_knowledge([Path(pack) for pack in packs], cache)
    enricher = Enricher(knowledge, Recogniser(models, cache))
    languages.join()
    enricher.enrich(_REHEARSAL)

    def work(batch: list[bytes] | Learn) -> list[Result]:
        if isinstance(batch, Learn):
            enricher.learn(batch.entities)
            return []
        return enrich_encoded(enricher, batch)

    return work


def enrich_encoded(enricher: Enricher, batch: Sequence[bytes]) -> list[Result]:
    """Enrich a batch; where it raises, each article by itself, so that one never fails its neighbours."""
    try:
        return [
            ("ok", encode_enriched(enriched)) for enriched in enricher.enrich([decode_article(raw) for raw in batch])
        ]
    except Exception as error:
        if len(batch) == 1:
            return [("failed", f"{type(error).__name__}: {error}")]
    return [result for raw in batch for result in enrich_encoded(enricher, [raw])]

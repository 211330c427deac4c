"""Articles in, articles with language and mentions out: runs in worker processes and behind `newswatch enrich`."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.enrich.language import identify
from agents.enrich.modality import mark
from agents.enrich.reader import Reader
from agents.enrich.recognise import READ, ModelSpan, Recogniser
from agents.enrich.sketch import fingerprint_and_sketch
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge, load_knowledge
from streams.records import Article, EnrichedArticle, Field, decode_article, encode_enriched

Result = tuple[Literal["ok"], bytes] | tuple[Literal["failed"], str]
_SURROGATES = re.compile("[\ud800-\udfff]")
_GENERIC_DOMAINS = frozenset((
    "com", "org", "net", "info", "news", "tv", "io", "co", "me", "fm", "biz", "int", "gov", "edu", "mil", "eu",
))  # fmt: skip


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
                        queued[language].append(((at, field), _SURROGATES.sub("\ufffd", text[:READ])))  # type: ignore[arg-type]
        for language, work in queued.items():
            for (key, _), spans in zip(work, self._recogniser.spans(language, [text for _, text in work]), strict=True):
                found[key] = spans
        return found


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
    `("failed", "Type: message")` out, in order. An article that raises fails alone.
    """
    logging.basicConfig(level=logging.INFO)
    knowledge = load_knowledge([Path(pack) for pack in packs], Path(cache_dir) if cache_dir else None)
    enricher = Enricher(knowledge, Recogniser(models))

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

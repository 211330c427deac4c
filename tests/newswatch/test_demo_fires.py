"""Every sample article fires the watches it promises, and no other, by the code of the live path."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.match.compile import compile_watches
from agents.match.matcher import match
from agents.names.knowledge import load_knowledge
from newswatch.demo.feeds import link
from newswatch.demo.samples import Sample, load_samples, load_sources
from newswatch.demo.settings import load_watches
from newswatch.settings import EnrichSettings, Settings
from streams.records import Article, Hit

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def as_article(sample: Sample) -> Article:
    source = next(source for source in load_sources() if source.id == sample.feed)
    return Article(
        id=sample.id,
        revision=1,
        feed=source.id,
        outlet=source.host,
        url=link(source, sample),
        title=sample.title,
        text=sample.plain,
        language=source.language,
        published=NOW,
        first_seen=NOW,
    )


@pytest.fixture(scope="module")
def hits() -> dict[str, list[Hit]]:
    knowledge = load_knowledge((), Settings().cache_dir())
    watches, problems = compile_watches(load_watches(), knowledge)
    assert not [problem for problem in problems if problem.level == "error"]
    enricher = Enricher(knowledge, Recogniser(EnrichSettings().models))
    articles = [as_article(sample) for sample in load_samples()]
    return {enriched.article.id: match(enriched, watches) for enriched in enricher.enrich(articles)}


@pytest.mark.parametrize("sample", load_samples(), ids=lambda sample: sample.id)
def test_it_fires_what_it_promises_and_no_more(sample: Sample, hits: dict[str, list[Hit]]) -> None:
    fired = {hit.watch: hit.reason for hit in hits[sample.id]}
    assert set(fired) == set(sample.fires), fired


@pytest.mark.parametrize("sample", [one for one in load_samples() if one.fires], ids=lambda sample: sample.id)
def test_its_evidence_stands_in_the_article(sample: Sample, hits: dict[str, list[Hit]]) -> None:
    fields = {"title": sample.title, "text": sample.plain}
    for hit in hits[sample.id]:
        assert hit.evidence
        for one in hit.evidence:
            assert fields[one.field][one.start : one.end] == one.surface


def test_a_road_named_as_a_road_fires_as_a_route(hits: dict[str, list[Hit]]) -> None:
    for article in ("fr-01", "fr-03", "en-01", "ar-01", "ar-14"):
        kinds = [hit.kinds for hit in hits[article] if hit.watch == "khanasser-road"]
        assert kinds, article
        assert "route" in kinds[0], article

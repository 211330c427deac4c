"""Watches over the golden articles: each fires on those that mean what it asks for, and on no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agents.enrich.enricher import Enricher
from agents.match.compile import compile_watches
from agents.match.explain import explain
from agents.match.matcher import match
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge
from streams.records import Article, EnrichedArticle

sys.path.insert(0, str(Path(__file__).parents[2] / "golden"))
from marked import GoldenArticle, golden_articles

FEWEST, PRECISION, RECALL = 64, 0.97, 0.95


_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_FOLDER = Path(__file__).parents[2] / "golden"


@dataclass(frozen=True, slots=True)
class GoldenWatch:
    """A watch, the articles that must fire it, and those that may."""

    watch: Watch
    fires: frozenset[str]
    may: frozenset[str]


def golden_watches() -> Iterator[GoldenWatch]:
    for path in sorted((_FOLDER / "watches").glob("*.yaml")):
        for entry in YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")):
            yield GoldenWatch(
                Watch.model_validate(entry["watch"]), frozenset(entry["fires"]), frozenset(entry.get("may", ()))
            )


def an_article(name: str, spoken: str, declared: str | None, title: str, text: str, outlet: str = "") -> Article:
    outlet = outlet or f"{spoken}.news.example"
    return Article(name, 1, "golden", outlet, None, title, text, declared, _DAY, _DAY)


@pytest.fixture(scope="module")
def articles(enricher: Enricher) -> dict[str, EnrichedArticle]:
    """The golden articles as they are read; each comes from an outlet named after its language."""
    marked: list[GoldenArticle] = list(golden_articles())
    made = [an_article(one.id, one.spoken, one.language, one.title, one.text) for one in marked]
    for entry in YAML(typ="safe", pure=True).load((_FOLDER / "watched.yaml").read_text(encoding="utf-8")):
        given = (entry["id"], entry["language"], entry["language"], entry["title"], entry["text"].replace("\n", " "))
        made.append(an_article(*given, entry.get("outlet", "")))
    return {one.article.id: one for one in enricher.enrich(made)}


def test_golden_watches_fire_on_what_means_them(
    articles: dict[str, EnrichedArticle], knowledge: NamesKnowledge
) -> None:
    listed = list(golden_watches())
    assert len({one.watch.id for one in listed}) == len(listed) >= FEWEST
    compiled, problems = compile_watches([one.watch for one in listed], knowledge)
    assert not [problem for problem in problems if problem.level == "error"]
    fired: dict[str, set[str]] = {one.watch.id: set() for one in listed}
    for enriched in articles.values():
        fields = {"title": enriched.article.title, "text": enriched.article.text}
        for hit in match(enriched, compiled):
            fired[hit.watch].add(hit.article)
            assert hit.evidence
            for span in hit.evidence:
                assert span.surface == fields[span.field][span.start : span.end]
                assert span.surface
    right = found = wanted = 0
    wrong = []
    for one in listed:
        assert one.fires | one.may <= articles.keys()
        counted = fired[one.watch.id] - one.may
        right += len(counted & one.fires)
        found += len(counted)
        wanted += len(one.fires)
        for article in sorted(counted ^ one.fires):
            why = explain(articles[article], compiled, one.watch.id)
            wrong.append(f"{one.watch.id} {'fired' if why.fires else 'missed'} {article}: {why.clause}: {why.reason}")
    told = "\n".join(wrong)
    print(f"{len(listed)} watches: precision {right / found:.3f}, recall {right / wanted:.3f}\n{told}")
    assert right / found >= PRECISION, told
    assert right / wanted >= RECALL, told

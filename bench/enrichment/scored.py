"""Texts with gold: the golden articles, and corpora of one JSON document a line.

A document of a corpus is `{"id", "title"?, "text", "language"?, "gold": [{"start", "end", "kind", "field"?, "lat"?,
"lon"?}]}`; offsets are code points into `text` unless a `field` is given. A place is right within 161 km of its gold
point, and where gold has no point by its span alone; golden articles are stricter (tests/golden/marked.py).
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "golden")]

import marked

from agents.enrich.enricher import country_of_outlet
from agents.enrich.language import identify
from agents.enrich.locate import Choice, confidence_of, locate
from agents.enrich.ranking import Evidence, Group
from agents.enrich.reader import Reader
from agents.enrich.recognise import ModelSpan, Recogniser
from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.settings import Settings
from streams.records import Field, Mention

FAR_KM = 161.0
GOLDEN = "golden"
Key = tuple[Any, int, int, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a span is, and where a place is; `golden` where a golden article says it."""

    kind: str
    place: marked.Place | None = None
    optional: bool = False
    golden: marked.Gold | None = None

    def place_is(self, lat: float | None, lon: float | None, country: str | None) -> bool:
        """Whether a point and country are the place's."""
        if self.golden is not None:
            found = Mention("text", 0, 0, "", "place", None, "", lat, lon, country, 0.0)
            return bool(marked.is_right(self.golden, found, {}))
        if self.place is None:
            return True
        return lat is not None and lon is not None and bool(marked.apart_km(self.place, lat, lon) <= FAR_KM)

    def is_right(self, mention: Mention) -> bool:
        """Whether a mention of this span and kind means the right thing."""
        if self.golden is not None:
            return bool(marked.is_right(self.golden, mention, _where(mention)))
        return self.place_is(mention.lat, mention.lon, mention.country)


@dataclass(slots=True)
class Document:
    """One text with its gold and what a model sees in it."""

    corpus: str
    id: str
    language: str
    has_model: bool
    title: str
    text: str
    outlet: str
    marks: dict[Key, Mark]
    kinds: frozenset[str]
    """Kinds of which the corpus has gold."""
    spans: dict[str, list[ModelSpan]] = field(default_factory=dict)

    def fold(self, folds: int) -> int:
        """Which fold it falls into; the same whenever asked."""
        return zlib.crc32(f"{self.corpus} {self.id}".encode()) % folds


@dataclass(slots=True)
class Seen:
    """What the reader made of a document."""

    document: Document
    groups: dict[str, Group]
    evidence: Evidence
    chosen: dict[Key, tuple[str, Span, Choice | None]]
    """By the key of every place mention: its text, its span and the choice for its name."""
    mentions: tuple[Mention, ...]
    keys: dict[int, str]
    """By the identity of a choice: the key of its group."""


@cache
def knowledge() -> NamesKnowledge:
    """Everything known by name, with the bundled packs."""
    return load_knowledge()


def _where(mention: Mention) -> dict[str, marked.Place]:
    found: dict[str, marked.Place] = {}
    for waypoint in mention.waypoints:
        entity: Entity | None = knowledge().entity(waypoint)
        if entity is not None:
            found[waypoint] = marked.Place(entity.country, entity.lat, entity.lon)
    return found


def load(paths: Iterable[Path]) -> list[Document]:
    """The golden articles and the corpora, with the spans of the models that the settings name."""
    recogniser = Recogniser(dict(Settings().enrich.models))
    documents = [*_golden(recogniser), *(one for path in paths for one in _corpus(path, recogniser))]
    for language in {one.language for one in documents if one.has_model}:
        for name in ("title", "text"):
            work = [one for one in documents if one.language == language and getattr(one, name).strip()]
            found = recogniser.spans(language, [getattr(one, name) for one in work])
            for one, spans in zip(work, found, strict=True):
                one.spans[name] = spans
    return documents


def _golden(recogniser: Recogniser) -> Iterable[Document]:
    for article in marked.golden_articles():
        language = identify(article.title, article.text, article.language)
        marks = {
            (gold.field, gold.start, gold.end, gold.kind): Mark(gold.kind, None, gold.optional, gold)
            for gold in article.gold
        }
        yield Document(
            GOLDEN, article.id, language, recogniser.reads(language), article.title, article.text, "", marks,
            frozenset(("place", "actor", "route")),
        )  # fmt: skip


def _corpus(path: Path, recogniser: Recogniser) -> Iterable[Document]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    kinds = frozenset(gold["kind"] for row in rows for gold in row["gold"])
    for row in rows:
        title = row.get("title") or ""
        language = identify(title, row["text"], row.get("language"))
        marks = {
            (gold.get("field", "text"), gold["start"], gold["end"], gold["kind"]): Mark(
                gold["kind"],
                None if gold.get("lat") is None else marked.Place(None, gold["lat"], gold["lon"]),
            )
            for gold in row["gold"]
        }
        yield Document(
            path.stem, row["id"], language, recogniser.reads(language), title, row["text"], row.get("source") or "",
            marks, kinds,
        )  # fmt: skip


def read(documents: Sequence[Document], place: Any = locate, sure: Any = confidence_of) -> list[Seen]:
    """Read the documents, with a ranking and a confidence of one's own if wished."""
    here: dict[str, Any] = {}
    calls: list[tuple[str, Span, Choice | None]] = []

    def placing(groups: Mapping[str, Group], evidence: Evidence) -> dict[str, Choice]:
        choices: dict[str, Choice] = place(groups, evidence)
        here.update(groups=groups, evidence=evidence, keys={id(choice): key for key, choice in choices.items()})
        return choices

    def judging(text: str, span: Span, choice: Choice | None) -> float:
        calls.append((text, span, choice))
        return float(sure(text, span, choice))

    reader = Reader(knowledge(), place=placing, sure=judging)
    seen = []
    for one in documents:
        calls.clear()
        fields: list[tuple[Field, str, list[ModelSpan]]] = [
            ("title", one.title, one.spans.get("title", [])),
            ("text", one.text, one.spans.get("text", [])),
        ]
        mentions = reader.read(
            fields, one.language, has_model=one.has_model, outlet_country=country_of_outlet(one.outlet)
        )
        chosen: dict[Key, tuple[str, Span, Choice | None]] = {}
        titles = sum(1 for mention in mentions if mention.kind == "place" and mention.field == "title")
        for at, (text, span, choice) in enumerate(calls):
            chosen["title" if at < titles else "text", span.start, span.end, "place"] = (text, span, choice)
        seen.append(Seen(one, here["groups"], here["evidence"], chosen, mentions, here["keys"]))
    return seen

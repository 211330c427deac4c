"""Golden articles: texts with what must be found marked in them, read, and compared with what was found.

A mark is `⟦kind:key|surface⟧`; marks nest. `place` keys stand in the file's own `places:`; `actor` keys are entity ids
without their `actor:`; `route` keys are place keys in order, joined by `>`. The key `?` asks for the span alone. A kind
that ends in `?` (`place?:aleppo`) may be found or not: a town inside the name of a region.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from streams.records import Mention

FOLDER = Path(__file__).parent / "articles"
NEAR_KM = 50.0
"""A town, base, lake or village is right within this distance."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a marked place is; without coordinates (a country, a region) its country alone is compared."""

    country: str | None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """One mark; offsets are into the field without its marks."""

    field: str
    start: int
    end: int
    surface: str
    kind: str
    key: str
    optional: bool
    places: tuple[Place, ...] = ()
    """A place's own, or a route's waypoints in order."""


@dataclass(frozen=True, slots=True)
class GoldenArticle:
    """One article and its marks."""

    id: str
    language: str | None
    title: str
    text: str
    gold: tuple[Gold, ...]
    spoken: str
    """The language it is written in, whatever is declared."""


@dataclass(slots=True)
class Score:
    """Counts of one kind over some articles."""

    right: int = 0
    found: int = 0
    gold: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """F1 of exact spans that are linked rightly."""
        return 2 * self.right / max(1, self.found + self.gold)


def golden_articles(folder: Path = FOLDER) -> Iterator[GoldenArticle]:
    """Every golden article, by file and order."""
    for path in sorted(folder.glob("*.yaml")):
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        places = {key: Place(**about) for key, about in content["places"].items()}
        for entry in content["articles"]:
            try:
                yield _article(entry, places)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}: {entry.get('id')}: {error}") from error


def _article(entry: Mapping[str, Any], places: Mapping[str, Place]) -> GoldenArticle:
    title, marks = unmarked(entry.get("title", ""), "title", places)
    text, more = unmarked(entry["text"], "text", places)
    declared = entry.get("declared", entry["language"])
    return GoldenArticle(entry["id"], declared or None, title, text, (*marks, *more), entry["language"])


def unmarked(marked: str, where: str, places: Mapping[str, Place]) -> tuple[str, list[Gold]]:
    """The plain text of a marked one, and its marks."""
    plain: list[str] = []
    length = 0
    opened: list[tuple[int, str]] = []
    gold: list[Gold] = []
    at = 0
    while at < len(marked):
        char = marked[at]
        if char == "⟦":
            bar = marked.index("|", at)
            opened.append((length, marked[at + 1 : bar]))
            at = bar + 1
            continue
        if char == "⟧":
            start, head = opened.pop()
            kind, _, key = head.partition(":")
            surface = "".join(plain)[start:length]
            gold.append(
                Gold(where, start, length, surface, kind.removesuffix("?"), key, kind.endswith("?"),
                     _places_of(kind.removesuffix("?"), key, places))
            )  # fmt: skip
        else:
            plain.append(char)
            length += 1
        at += 1
    if opened:
        raise ValueError(f"a mark is not closed: {opened[0][1]}")
    return "".join(plain), gold


def _places_of(kind: str, key: str, places: Mapping[str, Place]) -> tuple[Place, ...]:
    if kind not in ("place", "actor", "route"):
        raise ValueError(f"no kind {kind!r}")
    if kind == "actor" or key == "?":
        return ()
    return tuple(places[one] for one in key.split(">"))


def apart_km(one: Place, lat: float, lon: float) -> float:
    """Kilometres on the sphere."""
    if one.lat is None or one.lon is None:
        return 0.0
    p = math.pi / 180
    half = (
        math.sin((lat - one.lat) * p / 2) ** 2
        + math.cos(lat * p) * math.cos(one.lat * p) * math.sin((lon - one.lon) * p / 2) ** 2
    )
    return 2 * 6371 * math.asin(min(1.0, math.sqrt(half)))


def is_right(gold: Gold, mention: Mention, where: Mapping[str, Place]) -> bool:
    """Whether a mention of the right span and kind also means the right thing; `where` locates waypoints by id."""
    if gold.key == "?":
        return True
    if gold.kind == "actor":
        return mention.entity == f"actor:{gold.key}"
    if gold.kind == "place":
        return _same_place(gold.places[0], Place(mention.country, mention.lat, mention.lon))
    found = [where.get(waypoint) for waypoint in mention.waypoints]
    return any(
        len(found) == len(wanted)
        and all(here is not None and _same_place(there, here) for there, here in zip(wanted, found, strict=True))
        for wanted in (gold.places, gold.places[::-1])
    )


def _same_place(gold: Place, found: Place) -> bool:
    if gold.country is not None and found.country is not None and gold.country != found.country:
        return False
    if gold.lat is None:
        return found.country == gold.country
    return found.lat is not None and found.lon is not None and apart_km(gold, found.lat, found.lon) <= NEAR_KM


def compare(
    article: GoldenArticle, mentions: Iterable[Mention], where: Mapping[str, Place], scores: Mapping[str, Score]
) -> list[str]:
    """Count an article into `scores`, by kind; the places put in a wrong country."""
    found = {(m.field, m.start, m.end, m.kind): m for m in mentions}
    gold = {(g.field, g.start, g.end, g.kind): g for g in article.gold}
    astray: list[str] = []
    for key, mention in found.items():
        wanted = gold.get(key)
        if wanted is not None and wanted.optional:
            continue
        score = scores[mention.kind]
        score.found += 1
        said = f"{article.id}: {mention.kind} {mention.surface!r} ({mention.entity})"
        if wanted is None:
            score.wrong.append(f"{said} is not there")
        elif is_right(wanted, mention, where):
            score.right += 1
        else:
            score.wrong.append(f"{said} should be {wanted.key}")
            if wanted.kind == "place" and mention.country and mention.country != wanted.places[0].country:
                astray.append(f"{said} is in {mention.country}, not {wanted.places[0].country}")
    for key, wanted in gold.items():
        if wanted.optional:
            continue
        scores[wanted.kind].gold += 1
        if key not in found:
            near = [m.surface for m in found.values() if m.field == wanted.field and m.kind == wanted.kind
                    and m.start < wanted.end and wanted.start < m.end]  # fmt: skip
            cut = f"; found {near}" if near else ""
            scores[wanted.kind].wrong.append(f"{article.id}: {wanted.kind} {wanted.surface!r} was missed{cut}")
    return astray

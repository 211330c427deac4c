"""What flows: the records on the topics and in the archive, and their JSON form.

All times are timezone-aware UTC. All offsets are Unicode code points into the named field exactly as it
stands in the record, end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from streams.errors import MalformedRecord
from streams.frozen import soon_made

Field = Literal["title", "text"]
Kind = Literal["place", "actor", "route"]
Modality = Literal["fact", "negated", "planned", "hypothetical", "historical", "figurative"]
_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class Article:
    """One revision of one entry of a feed, as plain text."""

    id: str
    revision: int
    """1 when first seen; one more for every change of title or text."""
    feed: str
    outlet: str
    """The publishing host without `www.`, such as `sana.sy`; empty where nothing tells it."""
    url: str | None
    title: str
    text: str
    """Plain text; paragraphs are separated by a newline."""
    language: str | None
    """What the feed says (ISO 639-1), a hint only."""
    published: datetime | None
    first_seen: datetime
    truncated: bool = False
    """True when `text` was cut at the poller's bound."""


@soon_made
@dataclass(frozen=True, slots=True)
class Mention:
    """A span that names something."""

    field: Field
    start: int
    end: int
    surface: str
    kind: Kind
    entity: str | None
    """The entity's id; None where nothing known is meant (an organisation we do not know)."""
    name: str
    """The entity's canonical name, or the surface where there is no entity."""
    lat: float | None
    lon: float | None
    country: str | None
    """ISO 3166-1 alpha-2."""
    confidence: float
    """0 to 1."""
    waypoints: tuple[str, ...] = ()
    """For a route: the entity ids of its places, in the order of the text."""
    reason: str = ""
    """Why this entity, in a few words that can be shown to a person."""
    modality: Modality = "fact"
    """Whether the text tells of a fact, or of what is not, not yet, no more, or something else of that name."""


@dataclass(frozen=True, slots=True)
class EnrichedArticle:
    """An article with its language and everything found in it."""

    article: Article
    language: str
    """ISO 639-1; `und` where no language could be told."""
    mentions: tuple[Mention, ...]
    fingerprint: str
    """Equal for articles whose words are equal; the story decision starts from it."""
    sketch: str = ""
    """Of the words, to tell near copies by; empty where there are too few to compare."""
    origin: str = ""
    """Who tells it, an agency or a publisher; empty where that was not looked for yet."""
    features: str = ""
    """What another article of the same event tells too, JSON; empty where that was not looked for yet."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that made a watch fire."""

    field: Field
    start: int
    end: int
    surface: str
    why: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A watch that matched an article."""

    watch: str
    article: str
    clause: str
    """The condition that decided, written as in the watch file, such as `any[0].route`."""
    kinds: tuple[str, ...]
    """The kinds of condition that held: `route`, `town`, `actor`, `area`, `phrase`, in that order."""
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """A place that the evidence of an alert names."""

    name: str
    lat: float
    lon: float
    country: str | None
    """ISO 3166-1 alpha-2."""
    confidence: float
    """0 to 1: how sure it is that this place is meant."""


@dataclass(frozen=True, slots=True)
class AlertSource:
    """An article that tells the story of an alert."""

    outlet: str
    article: str
    url: str | None
    title: str
    copied_from: str | None = None
    """The article whose words it repeats."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One watch, one story, as it is told to endpoints."""

    id: str
    revision: int
    status: Literal["opened", "updated", "corrected", "retracted", "closed"]
    watch: str
    watch_name: str
    severity: str
    story: str
    article: str
    title: str
    url: str | None
    outlet: str
    language: str
    kinds: tuple[str, ...]
    """The kinds of condition that fired: `route`, `town`, `actor`, `area`, `phrase`."""
    reason: str
    quote: str
    """The sentence that proves it."""
    quote_spans: tuple[tuple[int, int], ...]
    """Where the evidence stands in `quote`."""
    evidence: tuple[Evidence, ...]
    published: datetime | None
    first_seen: datetime
    opened: datetime
    places: tuple[AlertPlace, ...] = ()
    """The places among the evidence, those first that come first."""
    actors: tuple[str, ...] = ()
    """Names of the actors among the evidence."""
    sources: tuple[AlertSource, ...] = ()
    """Who tells the story, the first teller first; the revision as told has those of its time."""
    changes: tuple[str, ...] = ()
    """What this revision changes, in words, such as `new place: Athriya`."""
    updated: datetime | None = None
    """When this revision was decided; none for the first."""


@dataclass(frozen=True, slots=True)
class DeadArticle:
    """What could not be processed, with the step, the error and the bytes."""

    article: str
    revision: int
    step: str
    error: str
    raw: str
    """The bytes as they stood, base64."""
    at: datetime


_ARTICLE = TypeAdapter(Article)
_ENRICHED = TypeAdapter(EnrichedArticle)
_ALERT = TypeAdapter(Alert)
_DEAD = TypeAdapter(DeadArticle)


def encode_article(article: Article) -> bytes:
    """JSON in UTF-8."""
    return _ARTICLE.dump_json(article)


def decode_article(raw: bytes) -> Article:
    """The inverse of `encode_article`; raises MalformedRecord."""
    return _decode(_ARTICLE, raw)


def encode_enriched(enriched: EnrichedArticle) -> bytes:
    """JSON in UTF-8."""
    return _ENRICHED.dump_json(enriched)


def decode_enriched(raw: bytes) -> EnrichedArticle:
    """The inverse of `encode_enriched`; raises MalformedRecord."""
    return _decode(_ENRICHED, raw)


def encode_alert(alert: Alert) -> bytes:
    """JSON in UTF-8."""
    return _ALERT.dump_json(alert)


def decode_alert(raw: bytes | str) -> Alert:
    """The inverse of `encode_alert`; raises MalformedRecord."""
    return _decode(_ALERT, raw)


def encode_dead(dead: DeadArticle) -> bytes:
    """JSON in UTF-8."""
    return _DEAD.dump_json(dead)


def _decode(adapter: TypeAdapter[_Record], raw: bytes | str) -> _Record:
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "record"
        raise MalformedRecord(f"{where}: {first['msg']}") from error

"""What the story decision reads of an article: made once, for all watches that it hits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from agents.alert.event import Features, decode_features, encode_features, features_of
from agents.alert.near import shingle_bytes
from agents.alert.outlets import origin_of
from agents.enrich.sketch import Shingles, fingerprint, shingles_of, sketch_bytes, sketch_of
from streams.archive.alerts import Telling
from streams.records import Article, EnrichedArticle


@dataclass(frozen=True)
class Told:
    """An article as the story decision reads it."""

    article: str
    fingerprint: str
    outlet: str
    origin: str
    """Who tells it: an agency or a publisher."""
    told_at: datetime
    sketch: bytes
    features: Features
    written: tuple[str, str]
    """Title and text."""

    @cached_property
    def shingles(self) -> Shingles:
        """Those of its words: few articles are so alike that they are compared by them."""
        return shingles_of(*self.written)

    def telling(self, watch: str, alert: str, story: str, reason: str, copy_of: str | None) -> Telling:
        """It as a telling of a story, without its shingles."""
        return Telling(
            watch, alert, story, self.article, self.fingerprint, self.outlet, self.origin, self.told_at, self.sketch,
            encode_features(self.features), reason, copy_of,
        )  # fmt: skip

    def shingle_bytes(self) -> bytes:
        """Its shingles as they are kept."""
        return shingle_bytes(self.shingles)


def noted(enriched: EnrichedArticle) -> EnrichedArticle:
    """An article with its origin and its features, so that who asks for them later need not read the text again."""
    article = enriched.article
    return replace(
        enriched,
        origin=origin_of(article.outlet, article.text),
        features=encode_features(features_of(enriched)),
    )


def told(enriched: EnrichedArticle) -> Told:
    """Read an article; a fingerprint, sketch, origin or features that it lacks are made."""
    article = enriched.article
    title, text = article.title, article.text
    sketch = sketch_bytes(enriched.sketch or sketch_of(title, text))
    return Told(
        article.id,
        enriched.fingerprint or fingerprint(title, text),
        article.outlet,
        enriched.origin or origin_of(article.outlet, text),
        told_at(article),
        sketch,
        decode_features(enriched.features) if enriched.features else features_of(enriched),
        (title, text),
    )


def told_at(article: Article) -> datetime:
    """When an article was published, or first seen where it says nothing or a time to come.

    Not when it is decided upon: so a backtest decides what was decided live.
    """
    at = min(article.published, article.first_seen) if article.published is not None else article.first_seen
    return at.astimezone(UTC)  # of one zone all: those of another take many times as long to compare

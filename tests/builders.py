"""Small records for tests: every argument has a plain default, so that a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert

from streams.archive.articles import content_hash
from streams.archive.engine import Archive
from streams.archive.schema import articles, outbox
from streams.ids import article_id
from streams.records import Article, EnrichedArticle, Evidence, Hit, Mention, encode_article

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def an_article(name: str = "one", **changes: object) -> Article:
    """An article of the feed `feed`; its id follows from `name`."""
    values: dict[str, object] = {
        "id": article_id("feed", name),
        "revision": 1,
        "feed": "feed",
        "outlet": "outlet.example",
        "url": f"https://outlet.example/{name}",
        "title": f"Title of {name}",
        "text": "A convoy left Khanasser. It was seen near Athriya later.",
        "language": "en",
        "published": NOON,
        "first_seen": NOON,
    }
    return Article(**{**values, **changes})  # type: ignore[arg-type]


def a_mention(surface: str, text: str, **changes: object) -> Mention:
    """A mention of the first `surface` in `text`."""
    start = text.index(surface)
    values: dict[str, object] = {
        "field": "text",
        "start": start,
        "end": start + len(surface),
        "surface": surface,
        "kind": "place",
        "entity": f"place:{surface.lower()}",
        "name": surface,
        "lat": 35.0,
        "lon": 37.0,
        "country": "SY",
        "confidence": 0.9,
    }
    return Mention(**{**values, **changes})  # type: ignore[arg-type]


def an_enriched(name: str = "one", **changes: object) -> EnrichedArticle:
    """An enriched article with one mention; `fingerprint` and article fields may be given."""
    fingerprint = str(changes.pop("fingerprint", f"words of {name}"))
    article = an_article(name, **changes)
    mentions = (a_mention("Khanasser", article.text),) if "Khanasser" in article.text else ()
    return EnrichedArticle(article, "en", mentions, fingerprint)


def a_hit(enriched: EnrichedArticle, watch: str = "road") -> Hit:
    """A hit on the article's first mention."""
    mention = enriched.mentions[0]
    evidence = Evidence(mention.field, mention.start, mention.end, mention.surface, "is on the road")
    return Hit(watch, enriched.article.id, "any[0].route", ("route",), "Khanasser is on the road", (evidence,))


def poll_in(archive: Archive, *given: Article, at: datetime = NOON) -> None:
    """Put articles into the archive and the outbox, as a poll does."""
    with archive.begin() as connection:
        for article in given:
            connection.execute(
                insert(articles).values(
                    id=article.id,
                    feed=article.feed,
                    revision=article.revision,
                    outlet=article.outlet,
                    title=article.title,
                    first_seen=article.first_seen,
                    content_hash=content_hash(article),
                    record=encode_article(article).decode(),
                )
            )
            connection.execute(insert(outbox).values(article=article.id, revision=article.revision, added_at=at))

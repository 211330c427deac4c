"""An alert's life: for now, how it opens."""

from __future__ import annotations

from datetime import datetime

from agents.alert.quote import quote
from agents.match.watch import Watch
from streams.records import Alert, EnrichedArticle, Hit


def opened(watch: Watch, hit: Hit, enriched: EnrichedArticle, story: str, alert: str, now: datetime) -> Alert:
    """The first revision of the alert that a hit opens."""
    article = enriched.article
    sentence = quote(article, hit.evidence)
    return Alert(
        id=alert,
        revision=1,
        status="opened",
        watch=watch.id,
        watch_name=watch.name or watch.id,
        severity=watch.severity,
        story=story,
        article=article.id,
        title=article.title,
        url=article.url,
        outlet=article.outlet,
        language=enriched.language,
        kinds=hit.kinds,
        reason=hit.reason,
        quote=sentence.text,
        quote_spans=sentence.spans,
        evidence=hit.evidence,
        published=article.published,
        first_seen=article.first_seen,
        opened=now,
    )

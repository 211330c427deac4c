"""The one transaction of an article: what was found, its stories, its alerts, what is owed, and that it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.alert.lifecycle import opened
from agents.alert.story import KnownTelling, choose_story
from agents.match.watch import Watch
from streams.archive import alerts, articles, deliveries
from streams.archive.engine import Archive
from streams.records import Alert, EnrichedArticle, Hit


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one article changed."""

    outcome: str
    """`ok`, or `again` where this revision was done before and nothing changed."""
    opened: tuple[Alert, ...] = ()
    joined: tuple[str, ...] = ()
    """For each hit on a story already told: why (`same_article`, `same_words`)."""


def record_article(
    archive: Archive,
    enriched: EnrichedArticle,
    hits: Sequence[Hit],
    watches: Mapping[str, Watch],
    endpoints: Sequence[str],
    now: datetime,
) -> Recorded:
    """Keep an article and everything that follows from it, all or nothing; twice equals once.

    `watches` by id; `endpoints` are the ids that a watch without `notify` goes to. Raises ArchiveUnavailable.
    """
    with archive.begin() as connection:
        done = articles.done_revision(connection, enriched.article.id)
        if done is not None and done >= enriched.article.revision:
            return Recorded("again")
        new_alerts = []
        joined = []
        known = alerts.tellings(connection, [hit.watch for hit in hits], enriched) if hits else []
        for hit in hits:
            watch = watches[hit.watch]
            choice = choose_story(
                hit.watch,
                enriched.article.id,
                enriched.fingerprint,
                [KnownTelling(one.story, one.article, one.fingerprint) for one in known if one.watch == hit.watch],
            )
            if choice.is_new:
                alert = opened(watch, hit, enriched, choice.story, choice.alert, now)
                alerts.open_alert(connection, alert)
                deliveries.add_deliveries(connection, alert, dict.fromkeys(watch.notify or endpoints), now)
                new_alerts.append(alert)
            else:
                joined.append(choice.reason)
            alerts.join_alert(connection, hit.watch, choice.alert, enriched, now)
        articles.mark_done(connection, enriched, now)
    return Recorded("ok", tuple(new_alerts), tuple(joined))

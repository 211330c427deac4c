"""What the demonstration shows: counts and the latest articles, and the alerts that its webhook received."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from newswatch.demo.samples import load_sources
from streams.archive import articles
from streams.archive.engine import Archive
from streams.errors import ArchiveUnavailable
from streams.records import Alert, decode_alert

LATEST = 24
"""Articles in a snapshot."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An article as one line: where it stood, what it is called, what was found in it."""

    id: str
    source: str
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything counted, and the latest articles, newest first."""

    articles: int = 0
    done: int = 0
    alerts: int = 0
    delivered: int = 0
    dead: int = 0
    feeds: int = 0
    latest: tuple[Seen, ...] = field(default=())


class DemoCounts(Protocol):
    """Gives the present state each time it is called; called in a thread, a few times a second at most."""

    def __call__(self) -> Snapshot:
        """Read the present state."""


class ArchiveCounts:
    """Reads the state from the archive; gives the last one known while the archive cannot be read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._sources = {source.id: source.title for source in load_sources()}
        self._last = Snapshot()

    def __call__(self) -> Snapshot:
        """Read the present state."""
        try:
            with self._archive.read() as connection:
                counts = articles.counts(connection)
                latest = tuple(self._seen(connection, one) for one in articles.recent_articles(connection, LATEST))
        except ArchiveUnavailable:
            return self._last
        self._last = Snapshot(
            articles=counts.articles,
            done=counts.done,
            alerts=counts.alerts,
            delivered=counts.delivered,
            dead=counts.dead,
            feeds=counts.feeds,
            latest=latest,
        )
        return self._last

    def _seen(self, connection: Connection, article: articles.RecentArticle) -> Seen:
        for known in self._last.latest:
            if (known.id, known.title) == (article.id, article.title):
                return known
        names = dict.fromkeys(name for _kind, name in articles.mention_names(connection, article.id))
        return Seen(article.id, self._sources.get(article.feed, article.outlet), article.title, tuple(names))


def read_alert(body: dict[str, Any]) -> Alert:
    """The alert under `data` in the body of a webhook; raises MalformedRecord where there is none."""
    return decode_alert(json.dumps(body.get("data")))

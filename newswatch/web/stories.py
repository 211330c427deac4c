"""The stories of the last days, grouped as articles are done; brought up to date when somebody asks."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from streams.archive import replay
from streams.archive.alerts import STORY_HOURS, Telling
from streams.archive.engine import Archive
from streams.clock import Clock

if TYPE_CHECKING:
    from agents.alert.stream_stories import StreamStories

_PAGE = 200
_BUDGET_SECONDS = 2.0
_LATE = timedelta(seconds=10)
"""Several workers finish articles at once: what was done so shortly before may only be seen now."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What is shown of an article."""

    title: str
    url: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell one event, in the order in which they came."""

    id: str
    tellings: tuple[Telling, ...]
    headlines: tuple[Headline, ...]
    """One for each telling."""

    @property
    def first_told(self) -> datetime:
        """When it was first told."""
        return min(one.told_at for one in self.tellings)

    @property
    def last_told(self) -> datetime:
        """When it was last told."""
        return max(one.told_at for one in self.tellings)


class Stories:
    """Of the last `STORY_HOURS`; safe to share between threads."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        self._lock = threading.Lock()
        self._grouped: StreamStories | None = None
        self._headlines: dict[str, Headline] = {}
        self._placed: dict[str, int] = {}
        """Articles that were placed, by revision."""
        self._at: tuple[datetime, str] | None = None

    def look(self) -> tuple[list[Story], datetime | None]:
        """The stories, and the time up to which everything done is in them (None: all). Raises ArchiveUnavailable."""
        with self._lock:
            behind = self._read_on()
            grouped = self._grouped
            assert grouped is not None, "it was made just now"
            stories = [
                Story(story, tuple(tellings), tuple(self._headlines[one.article] for one in tellings))
                for story, tellings in grouped.stories.items()
            ]
        return stories, behind

    def _read_on(self) -> datetime | None:
        from agents.alert.stream_stories import StreamStories  # noqa: PLC0415 - heavy, and only where asked for
        from agents.alert.telling import told  # noqa: PLC0415

        since = self._clock() - timedelta(hours=STORY_HOURS)
        if self._grouped is None:
            self._grouped = StreamStories()
        until = time.monotonic() + _BUDGET_SECONDS
        at = (max(since, self._at[0] - _LATE), "") if self._at is not None else (since, "")
        while True:
            with self._archive.read() as connection:
                page = replay.done_after(connection, at, since, _PAGE)
            for done, enriched in page:
                article = enriched.article
                at = (done, article.id)
                if self._placed.get(article.id, 0) < article.revision:
                    self._headlines[article.id] = Headline(article.title, article.url, enriched.language)
                    self._grouped.place(told(enriched))
                    self._placed[article.id] = article.revision
            self._at = at if page else self._at
            if len(page) < _PAGE:
                self._forget()
                return None
            if time.monotonic() > until:
                return at[0]

    def _forget(self) -> None:
        """Forget what the grouping has forgotten, and what was placed long before."""
        assert self._grouped is not None, "something was read"
        kept = {one.article for tellings in self._grouped.stories.values() for one in tellings}
        if len(self._headlines) > 2 * len(kept):
            self._headlines = {article: self._headlines[article] for article in kept}
            self._placed = {article: self._placed[article] for article in kept}

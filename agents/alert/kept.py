"""The stories of watches as the archive keeps them: read and decided inside the article's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection

from agents.alert.near import from_bytes
from agents.alert.story import Looked, StoryChoice, look
from agents.alert.telling import Told
from agents.enrich.sketch import Shingles
from streams.archive import alerts
from streams.archive.alerts import Joining, Telling
from streams.records import Alert

_MOST_REMEMBERED = 20_000
"""Tellings, of about a kilobyte each."""


class KeptStories:
    """Decides on stories; remembers tellings that were read, since a telling stays as it was noted.

    Which tellings there are is asked of the archive every time. An article tells one alert of a watch for as long as
    that alert is kept; should it be told anew after the alert was forgotten, `forget` is called for.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Telling]] = {}
        self._count = 0

    def place(self, connection: Connection, watches: Collection[str], told: Told) -> dict[str, StoryChoice]:
        """The story of an article for each of the watches that it hits; nothing is written."""
        looked = {watch: look(watch, told, known) for watch, known in self._compared(connection, watches, told).items()}
        likely = [one for found in looked.values() if isinstance(found, Looked) for one in found.likely]
        shingles = alerts.shingles(connection, likely) if likely else {}
        texts = {key: from_bytes(raw) for key, raw in shingles.items()}
        return {
            watch: found if isinstance(found, StoryChoice) else found.choose(_of(found, texts))
            for watch, found in looked.items()
        }

    def remember(self, tellings: Iterable[Telling]) -> None:
        """Keep in mind what was read, or noted and committed."""
        for one in tellings:
            if self._count >= _MOST_REMEMBERED:
                self.forget()
            self._known.setdefault(one.watch, {})[one.article] = one
            self._count += 1

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._count = 0

    def _compared(self, connection: Connection, watches: Collection[str], told: Told) -> dict[str, list[Telling]]:
        found = alerts.compared(connection, watches, told.article, told.fingerprint, told.told_at)
        known = {watch: self._known.setdefault(watch, {}) for watch in found}
        read = alerts.tellings(connection, {watch: articles - known[watch].keys() for watch, articles in found.items()})
        if read:
            self.remember(read)
            for one in read:  # should they have been too many to be remembered
                known[one.watch][one.article] = one
        return {
            watch: [known[watch][one] for one in articles if one in known[watch]] for watch, articles in found.items()
        }


def _of(looked: Looked, texts: Mapping[tuple[str, str], Shingles]) -> dict[str, Shingles]:
    """The shingles of those that may be near copies, by article."""
    keys = [(one.alert, one.article) for one in looked.likely]
    return {article: texts[alert, article] for alert, article in keys if (alert, article) in texts}


def joining(choice: StoryChoice, told: Told, outcome: str = "", alone: Alert | None = None) -> Joining:
    """The article as a telling of its story, with what became of it."""
    telling = told.telling(choice.watch, choice.alert, choice.story, choice.reason, choice.copy_of)
    return Joining(telling, told.shingle_bytes(), outcome, alone)

"""The stories of watches as the archive keeps them: read and decided inside the articles' transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from agents.alert.near import from_bytes
from agents.alert.story import BY_TIME, Looked, StoryChoice, look
from agents.alert.telling import Told
from agents.enrich.sketch import Shingles
from streams.archive import alerts
from streams.archive.alerts import MOST_TELLINGS, STORY_HOURS, Asked, Joining, Telling
from streams.records import Alert

_MOST_REMEMBERED = 20_000
"""Tellings, of about a kilobyte each."""
_MOST_SHINGLE_BYTES = 32 * 1024 * 1024
_REACH = timedelta(hours=STORY_HOURS)


class KeptStories:
    """Decides on stories; remembers tellings and shingles that were read, since they stay as they were noted.

    Which tellings there are is asked of the archive every time. An article tells one alert of a watch for as long as
    that alert is kept; should it be told anew after the alert was forgotten, `forget` is called for.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Telling]] = {}
        self._count = 0
        self._shingles: dict[tuple[str, str], Shingles] = {}
        """By alert and article."""
        self._shingle_bytes = 0

    def place(self, connection: Connection, watches: Collection[str], told: Told) -> dict[str, StoryChoice]:
        """The story of an article for each of the watches that it hits; nothing is written."""
        (choices,) = self.place_in_order(connection, [(watches, told)])
        return choices

    def place_in_order(
        self, connection: Connection, given: Sequence[tuple[Collection[str], Told]]
    ) -> list[dict[str, StoryChoice]]:
        """The same for several articles (each once), of which each hears of what those before it tell."""
        heard: dict[str, list[Telling]] = defaultdict(list)
        shingles: dict[tuple[str, str], Shingles] = {}
        found = []
        for compared, (_, told) in zip(self._compared(connection, given), given, strict=True):
            known = {watch: one.hearing(told, heard[watch]) for watch, one in compared.items()}
            choices = self._choose(connection, told, known, shingles)
            found.append(choices)
            for choice in choices.values():
                if choice.reason != "same_article" and len(given) > 1:
                    heard[choice.watch].append(_telling(choice, told))
                    shingles[choice.alert, told.article] = told.shingles
        return found

    def _choose(
        self,
        connection: Connection,
        told: Told,
        known: Mapping[str, Sequence[Telling]],
        heard: Mapping[tuple[str, str], Shingles],
    ) -> dict[str, StoryChoice]:
        looked = {watch: look(watch, told, tellings) for watch, tellings in known.items()}
        likely = [one for found in looked.values() if isinstance(found, Looked) for one in found.likely]
        texts = self._shingles_of(connection, [one for one in likely if (one.alert, one.article) not in heard])
        texts |= {key: heard[key] for key in ((one.alert, one.article) for one in likely) if key in heard}
        return {
            watch: found if isinstance(found, StoryChoice) else found.choose(_of(found, texts))
            for watch, found in looked.items()
        }

    def remember(self, joined: Iterable[Joining]) -> None:
        """Keep in mind what was noted and committed."""
        for one in joined:
            self._remember(one.telling)
            self._remember_shingles((one.telling.alert, one.telling.article), from_bytes(one.shingles))

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._count = 0
        self._forget_shingles()

    def _remember(self, telling: Telling) -> None:
        if self._count >= _MOST_REMEMBERED:
            self._known.clear()
            self._count = 0
        self._known.setdefault(telling.watch, {})[telling.article] = telling
        self._count += 1

    def _remember_shingles(self, key: tuple[str, str], shingles: Shingles) -> None:
        if self._shingle_bytes >= _MOST_SHINGLE_BYTES:
            self._forget_shingles()
        self._shingles[key] = shingles
        self._shingle_bytes += shingles.nbytes

    def _forget_shingles(self) -> None:
        self._shingles.clear()
        self._shingle_bytes = 0

    def _shingles_of(self, connection: Connection, wanted: Sequence[Telling]) -> dict[tuple[str, str], Shingles]:
        keys = [(one.alert, one.article) for one in wanted]
        found = {key: self._shingles[key] for key in keys if key in self._shingles}
        missing = [one for one, key in zip(wanted, keys, strict=True) if key not in found]
        for key, raw in (alerts.shingles(connection, missing) if missing else {}).items():
            found[key] = from_bytes(raw)
            self._remember_shingles(key, found[key])
        return found

    def _compared(
        self, connection: Connection, given: Sequence[tuple[Collection[str], Told]]
    ) -> list[dict[str, _Compared]]:
        asked = [Asked(sorted(set(watches)), told.article, told.fingerprint, told.told_at) for watches, told in given]
        compared = alerts.compared(connection, asked)
        wanted: dict[str, set[str]] = defaultdict(set)
        for each in compared:
            for watch, one in each.items():
                wanted[watch] |= one.own | one.newest
        known = {watch: self._known.setdefault(watch, {}) for watch in wanted}
        read = alerts.tellings(connection, {watch: some - known[watch].keys() for watch, some in wanted.items()})
        for telling in read:
            self._remember(telling)
        for telling in read:  # should they have been too many to be remembered
            known[telling.watch][telling.article] = telling
        return [
            {
                watch: _Compared(
                    [known[watch][article] for article in one.own if article in known[watch]],
                    [known[watch][article] for article in one.newest if article in known[watch]],
                )
                for watch, one in each.items()
            }
            for each in compared
        ]


@dataclass(frozen=True, slots=True)
class _Compared:
    """The tellings that an article is compared with for a watch."""

    own: list[Telling]
    """Itself, and those of its words."""
    newest: list[Telling]

    def hearing(self, told: Told, heard: Sequence[Telling]) -> list[Telling]:
        """All of them as they are once these are noted too."""
        newest, own = self.newest, self.own
        if heard:
            since, until = told.told_at - 2 * _REACH, told.told_at + _REACH
            near = [one for one in heard if since <= one.told_at <= until]
            newest = sorted([*newest, *near], key=BY_TIME)[-MOST_TELLINGS:]
            own = [*own, *(one for one in near if one.fingerprint == told.fingerprint)]
        return list({one.article: one for one in (*own, *newest)}.values())


def _of(looked: Looked, texts: Mapping[tuple[str, str], Shingles]) -> dict[str, Shingles]:
    """The shingles of those that may be near copies, by article."""
    keys = [(one.alert, one.article) for one in looked.likely]
    return {article: texts[alert, article] for alert, article in keys if (alert, article) in texts}


def joining(choice: StoryChoice, told: Told, outcome: str = "", alone: Alert | None = None) -> Joining:
    """The article as a telling of its story, with what became of it."""
    return Joining(_telling(choice, told), told.shingle_bytes(), outcome, alone)


def _telling(choice: StoryChoice, told: Told) -> Telling:
    return told.telling(choice.watch, choice.alert, choice.story, choice.reason, choice.copy_of)

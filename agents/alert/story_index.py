"""The stories of many watches in memory, for replaying articles (a backtest) by the decision that is made live."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from agents.alert.event import Features
from agents.alert.near import LEAST_JACCARD, likenesses
from agents.alert.story import BY_TIME, STORY_TIME, Looked, StoryChoice, copying, look
from agents.alert.telling import Told
from agents.enrich.sketch import PERMUTATIONS, SKETCH_BYTES, Shingles
from streams.archive.alerts import MOST_TELLINGS, Telling

_Key = tuple[datetime, str]
"""When an article told, and its id: tellings are compared in this order."""
_FIRST_ROWS = 64


class StoryIndex:
    """What tells stories of watches so far. Not for several threads at once."""

    def __init__(self) -> None:
        self._of_watch: dict[str, _Tellings] = {}
        self._told: dict[str, Told] = {}

    def place(self, watch: str, told: Told) -> StoryChoice:
        """Choose the article's story for the watch and remember the choice."""
        tellings = self._of_watch.get(watch)
        if tellings is None:
            tellings = self._of_watch[watch] = _Tellings(watch)
        found = tellings.look(told)
        choice = found if isinstance(found, StoryChoice) else found.choose(self._read(found.likely))
        if choice.reason != "same_article":
            telling = told.telling(watch, choice.alert, choice.story, choice.reason, choice.copy_of)
            tellings.add(telling, told.features)
            self._told.setdefault(told.article, told)
        return choice

    def _read(self, tellings: Sequence[Telling]) -> Mapping[str, Shingles]:
        return {one.article: self._told[one.article].shingles for one in tellings}


class _ByTime:
    """Tellings in the order in which they were told."""

    __slots__ = ("keys", "tellings")

    def __init__(self) -> None:
        self.keys: list[_Key] = []
        self.tellings: list[Telling] = []

    def add(self, telling: Telling) -> int:
        """Its position; most are told in order, and come last."""
        keys, key = self.keys, (telling.told_at, telling.article)
        at = bisect_left(keys, key) if keys and keys[-1] > key else len(keys)
        keys.insert(at, key)
        self.tellings.insert(at, telling)
        return at

    def between(self, first: _Key, last: _Key) -> list[Telling]:
        """Those from one to another, both included."""
        keys = self.keys
        end = len(keys) if keys[-1] <= last else bisect_right(keys, last)
        return self.tellings[bisect_left(keys, first, 0, end) : end] if keys[-1] >= first else []


class _Tellings:
    """The tellings of one watch, laid out so that few of them are looked at for an article.

    The choice is that of `story.look` among what the archive's `compared` gives: the newest tellings about the time at
    which the article was told, and those of its words.
    """

    def __init__(self, watch: str) -> None:
        self._watch = watch
        self._all = _ByTime()
        self._rows: NDArray[np.int32] = np.zeros(_FIRST_ROWS, dtype=np.int32)
        """The row of the sketch of each, by time; a sketch stays in its row."""
        self._sketches: NDArray[np.uint16] = np.zeros((_FIRST_ROWS, PERMUTATIONS), dtype="<u2")
        self._of_article: dict[str, Telling] = {}
        self._of_words: dict[str, list[Telling]] = {}
        self._of_place: dict[str, _ByTime] = {}
        """By the place that they name first."""

    def add(self, telling: Telling, features: Features) -> None:
        """Remember what an article told that told nothing yet."""
        self._of_article[telling.article] = telling
        self._of_words.setdefault(telling.fingerprint, []).append(telling)
        for place in features.places[:1]:
            self._of_place.setdefault(place, _ByTime()).add(telling)
        row, at = len(self._all.keys), self._all.add(telling)
        if row == len(self._rows):
            self._rows = np.concatenate((self._rows, np.zeros_like(self._rows)))
            self._sketches = np.concatenate((self._sketches, np.zeros_like(self._sketches)))
        self._rows[at + 1 : row + 1] = self._rows[at:row]
        self._rows[at] = row
        if len(telling.sketch) == SKETCH_BYTES:
            self._sketches[row] = np.frombuffer(telling.sketch, dtype="<u2")

    def look(self, told: Told) -> StoryChoice | Looked:
        """The choice, or what its shingles must be compared with."""
        first, end = self._around(told.told_at)
        words = self._same_words(told)
        if told.article in self._of_article:  # a revision, of which a replay has none
            others = (*words, self._of_article[told.article])
            known = {one.article: one for one in (*self._all.tellings[first:end], *others)}
            return look(self._watch, told, known.values())
        alive = self._alive(first, end, words, told.told_at - STORY_TIME)
        if alive is not None:
            words = [one for one in words if one.story in alive]
        if words:
            return copying(min(words, key=BY_TIME), "same_words", 1.0)
        likely = self._alike(told.sketch, first, end)
        placed = self._where(told.features.places, first, end)
        if alive is not None:
            likely = [one for one in likely if one.story in alive]
            placed = [one for one in placed if one.story in alive]
        return Looked(self._watch, told, placed, likely)

    def _around(self, at: datetime) -> tuple[int, int]:
        """The newest from two spans of a story's time before an instant to one after it."""
        keys, until = self._all.keys, at + STORY_TIME
        end = len(keys) if keys and keys[-1][0] <= until else bisect_right(keys, until, key=itemgetter(0))
        return bisect_left(keys, (at - 2 * STORY_TIME, ""), max(0, end - MOST_TELLINGS), end), end

    def _same_words(self, told: Told) -> list[Telling]:
        since, until = told.told_at - 2 * STORY_TIME, told.told_at + STORY_TIME
        return [one for one in self._of_words.get(told.fingerprint, ()) if since <= one.told_at <= until]

    def _alive(self, first: int, end: int, words: Sequence[Telling], since: datetime) -> set[str] | None:
        """The stories of which something was told since; None where that is so of all."""
        keys, tellings = self._all.keys, self._all.tellings
        if (first == end or keys[first][0] >= since) and all(one.told_at >= since for one in words):
            return None
        lately = tellings[bisect_left(keys, (since, ""), first, end) : end]
        return {one.story for one in (*lately, *(one for one in words if one.told_at >= since))}

    def _alike(self, sketch: bytes, first: int, end: int) -> list[Telling]:
        """Those that may be near copies."""
        if len(sketch) != SKETCH_BYTES or first == end:
            return []
        shares = likenesses(sketch, self._sketches.take(self._rows[first:end], axis=0))
        found = [self._all.tellings[first + at] for at in np.flatnonzero(shares >= LEAST_JACCARD).tolist()]
        return [one for one in found if one.sketch]  # the row of one without is all zeros

    def _where(self, places: Sequence[str], first: int, end: int) -> list[Telling]:
        """Those, by time, that name the first of these places, and first one of them: which the same event needs."""
        if not places or first == end:
            return []
        wanted, since, until = json.dumps(places[0]), self._all.keys[first], self._all.keys[end - 1]
        named = [some for place in places if (some := self._of_place.get(place)) is not None]
        found = [one for some in named for one in some.between(since, until) if wanted in one.features]
        found.sort(key=BY_TIME)
        return found

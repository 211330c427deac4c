"""Stories of the whole stream, watched or not, by the decision that chooses the stories of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.alert.event import decode_features
from agents.alert.near import LEAST_JACCARD, likenesses
from agents.alert.story import StoryChoice, choose_story
from agents.alert.telling import Told
from agents.enrich.sketch import PERMUTATIONS, SKETCH_BYTES, Shingles
from streams.archive.alerts import Telling

_STREAM = ""
"""The watch that everything is a hit of."""
_KEPT_SHARE = 0.75


class StreamStories:
    """The stories of the newest `most` tellings.

    Only tellings that could be chosen are compared with, and all tellings of their stories; so the choice is the one
    that `choose_story` makes given everything. Not for several threads at once.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._tellings: list[Telling] = []
        self._sketches: NDArray[np.uint16] = np.zeros((0, PERMUTATIONS), dtype="<u2")
        self._sketched: list[int] = []
        """For each sketch the number of its telling."""
        self._shingles: dict[str, Shingles] = {}
        self._of_words: dict[str, list[int]] = {}
        self._of_place: dict[str, list[int]] = {}
        self._of_article: dict[str, int] = {}
        self.stories: dict[str, list[Telling]] = {}
        """Each with its tellings in the order in which they came."""

    def place(self, told: Told) -> StoryChoice:
        """Choose the article's story and remember the choice."""
        choice = choose_story(_STREAM, told, self._comparable(told), self._read)
        if told.article not in self._of_article:
            self._keep(told.telling(_STREAM, choice.alert, choice.story, choice.reason, choice.copy_of), told.shingles)
            if len(self._tellings) > self._most:
                self._forget()
        return choice

    def _comparable(self, told: Told) -> list[Telling]:
        numbers = {*self._of_words.get(told.fingerprint, ()), *self._alike(told.sketch)}
        for place in told.features.places[:1]:
            numbers.update(self._of_place.get(place, ()))
        if told.article in self._of_article:
            numbers.add(self._of_article[told.article])
        stories = {self._tellings[number].story for number in numbers}
        return [telling for story in stories for telling in self.stories[story]]

    def _alike(self, sketch: bytes) -> list[int]:
        if len(sketch) != SKETCH_BYTES or not self._sketched:
            return []
        shares = likenesses(sketch, self._sketches[: len(self._sketched)])
        return [self._sketched[row] for row in np.flatnonzero(shares >= LEAST_JACCARD)]

    def _keep(self, telling: Telling, shingles: Shingles) -> None:
        number = len(self._tellings)
        self._tellings.append(telling)
        self._shingles[telling.article] = shingles
        self._of_article[telling.article] = number
        self._of_words.setdefault(telling.fingerprint, []).append(number)
        for place in decode_features(telling.features).places:
            self._of_place.setdefault(place, []).append(number)
        self.stories.setdefault(telling.story, []).append(telling)
        if len(telling.sketch) == SKETCH_BYTES:
            row = len(self._sketched)
            if row == len(self._sketches):
                self._sketches = np.resize(self._sketches, (max(1_024, 2 * row), PERMUTATIONS))
            self._sketches[row] = np.frombuffer(telling.sketch, dtype="<u2")
            self._sketched.append(number)

    def _forget(self) -> None:
        """Forget the oldest, a good many at once."""
        kept = sorted(self._tellings, key=lambda one: (one.told_at, one.article))[-int(self._most * _KEPT_SHARE) :]
        shingles = self._shingles
        whole = {one.article for one in kept}
        came = [one for one in self._tellings if one.article in whole]
        StreamStories.__init__(self, self._most)
        for one in came:
            self._keep(one, shingles[one.article])

    def _read(self, tellings: Sequence[Telling]) -> Mapping[str, Shingles]:
        return {one.article: self._shingles[one.article] for one in tellings}

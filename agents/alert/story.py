"""Which story an article tells: per watch, so that the state grows with the watches and not with the news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streams.ids import alert_id, story_id


@dataclass(frozen=True, slots=True)
class StoryChoice:
    """The story and alert that an article belongs to for one watch, and why."""

    story: str
    alert: str
    is_new: bool
    reason: str
    """`new_story`, `same_article` or `same_words`."""


@dataclass(frozen=True, slots=True)
class KnownTelling:
    """An article that already tells a story for this watch."""

    story: str
    article: str
    fingerprint: str


def choose_story(watch: str, article: str, fingerprint: str, known: Iterable[KnownTelling]) -> StoryChoice:
    """The story of an article for a watch, given what tells stories of this watch already (oldest first).

    The same article (also a revision of it) and an article with the same words belong to the story they were
    first told in; anything else opens a story of its own.
    """
    same_words: KnownTelling | None = None
    for telling in known:
        if telling.article == article:
            return StoryChoice(telling.story, alert_id(watch, telling.story), False, "same_article")
        if same_words is None and telling.fingerprint == fingerprint:
            same_words = telling
    if same_words is not None:
        return StoryChoice(same_words.story, alert_id(watch, same_words.story), False, "same_words")
    story = story_id(article)
    return StoryChoice(story, alert_id(watch, story), True, "new_story")


class StoryIndex:
    """The stories of many watches in memory, for replaying articles (a backtest) by the same decision."""

    def __init__(self) -> None:
        self._by_article: dict[tuple[str, str], list[KnownTelling]] = {}
        self._by_words: dict[tuple[str, str], list[KnownTelling]] = {}

    def place(self, watch: str, article: str, fingerprint: str) -> StoryChoice:
        """Choose the article's story for the watch and remember the choice."""
        known = [
            *self._by_article.get((watch, article), ()),
            *self._by_words.get((watch, fingerprint), ()),
        ]
        choice = choose_story(watch, article, fingerprint, known)
        telling = KnownTelling(choice.story, article, fingerprint)
        self._by_article.setdefault((watch, article), []).append(telling)
        self._by_words.setdefault((watch, fingerprint), []).append(telling)
        return choice

"""One alert a watch and story."""

from __future__ import annotations

from agents.alert.story import KnownTelling, StoryIndex, choose_story
from streams.ids import alert_id, story_id


def test_an_unknown_article_opens_a_story_of_its_own() -> None:
    choice = choose_story("road", "a1", "words", [])
    assert choice.is_new
    assert choice.story == story_id("a1")
    assert choice.alert == alert_id("road", story_id("a1"))


def test_a_revision_stays_in_its_story_though_its_words_changed() -> None:
    choice = choose_story("road", "a1", "other words", [KnownTelling("s1", "a1", "words")])
    assert (choice.is_new, choice.story, choice.reason) == (False, "s1", "same_article")


def test_the_same_words_elsewhere_join_the_story() -> None:
    choice = choose_story("road", "a2", "words", [KnownTelling("s1", "a1", "words")])
    assert (choice.is_new, choice.story, choice.reason) == (False, "s1", "same_words")


def test_the_article_itself_counts_more_than_its_words() -> None:
    known = [KnownTelling("s1", "a1", "words"), KnownTelling("s2", "a2", "others")]
    assert choose_story("road", "a2", "words", known).story == "s2"


def test_the_index_decides_the_same_one_article_after_another() -> None:
    index = StoryIndex()
    first = index.place("road", "a1", "words")
    assert index.place("road", "a2", "words").alert == first.alert
    assert index.place("road", "a2", "changed").reason == "same_article"
    assert index.place("town", "a1", "words").alert != first.alert
    assert index.place("road", "a3", "else").is_new

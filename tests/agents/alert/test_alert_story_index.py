"""The stories in memory are those of the decision over everything that the archive would have it compare with."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from builders import NOON, a_mention, an_article

from agents.alert import story_index
from agents.alert.story import STORY_TIME, StoryChoice, choose_story
from agents.alert.story_index import StoryIndex
from agents.alert.telling import Told, told
from agents.enrich.sketch import Shingles
from streams.archive.alerts import Telling
from streams.records import EnrichedArticle

WORDS = [first + last for first in ("mar", "con", "riv", "bri", "sol") for last in ("ket", "voy", "er", "dge", "lage")]
PLACES = ("Khanasser", "Athriya", "Rastan", "Homs")
OUTLETS = ("one.example", "two.example", "three.example")


def stream(draw: random.Random, count: int, hours: float) -> Iterator[Told]:
    """News by chance, not quite in order: texts, copies, the same again, one event in other words, and revisions."""
    texts: list[str] = []
    for number in range(count):
        kind = draw.random()
        if texts and kind < 0.45:
            words = draw.choice(texts[-30:]).split()
            for _ in range(draw.choice([0, 0, 3, 30])):
                words[draw.randrange(len(words))] = draw.choice(WORDS)
            text = " ".join(words)
        elif kind < 0.55:
            text = " ".join(draw.choices(WORDS, k=8))  # too short for a sketch
        else:
            text = " ".join(draw.choices(WORDS, k=draw.randint(25, 60)))
            text += " " + " ".join(draw.sample(PLACES, 2)) + draw.choice(["", " 14 killed 31 hurt", " 90 killed"])
        texts.append(text)
        at = NOON + timedelta(hours=hours * number / count + draw.choice([0, 0, 0, -5, -40, -150]))
        name = f"a{draw.randrange(number + 1) if kind > 0.97 else number}"
        outlet = draw.choice(OUTLETS)
        article = an_article(name, title="News", text=text, outlet=outlet, published=at, first_seen=at)
        named = tuple(a_mention(place, text) for place in PLACES if place in text)
        yield told(EnrichedArticle(article, "en", named, ""))


def compared(new: Told, known: Sequence[Telling], most: int) -> list[Telling]:
    """What the archive gives: the article itself, its words, and the newest tellings about its time."""
    about = [one for one in known if -2 * STORY_TIME <= one.told_at - new.told_at <= STORY_TIME]
    about.sort(key=lambda one: (one.told_at, one.article))
    words = [one for one in about[:-most] if one.fingerprint == new.fingerprint]
    itself = [one for one in known if one.article == new.article and one not in about[-most:] + words]
    return [*words, *about[-most:], *itself]


@pytest.mark.parametrize(("most", "count", "hours"), [(200, 500, 100.0), (7, 400, 200.0), (200, 400, 2_000.0)])
def test_the_choice_is_the_same_as_with_all_that_it_is_compared_with(
    most: int, count: int, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story_index, "MOST_TELLINGS", most)
    index = StoryIndex()
    known: list[Telling] = []
    shingles: dict[str, Shingles] = {}
    reasons: Counter[str] = Counter()
    for new in stream(random.Random(most + count), count, hours):

        def texts(some: Sequence[Telling]) -> dict[str, Shingles]:
            return {one.article: shingles[one.article] for one in some}

        expected: StoryChoice = choose_story("road", new, compared(new, known, most), texts)
        assert index.place("road", new) == expected
        reasons[expected.reason] += 1
        if expected.reason != "same_article":
            known.append(new.telling("road", expected.alert, expected.story, expected.reason, expected.copy_of))
            shingles[new.article] = new.shingles
    assert set(reasons) == {"new_story", "same_article", "same_words", "near_copy", "same_event"}, reasons

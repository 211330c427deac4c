"""Stories of the whole stream are those that the decision gives with everything before its eyes."""

from __future__ import annotations

import random
from datetime import timedelta

from builders import NOON, an_enriched

from agents.alert.story import choose_story
from agents.alert.stream_stories import StreamStories
from agents.alert.telling import Told, told
from agents.enrich.sketch import Shingles
from streams.archive.alerts import Telling

FIRST, LAST = ("mar", "con", "riv", "bri", "sol", "vil"), ("ket", "voy", "er", "dge", "dier", "lage")
WORDS = tuple(f"{first}{last}" for first in FIRST for last in LAST)


def telling(name: str, text: str, hours: float, outlet: str) -> Told:
    at = NOON + timedelta(hours=hours)
    made = an_enriched(name, fingerprint="", title=name[:1], text=text, outlet=outlet, published=at, first_seen=at)
    return told(made)


def stream(seed: int, count: int) -> list[Told]:
    """Texts, copies of them with a few words changed, the same words again, and retellings of what Khanasser saw."""
    draw = random.Random(seed)
    texts: list[str] = []
    made = []
    for number in range(count):
        kind = draw.random()
        if texts and kind < 0.35:
            words = draw.choice(texts).split()
            for _ in range(draw.randint(0, 30)):
                words[draw.randrange(len(words))] = draw.choice(WORDS)
            text = " ".join(words)
        else:
            text = " ".join(draw.choice(WORDS) for _ in range(draw.randint(20, 90)))
            text += " Khanasser 14 killed" if kind > 0.8 else ""
        texts.append(text)
        made.append(telling(f"a{number}", text, draw.uniform(0, 150), draw.choice(["one.example", "two.example"])))
    return made


def test_the_choice_is_the_same_as_with_everything_to_compare_with() -> None:
    reasons = set()
    for seed in range(4):
        whole: list[Telling] = []
        shingles: dict[str, Shingles] = {}
        stories = StreamStories()
        for one in stream(seed, 90):
            expected = choose_story("", one, whole, lambda some: {it.article: shingles[it.article] for it in some})  # noqa: B023
            choice = stories.place(one)
            assert choice == expected
            reasons.add(choice.reason)
            whole.append(one.telling("", choice.alert, choice.story, choice.reason, choice.copy_of))
            shingles[one.article] = one.shingles
        assert sorted(len(tellings) for tellings in stories.stories.values()) == sorted(
            sum(it.story == story for it in whole) for story in {it.story for it in whole}
        )
    assert {"new_story", "near_copy"} <= reasons


def test_an_article_is_kept_once_and_the_oldest_are_forgotten() -> None:
    stories = StreamStories(most=40)
    made = stream(9, 120)
    for one in sorted(made, key=lambda it: it.told_at):
        stories.place(one)
        assert stories.place(one).reason == "same_article"
    kept = [it for tellings in stories.stories.values() for it in tellings]
    assert 30 <= len(kept) <= 40
    assert len({it.article for it in kept}) == len(kept)
    newest = sorted(made, key=lambda it: it.told_at)[-10:]
    assert {it.article for it in newest} <= {it.article for it in kept}

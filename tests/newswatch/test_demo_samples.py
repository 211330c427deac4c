"""The sample articles: enough of them, in three languages, each with what it promises."""

from __future__ import annotations

import re
import string
from collections import Counter
from itertools import islice

import pytest

from newswatch.demo.endless import endless
from newswatch.demo.samples import LANGUAGES, Sample, load_samples, load_sources, read_yaml
from newswatch.demo.settings import load_watches


def test_there_are_at_least_48_articles_in_three_languages() -> None:
    language = {source.id: source.language for source in load_sources()}
    counted = Counter(language[sample.feed] for sample in load_samples())
    assert counted.total() >= 48
    assert set(counted) == set(LANGUAGES)
    assert min(counted.values()) >= 15


def test_ids_and_words_are_unique() -> None:
    samples = load_samples()
    assert len({sample.id for sample in samples}) == len(samples)
    assert len({sample.plain for sample in samples}) == len(samples)
    assert len({sample.title for sample in samples}) == len(samples)


@pytest.mark.parametrize("sample", load_samples(), ids=lambda sample: sample.id)
def test_each_article_has_a_body_of_news_length_without_markup(sample: Sample) -> None:
    assert 40 <= len(sample.plain.split()) <= 160
    assert re.search(r"[<>]|&\w+;", sample.plain) is None


def test_some_bodies_are_html_in_every_language() -> None:
    language = {source.id: source.language for source in load_sources()}
    assert {language[sample.feed] for sample in load_samples() if sample.html} == set(LANGUAGES)


def test_promises_name_watches_and_every_watch_is_promised_in_every_language() -> None:
    watches = {watch.id for watch in load_watches()}
    language = {source.id: source.language for source in load_sources()}
    promised = {(language[sample.feed], watch) for sample in load_samples() for watch in sample.fires}
    assert promised == {(one, watch) for one in LANGUAGES for watch in watches}


def test_a_good_part_must_stay_silent() -> None:
    silent = [sample for sample in load_samples() if not sample.fires]
    assert len(silent) >= len(load_samples()) // 3


def test_a_watched_road_comes_among_the_first_three() -> None:
    assert any("khanasser-road" in sample.fires for sample in load_samples()[:3])


def test_the_watches_are_of_every_kind() -> None:
    kinds = {
        type(condition).__name__ for watch in load_watches() for condition in (*watch.any, *watch.all, *watch.none)
    }
    assert kinds == {"RouteCondition", "TownCondition", "ActorCondition", "AreaCondition", "PhraseCondition"}
    assert 5 <= len(load_watches()) <= 7


def test_both_bodies_or_none_is_refused() -> None:
    with pytest.raises(ValueError, match="either text or html"):
        Sample(id="a", feed="b", minutes=1, fires=(), title="t", text="x", html="<p>x</p>")
    with pytest.raises(ValueError, match="either text or html"):
        Sample(id="a", feed="b", minutes=1, fires=(), title="t")


def test_endless_articles_never_repeat_and_speak_every_language() -> None:
    made = list(islice(endless(seed=3), 600))
    assert len({sample.id for sample in made}) == 600
    assert len({" ".join((sample.title, sample.text)) for sample in made}) == 600
    language = {source.id: source.language for source in load_sources()}
    assert Counter(language[sample.feed] for sample in made) == dict.fromkeys(LANGUAGES, 200)
    assert not any("{" in sample.title + sample.text for sample in made)
    assert min(len(sample.plain.split()) for sample in made) >= 30


def test_endless_articles_are_the_same_for_the_same_seed() -> None:
    assert list(islice(endless(seed=5), 40)) == list(islice(endless(seed=5), 40))
    assert list(islice(endless(seed=5), 40)) != list(islice(endless(seed=6), 40))


def test_templates_name_known_slots_and_feeds_of_their_language() -> None:
    feeds = {language: {s.id for s in load_sources() if s.language == language} for language in LANGUAGES}
    for language, templates in read_yaml("templates.yaml").items():
        assert set(templates["feeds"]) == feeds[language]
        for line in (*templates["titles"], *templates["openings"], *templates["sentences"]):
            slots = {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}
            assert slots <= {"place", "subject", "number", "hour", "count"}, line

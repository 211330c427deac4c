"""One event in several languages, and a new event in the same town: few pairs lost, none swallowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path

import pytest
from builders import an_article
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agents.alert.event import Features, decode_features, encode_features, features_of, other_facts, same_event
from agents.alert.numbers import days_in, numbers_in
from agents.enrich.enricher import Enricher

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
Told = tuple[Features, float]


@pytest.fixture(scope="module", params=["events.yaml", "events_blind.yaml"])
def events(enricher: Enricher, request: pytest.FixtureRequest) -> list[tuple[list[Told], list[Told]]]:
    """For each event its tellings, and what was told of the same town a day later; features and hours."""

    def read(given_: list[dict[str, str]], hours: float) -> list[Told]:
        articles = [
            an_article(one["text"][:30], title="", text=one["text"], language=one["language"]) for one in given_
        ]
        return [(features_of(enriched), hours + 3 * at) for at, enriched in enumerate(enricher.enrich(articles))]

    content = YAML(typ="safe", pure=True).load((GOLDEN / request.param).read_text(encoding="utf-8"))
    return [(read(one["tellings"], 0), read(one["after"], 24)) for one in content["events"]]


def joined(one: Told, other: Told) -> bool:
    return same_event(one[0], other[0], timedelta(hours=one[1] - other[1])) > 0


def test_precision_and_recall_of_events(events: list[tuple[list[Told], list[Told]]]) -> None:
    pairs = [pair for tellings, _ in events for pair in combinations(tellings, 2)]
    next_day = [pair for tellings, after in events for pair in product(tellings, after)]
    elsewhere = [
        pair for one, other in combinations(events, 2) for pair in product([*one[0], *one[1]], [*other[0], *other[1]])
    ]
    assert len(pairs) >= 18
    assert len(next_day) >= 30
    assert len(elsewhere) >= 500
    found = [pair for pair in pairs if joined(*pair)]
    false = [pair for pair in [*next_day, *elsewhere] if joined(*pair)]
    print(f"pairs {len(found)}/{len(pairs)}; false {len(false)}/{len(next_day)} + {len(elsewhere)}")
    for pair in pairs:
        if pair not in found:
            print("missed", *pair, sep="\n  ")
    assert false == []
    assert len(found) >= 0.9 * len(pairs)


def test_too_far_apart_too_short_or_another_day(events: list[tuple[list[Told], list[Told]]]) -> None:
    one, other = next((a[0], b[0]) for a, b in combinations(events[0][0], 2) if joined(a, b))
    assert same_event(one, other, timedelta(hours=37)) == 0
    assert same_event(replace(one, words=24), other, timedelta(0)) == 0
    assert same_event(replace(one, days=(5,)), other, timedelta(0)) == 0
    assert same_event(replace(one, numbers=("6", "8")), other, timedelta(0)) == 0


def test_numbers_are_alike_in_figures_and_words_of_every_language() -> None:
    assert numbers_in("twenty-five died, 1,200 fled in 2026") == ("25", "1200")
    assert numbers_in("vingt-cinq morts, 1 200 déplacés, soixante-dix-huit blessés") == ("25", "78", "1200")
    assert numbers_in("خمسة وعشرون قتيلا و١٢ جريحا وثلاثة عشر مفقودا") == ("12", "13", "25")
    assert numbers_in("dix-huit ouvriers, dix jours") == ("10", "18")
    assert numbers_in("quatre-vingt-dix, 4.5") == ("4.5", "90")
    assert numbers_in("one man") == ()


def test_days_are_alike_in_every_language() -> None:
    assert days_in("On Monday") == days_in("lundi soir") == days_in("يوم الاثنين") == (0,)


_FEATURES = st.builds(
    Features,
    st.integers(0, 60),
    st.sampled_from(["fr", "en"]),
    st.lists(st.sampled_from(["geonames:1", "geonames:2", "place:x"]), unique=True).map(tuple),
    st.lists(st.sampled_from(["actor:a", "region:r"]), unique=True).map(tuple),
    st.lists(st.sampled_from(["2", "5", "14", "4.5"]), unique=True).map(tuple),
    st.lists(st.integers(0, 6), unique=True, max_size=2).map(tuple),
)


@given(_FEATURES, _FEATURES, st.timedeltas(timedelta(hours=-50), timedelta(hours=50)))
def test_features_are_kept_whole_and_judged_alike_from_both_sides(
    one: Features, other: Features, apart: timedelta
) -> None:
    assert decode_features(encode_features(one)) == one
    assert same_event(one, other, apart) == same_event(other, one, -apart)
    assert other_facts(one, other) == other_facts(other, one)
    assert not other_facts(one, one)
    assert decode_features("").words == 0


@given(st.text(max_size=300))
def test_any_text_has_numbers(text: str) -> None:
    assert all(float(number) > 0 or number.startswith("0") for number in numbers_in(text))

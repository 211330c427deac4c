"""Confidence is the chance to be right: measured on the golden articles, monotone, and with a reason for each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from builders import NOON, a_mention, an_article

from agents.enrich.calibrated import calibrated, sort_of
from agents.enrich.confidence import LEAST, MOST, RISING, Standing, chance, place_odds, span_odds
from agents.enrich.enricher import Enricher
from agents.enrich.learnt import chances, place_signs
from agents.enrich.span import Span
from agents.names.entity import Entity
from agents.names.knowledge import NamesKnowledge
from streams.records import EnrichedArticle, Mention

sys.path.insert(0, str(Path(__file__).parents[2] / "golden"))
from marked import Place, golden_articles, is_right

Read = Callable[..., EnrichedArticle]
ENOUGH = 300
SURE, RIGHT, COVERED = 0.7, 0.93, 0.85
TOWN = Entity("geonames:1", "place", "Anyford", lat=40.0, lon=-90.0, country="US", admin1="US.IL", feature="town",
              population=9_000, source="geonames")  # fmt: skip


@pytest.fixture(scope="module")
def judged(enricher: Enricher, knowledge: NamesKnowledge) -> list[tuple[Mention, bool]]:
    """Every mention in the golden articles, and whether it is right; what may be found or not is left out."""
    articles = list(golden_articles())
    read = enricher.enrich([
        an_article(a.id, title=a.title, text=a.text, language=a.language, published=NOON, outlet="") for a in articles
    ])  # fmt: skip
    found = []
    for article, enriched in zip(articles, read, strict=True):
        gold = {(g.field, g.start, g.end, g.kind): g for g in article.gold}
        for mention in enriched.mentions:
            wanted = gold.get((mention.field, mention.start, mention.end, mention.kind))
            if wanted is not None and wanted.optional:
                continue
            where = {}
            for waypoint in mention.waypoints:
                entity = knowledge.entity(waypoint)
                if entity is not None:
                    where[waypoint] = Place(entity.country, entity.lat, entity.lon)
            found.append((mention, wanted is not None and is_right(wanted, mention, where)))
    return found


@pytest.mark.parametrize("kind", ["place", "actor", "route", "any"])
def test_sure_mentions_are_right_and_most_are_sure(judged: list[tuple[Mention, bool]], kind: str) -> None:
    of_kind = [(mention, right) for mention, right in judged if kind in ("any", mention.kind)]
    if kind in ("place", "any"):
        assert len(of_kind) >= ENOUGH
    sure = [(mention, right) for mention, right in of_kind if mention.confidence >= SURE]
    wrong = [(mention.surface, mention.entity, mention.confidence) for mention, right in sure if not right]
    assert len(wrong) <= (1 - RIGHT) * len(sure), wrong
    unsure = [(m.surface, m.kind, m.confidence, m.reason) for m, _ in of_kind if m.confidence < SURE]
    assert len(sure) >= COVERED * len(of_kind), unsure


def test_no_band_of_confidence_promises_too_much(judged: list[tuple[Mention, bool]]) -> None:
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        band = [(mention, right) for mention, right in judged if low <= mention.confidence < low + 0.2]
        if len(band) >= 20:
            said = sum(mention.confidence for mention, _ in band) / len(band)
            assert sum(right for _, right in band) / len(band) >= said - 0.1, (low, len(band))


def test_wrong_mentions_are_less_sure_than_right_ones(judged: list[tuple[Mention, bool]]) -> None:
    right = [mention.confidence for mention, good in judged if good]
    wrong = [mention.confidence for mention, good in judged if not good]
    assert not wrong or sum(wrong) / len(wrong) < sum(right) / len(right)


def test_every_mention_says_why_in_a_few_words(judged: list[tuple[Mention, bool]]) -> None:
    for mention, _ in judged:
        assert mention.reason
        assert len(mention.reason) <= 140, mention.reason
        assert LEAST <= mention.confidence <= 1.0


def test_no_sign_that_speaks_for_a_mention_counts_against_it() -> None:
    signs = place_signs()
    assert all(getattr(signs, name) >= 0 for name in RISING)
    assert signs.pack > 0 > signs.nowhere
    assert signs.alone < 0


def test_it_never_falls_as_the_lead_grows() -> None:
    signs = place_signs()
    leads = [-1.0, 0.0, 0.5, 1.9, 2.0, 2.1, 4.0, 6.0, 50.0]
    odds = [place_odds(TOWN, True, Standing(lead), signs) for lead in leads]
    assert odds == sorted(odds)
    assert odds[0] < odds[-2] == odds[-1]


def test_it_never_falls_as_the_evidence_of_the_span_grows() -> None:
    signs = place_signs()
    span = Span(8, 15, "Anyford", "Anyford", "place", (), 0.0, "known name")
    odds = [span_odds("Fire in Anyford.", replace(span, strength=step / 20), signs) for step in range(21)]
    assert odds == sorted(odds)
    assert odds[0] < odds[-1]


def test_a_place_in_its_own_region_is_surer_and_one_far_from_all_others_less() -> None:
    signs = place_signs()
    plain, within = Standing(3.0), Standing(3.0, within=True)
    alone = Standing(3.0, alone=True)
    neighbour = Standing(3.0, named=True, company=1.0, neighbour=True)
    odds = [place_odds(TOWN, True, standing, signs) for standing in (alone, plain, within)]
    assert odds == sorted(odds)
    assert place_odds(TOWN, True, neighbour, signs) > odds[1] > odds[0]
    assert place_odds(replace(TOWN, lat=None, lon=None), False, plain, signs) < odds[1]


@pytest.mark.parametrize(("odds", "expected"), [(-50.0, LEAST), (0.0, 0.5), (50.0, MOST)])
def test_a_chance_is_never_quite_nothing_or_certain(odds: float, expected: float) -> None:
    assert chance(odds) == expected


def test_a_name_of_many_places_is_less_sure_than_one_that_is_placed(read: Read) -> None:
    bare = read("A fire burned in Springfield overnight.").mentions[0]
    placed = read("A fire burned in Springfield, Illinois, overnight.").mentions[0]
    assert bare.confidence < placed.confidence
    assert "places of this name" in bare.reason
    assert placed.reason.endswith("stands before Illinois")


def test_what_no_place_is_known_by_says_so(read: Read) -> None:
    found = [m for m in read("Shells fell near Lake Quorrabin on Monday.").mentions if m.kind == "place"]
    assert [(m.entity, m.lat) for m in found] == [(None, None)]
    assert found[0].reason.endswith("no known place of this name")
    assert found[0].confidence < SURE


def test_a_road_is_no_surer_than_the_least_sure_of_its_places() -> None:
    text = "The road from Aleppo to Khanasser was cut."
    ids = ("place:aleppo", "place:khanasser")
    places = [a_mention("Aleppo", text, confidence=0.97), a_mention("Khanasser", text, confidence=0.4)]
    road = replace(
        a_mention("road from Aleppo to Khanasser", text, kind="route", waypoints=ids, confidence=0.9),
        reason="places joined by words for a road",
    )
    found = calibrated([*places, road], {}, {"places joined by words for a road": 0.99})
    assert found[:2] == places
    assert found[2].confidence == 0.4
    assert calibrated([places[0], road], {}, {"places joined by words for a road": 0.95})[1].confidence == 0.95


def test_an_actor_is_as_sure_as_its_sort_is_right_and_an_unscored_sort_stays() -> None:
    text = "The Syrian army advanced."
    known = a_mention("Syrian army", text, kind="actor", reason="known to pack syria", confidence=0.5)
    other = a_mention("Syrian army", text, kind="actor", reason="guessed; nobody knows", confidence=0.5)
    assert sort_of(known) == "known"
    assert [m.confidence for m in calibrated([known, other], {"known": 0.9}, {})] == [0.9, 0.5]


def test_the_shipped_weights_are_whole() -> None:
    assert len(astuple(place_signs())) > 10
    assert chances("actor")["known"] > SURE
    assert all(0 < rate < 1 for kind in ("actor", "route") for rate in chances(kind).values())

"""What a backtest comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import NOON
from small_world import compiled, read

from agents.match.backtest import backtest
from agents.match.summary import Alias, Summary
from streams.records import EnrichedArticle

WATCHES = compiled(
    {"id": "army", "any": [{"actor": "Syrian Army"}, {"town": "Rastan"}]}, {"id": "quiet", "any": [{"town": "Labasa"}]}
)


def an_article(text: str, name: str, days: float) -> EnrichedArticle:
    enriched = read(text, name=name)
    return replace(enriched, article=replace(enriched.article, first_seen=NOON + timedelta(days=days)))


def test_hits_a_day_and_the_noisiest_alias() -> None:
    texts = ["Rastan.", "Rastan again.", "al-Rastan.", "Syrian Army in Rastan.", "Syrian Army.", "Rastan.", "Nothing."]
    articles = [an_article(text, f"n{number}", number / 2) for number, text in enumerate(texts)]
    summary = Summary()
    for one in backtest(articles, WATCHES):
        summary.add(one.enriched, one.hit, one.alert)
    army = summary.of("army", NOON, NOON + timedelta(days=4))
    assert (army.hits, army.alerts, army.hits_a_day) == (6, 5, 1.5)
    assert army.days == {"2026-03-01": 1, "2026-03-02": 2, "2026-03-03": 2, "2026-03-04": 1}
    assert army.noisiest == Alias("rastan", 4, 3)
    quiet = summary.of("quiet", NOON, NOON + timedelta(days=4))
    assert (quiet.hits, quiet.noisiest, quiet.days) == (0, None, {})


def test_less_than_a_day_counts_as_one() -> None:
    summary = Summary()
    for one in backtest([an_article("Rastan.", "a", 0)], WATCHES):
        summary.add(one.enriched, one.hit, one.alert)
    assert summary.of("army", NOON, NOON).hits_a_day == 1

"""The matcher against brute force: hits, reasons and evidence, packed and after changes."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import WORLD, compiled
from watch_oracle import Expected, a_watch, an_enriched, expected

from agents.match.backtest import backtest
from agents.match.compile import CompiledWatches, WatchResolver
from agents.match.explain import explain
from agents.match.live import LiveWatches
from agents.match.matcher import match
from agents.match.resolved import ResolvedWatch
from agents.match.watch import Watch
from streams.records import EnrichedArticle, Hit

pytestmark = pytest.mark.slow

RANDOM = st.randoms(use_true_random=False)
Written = dict[str, Any]
quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def told(hit: Hit) -> Expected:
    spans = tuple((one.start, one.end) for one in hit.evidence)
    return hit.watch, hit.clause, hit.reason, hit.kinds, spans


def check(enriched: EnrichedArticle, made: CompiledWatches, watches: list[Written]) -> int:
    """Compare all hits of an article; how many there were."""
    wanted = [hit for watch in watches if (hit := expected(watch, enriched))]
    assert [told(hit) for hit in match(enriched, made)] == wanted, enriched.article.text
    return len(wanted)


@quick
@given(RANDOM, st.integers(1, 8), st.integers(1, 4))
def test_hits_and_reasons_equal_brute_force(chance: Random, watches: int, articles: int) -> None:
    named = [a_watch(chance, f"w{number}") for number in range(watches)]
    made = compiled(*named)
    enriched = [an_enriched(chance, f"a{number}") for number in range(articles)]
    for one in enriched:
        check(one, made, named)
        by_watch = {hit.watch: hit for hit in match(one, made)}
        for watch in named:
            said = explain(one, made, watch["id"])
            assert said.fires == (watch["id"] in by_watch)
            assert said.clause
            assert said.reason.endswith(".")
            if said.fires:
                hit = by_watch[watch["id"]]
                assert (said.reason, said.clause, said.evidence) == (hit.reason, hit.clause, hit.evidence)
                assert said.evidence
            for piece in said.evidence:
                assert one.article.text[piece.start : piece.end] == piece.surface
        assert [hit for watch in named for hit in match(one, compiled(watch))] == list(by_watch.values())
    replayed = [one.hit for one in backtest(enriched, made)]
    assert replayed == [hit for one in enriched for hit in match(one, made)]


def compare_many(count: int) -> int:
    chance = Random(count)
    watches = [a_watch(chance, f"w{number}") for number in range(count)]
    made = compiled(*watches)
    return sum(check(an_enriched(chance, f"a{number}"), made, watches) for number in range(count))


def test_two_hundred_watches_on_two_hundred_articles() -> None:
    assert compare_many(200) > 200


def test_a_thousand_watches_on_a_thousand_articles() -> None:
    assert compare_many(1000) > 10_000


@quick
@given(RANDOM, st.integers(1, 6), st.integers(1, 12))
def test_live_watches_equal_watches_made_afresh(chance: Random, first: int, steps: int) -> None:
    inside = {f"w{number}": a_watch(chance, f"w{number}") for number in range(first)}
    live = LiveWatches(
        [Watch.model_validate(one) for one in inside.values()], WORLD, merge_at=chance.choice([2, 5, 99])
    )
    before = live.matcher
    at_first = list(inside.values())
    for _ in range(steps):
        removed = chance.sample(sorted(inside), min(len(inside), chance.choice([0, 0, 1, 2])))
        names = [f"w{chance.randrange(first + 6)}" for _ in range(chance.choice([0, 1, 1, 3]))]
        changed = [a_watch(chance, name) for name in dict.fromkeys(names)]
        for one in removed:
            del inside[one]
        inside.update((one["id"], one) for one in changed)
        problems = live.apply([as_given(chance, one) for one in changed], removed)
        assert not [problem for problem in problems if problem.level == "error"]
        if chance.random() < 0.3:
            live.wait()
        one = an_enriched(chance, "a")
        check(one, live.matcher, list(inside.values()))
        assert match(one, live.matcher) == match(one, compiled(*inside.values()))
        check(one, before, at_first)  # who took a matcher keeps it as it was
    live.close()
    assert [watch.id for watch in live.matcher] == list(inside)
    assert len(live.matcher) == len(inside)
    for name in [*inside, "w-unknown"]:
        found = live.matcher.get(name)
        assert (found and found.id) == (name if name in inside else None)


def as_given(chance: Random, written: Written) -> Watch | ResolvedWatch:
    """A watch as a person wrote it, or as an archive kept it."""
    watch = Watch.model_validate(written)
    if chance.random() < 0.5:
        return watch
    resolved = WatchResolver(WORLD).resolve(watch)
    assert resolved is not None
    return ResolvedWatch.from_json(resolved.to_json())

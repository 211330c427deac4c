"""The match step: microseconds an article at 1,000 and 100,000 watches, beside the time it takes to enrich one.

Half of the watches are on single places, three in ten ask for two things at once (a fifth of these for a phrase) and
two in ten are corridors. The watches of the small set are part of the large one; the rest of the large one lies where
the articles do not, so that hits hardly change and only the number of watches is measured.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "parts"))

from corpus import corpus

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.match.compile import CompiledWatches, compile_watches
from agents.match.matcher import match
from agents.match.watch import Watch
from agents.names.entity import Entity
from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings
from streams.records import EnrichedArticle

ARTICLES = 300
ROUNDS = 5
SMALL, LARGE = 1_000, 100_000
NEAR = (31.0, 34.0, 38.0, 43.0)
"""South, west, north, east of what the articles are about."""
ACTORS = ("Daech", "Hezbollah", "Syrian Arab Army")
WORDS = ("convoy", "bridge", "grain", "hospital", "water", "bakery", "school", "fuel", "wheat", "clinic")


def main() -> None:
    """Measure and print."""
    settings = Settings()
    knowledge = load_knowledge((), settings.cache_dir())
    enricher = Enricher(knowledge, Recogniser(dict(settings.enrich.models)))
    articles = corpus(ARTICLES)
    enricher.enrich(articles[:32])
    began = time.perf_counter()
    enriched = [one for start in range(0, ARTICLES, 32) for one in enricher.enrich(articles[start : start + 32])]
    enriching = (time.perf_counter() - began) / ARTICLES * 1e6

    def places(south: float, west: float, north: float, east: float) -> list[Entity]:
        found = knowledge.places_in_box(south, west, north, east)
        return [place for place in found if place.lat is not None and place.feature in {"village", "town"}]

    near, far = places(*NEAR), places(-35.0, -75.0, 5.0, -35.0)
    watches = make_watches(near, SMALL, "near") + make_watches(far, LARGE - SMALL, "far")
    print(f"enriching                     {enriching:9.1f} us an article")
    times: list[float] = []
    for count in (SMALL, LARGE):
        began = time.perf_counter()
        compiled, problems = compile_watches(watches[:count], knowledge)
        compiling = time.perf_counter() - began
        assert not [problem for problem in problems if problem.level == "error"], problems[:3]
        took, hits = measure(enriched, compiled)
        times.append(took)
        share = 100 * took / enriching
        print(
            f"matching {count:>9,} watches    {took:9.1f} us an article   {share:5.2f}% of enriching   "
            f"{hits / ARTICLES:5.1f} hits an article   (compiled in {compiling:.1f} s)"
        )
    print(f"ratio of {LARGE:,} to {SMALL:,} watches   {times[1] / times[0]:.2f}")


def make_watches(places: Sequence[Entity], count: int, name: str) -> list[Watch]:
    """So many watches on these places; by their ids, so that resolving names is not what is measured."""
    chance = random.Random(7)
    made = []
    for number in range(count):
        place = chance.choice(places)
        kind = number % 10
        condition: dict[str, Any] = {"town": place.id}
        if kind < 5:
            group = {"any": [condition]}
        elif kind < 8:
            word: dict[str, Any] = {"phrase": f"{chance.choice(WORDS)} {chance.choice(WORDS)}"}
            group = {"all": [condition, word if number % 50 in {5, 6, 7} else {"actor": chance.choice(ACTORS)}]}
        else:
            beside = sorted(chance.sample(places, 40), key=lambda other: apart(place, other))
            group = {"any": [{"route": [place.id, *(other.id for other in beside if other.id != place.id)][:3]}]}
        made.append(Watch.model_validate({"id": f"{name}-{number}", **group}))
    return made


def apart(one: Entity, other: Entity) -> float:
    """Degrees, near enough to choose a road's next place by."""
    return abs((one.lat or 0) - (other.lat or 0)) + abs((one.lon or 0) - (other.lon or 0))


def measure(enriched: Sequence[EnrichedArticle], watches: CompiledWatches) -> tuple[float, int]:
    """Microseconds an article (median of rounds), and all hits of a round."""
    rounds = []
    hits = 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        hits = sum(len(match(one, watches)) for one in enriched)
        rounds.append((time.perf_counter() - began) / len(enriched) * 1e6)
    return statistics.median(rounds), hits


if __name__ == "__main__":
    main()

"""Backtest over the archive: seconds a watch with candidates from postings, beside reading every article.

Articles are generated and laid into a fresh SQLite archive. One in ten is about the region of the watches, the others
about other parts of the world; names follow Zipf's law, so that a few stand in many articles: the big city in about
one of eighty. Both ways must give the same hits. What a million articles take is told from a run over fewer, since both
what is looked up and what is read grow with them; it is to be less than `BOUND` seconds. Seconds are of the processor.

Arguments: how many articles, and a file in which the archive is kept for another run.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from agents.alert.telling import noted
from agents.enrich.sketch import fingerprint_and_sketch
from agents.match.backtest import backtest
from agents.match.compile import CompiledWatches, compile_watches
from agents.match.watch import Watch
from agents.names.entity import Entity
from agents.names.knowledge import load_knowledge
from newswatch.archive_input import archived
from newswatch.settings import Settings
from streams.archive.articles import KEPT
from streams.archive.engine import Archive, open_archive
from streams.archive.replay import replay
from streams.archive.schema import articles, mentions
from streams.ids import article_id
from streams.memory import loading
from streams.records import Article, EnrichedArticle, Mention, encode_article

ARTICLES = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
KEPT_IN = Path(sys.argv[2]) if len(sys.argv) > 2 else None
BOUND = 10.0
"""Seconds for a million articles, for each watch."""
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 2_000
MILLION = 1_000_000
REGION = 0.1
"""Share of the articles that are about the region of the watches."""
WORDS = ["convoy", "bridge", "grain", "hospital", "water", "bakery", "fuel", "clinic", "market", "river", "the", "near"]
WATCHES: dict[str, dict[str, Any]] = {
    "village": {"any": [{"town": "Khanasser"}]},
    "road": {"any": [{"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10}]},
    "actor and country": {"all": [{"actor": "Hezbollah"}, {"area": {"country": "SY"}}]},
    "near a city": {"any": [{"town": "Homs", "country": "SY", "within_km": 20}]},
    "box": {"any": [{"area": {"bbox": [36.0, 35.0, 37.0, 36.0]}}]},
    "big city": {"any": [{"town": "Damas", "country": "SY"}]},
}


def main() -> None:
    """Lay the archive, measure each watch both ways, and print."""
    settings = Settings()
    with loading():  # as the command does
        knowledge = load_knowledge((), settings.cache_dir())
    places = [place for place in knowledge.places_in_box(33.0, 35.0, 37.5, 42.5) if place.lat is not None]
    places.sort(key=lambda place: -place.population)
    elsewhere = [place for place in knowledge.places_in_box(-35.0, -80.0, 30.0, -35.0) if place.lat is not None]
    elsewhere.sort(key=lambda place: -place.population)
    actors = [
        found for name in ("Hezbollah", "Daech", "Syrian Arab Army") for found in knowledge.find(name, "actor")[:1]
    ]
    with tempfile.TemporaryDirectory() as folder:
        archive = open_archive(f"sqlite:///{KEPT_IN or f'{folder}/archive.sqlite'}")
        laid = held(archive)
        if not laid:
            began = time.process_time()
            lay(archive, places, elsewhere, actors)
            laid = held(archive)
            print(f"{laid:,} articles laid in {time.process_time() - began:.0f} s")
        watches = [Watch.model_validate({"id": name.replace(" ", "-"), **groups}) for name, groups in WATCHES.items()]
        compiled, problems = compile_watches(watches, knowledge)
        assert not [problem for problem in problems if problem.level == "error"], problems
        everything, expected = measure_everything(archive, compiled)
        for watch in watches:
            alone, _ = compile_watches([watch], knowledge)
            took, hits = measure(archive, alone)
            assert hits == {one for one in expected if one[0] == watch.id}, f"{watch.id}: not what reading all gives"
            million = MILLION / laid * took
            print(
                f"{watch.id:<18} {took:7.2f} s   {len(hits):>7,} hits   a million articles in {million:5.1f} s "
                f"({'within' if million <= BOUND else 'OVER'} {BOUND:.0f})   "
                f"{everything / took:6.1f} times as fast as reading all for all {len(watches)}"
            )
        print(f"reading all        {everything:7.2f} s")
        archive.close()


def held(archive: Archive) -> int:
    """How many articles the archive has."""
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(articles)).scalar_one()


def lay(archive: Archive, places: list[Entity], elsewhere: list[Entity], actors: list[Entity]) -> None:
    """Write the articles as the alert step leaves them."""
    chance = random.Random(3)
    regions = [
        (named, list(accumulate(1 / rank for rank in range(1, len(named) + 1)))) for named in (places, elsewhere)
    ]
    indexes = sorted(mentions.indexes, key=lambda index: str(index.name))
    with archive.begin() as connection:
        for index in indexes:
            index.drop(connection)  # laid once at the end, in a tenth of the time
    names = [name for name in Mention.__slots__ if name != "waypoints"]
    for start in range(0, ARTICLES, PAGE):
        rows: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        for number in range(start, min(start + PAGE, ARTICLES)):
            at = SINCE + timedelta(seconds=number)
            known, weights = regions[chance.random() >= REGION]
            named = chance.choices(known, cum_weights=weights, k=chance.randint(2, 12))
            if known is places and chance.random() < 0.1:
                named.append(chance.choice(actors))
            article, spans = write(number, named, chance, at)
            rows.append(row(article, spans, at))
            for position, mention in enumerate(spans):
                kept = {name: getattr(mention, name) for name in names}
                found.append({"article": article.id, "position": position, "waypoints": "[]", **kept})
        with archive.begin() as connection:
            connection.execute(insert(articles), rows)
            connection.execute(insert(mentions), found)
    with archive.begin() as connection:
        for index in indexes:
            index.create(connection)


def write(number: int, named: list[Entity], chance: random.Random, at: datetime) -> tuple[Article, list[Mention]]:
    """An article that names the entities among words, and its mentions."""
    text = ""
    spans = []
    for one in named:
        text += " ".join(chance.choices(WORDS, k=12)) + " "
        start = len(text)
        text += f"{one.name}. "
        spans.append(
            Mention("text", start, start + len(one.name), one.name, one.kind, one.id, one.name, one.lat, one.lon,
                    one.country, 0.9)
        )  # fmt: skip
    name = article_id("feed", str(number))
    article = Article(name, 1, "feed", "outlet.example", None, f"Report {number}", text, "en", at, at)
    return article, spans


def row(article: Article, spans: list[Mention], at: datetime) -> dict[str, Any]:
    """The article's row, done, with what is kept of its words."""
    words = fingerprint_and_sketch(article.title, article.text)
    read = noted(EnrichedArticle(article, "en", tuple(spans), *words))
    return {
        "id": article.id, "feed": article.feed, "revision": 1, "outlet": article.outlet, "title": article.title,
        "language": "en", "published": at, "first_seen": at, "content_hash": "", "sends": 1, "done_revision": 1,
        "record": encode_article(article).decode(), "done_at": at, "waiting": False,
        **{name: getattr(read, name) for name in KEPT},
    }  # fmt: skip


def measure(archive: Archive, watches: CompiledWatches) -> tuple[float, set[tuple[str, str, str]]]:
    """Seconds of the processor, and (watch, article, alert) of each hit, with candidates from postings."""
    began = time.process_time()
    found = {
        (one.hit.watch, one.hit.article, one.alert) for one in backtest(archived(archive, SINCE, watches), watches)
    }
    return time.process_time() - began, found


def measure_everything(archive: Archive, watches: CompiledWatches) -> tuple[float, set[tuple[str, str, str]]]:
    """The same by reading every article."""
    began = time.process_time()
    with archive.read() as connection:
        found = {(one.hit.watch, one.hit.article, one.alert) for one in backtest(replay(connection, SINCE), watches)}
    return time.process_time() - began, found


if __name__ == "__main__":
    main()

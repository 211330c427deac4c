"""Postings leave nothing out: a backtest over the archive gives the ids of hits and alerts that the live path gave."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from builders import NOON
from small_world import ENTITIES, WORLD, SmallWorld, compiled, read
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.alert.watched import Watched
from agents.enrich.sketch import fingerprint
from agents.match.backtest import backtest
from agents.match.candidates import candidates, wanted
from agents.match.live import LiveWatches
from agents.match.watch import Watch
from newswatch.archive_input import archived
from streams.archive.engine import Archive, open_archive
from streams.archive.replay import replay
from streams.archive.schema import alerts
from streams.records import EnrichedArticle, Mention

WATCHES: tuple[dict[str, Any], ...] = (
    {"id": "road", "any": [{"route": ["Aleppo", "place:khanasser", "Athriya"], "corridor_km": 10}]},
    {"id": "cities", "any": [{"route": ["Aleppo", "Hama"], "corridor_km": 3}]},
    {"id": "m5", "any": [{"route": "M5", "corridor_km": 6}]},
    {"id": "near", "any": [{"town": "place:homs", "within_km": 30}]},
    {"id": "both", "all": [{"actor": "Daesh"}, {"area": {"country": "SY"}}], "none": [{"town": "place:hama"}]},
    {"id": "box", "any": [{"area": {"bbox": [35.0, 33.0, 36.0, 35.0]}}]},
    {"id": "lebanon", "any": [{"area": {"country": "LB"}}], "languages": ["fr"]},
    {"id": "words", "all": [{"phrase": "grain silo"}, {"actor": "Hezbollah"}]},
    {"id": "town", "any": [{"town": "Rastan"}]},
)
WORDS = ["convoy", "grain silo", "market", "on the road", "harvest", "shelling"]
UNKNOWN = SmallWorld(
    [*ENTITIES, replace(WORLD.entities["place:homs"], id="place:new-homs", name="Newtown", names=("Newtown",))]
)


def texts(count: int) -> Iterable[EnrichedArticle]:
    """Articles of names and words by chance, some told twice, some that place what no watch knows of."""
    chance = random.Random(11)
    names = [name for entity in ENTITIES for name in entity.names if name.isascii()] + ["Newtown"]
    told: list[str] = []
    for number in range(count):
        if told and chance.random() < 0.15:
            text = chance.choice(told)
        else:
            parts = [chance.choice([*names, *WORDS, *WORDS, *WORDS]) for _ in range(chance.randint(1, 6))]
            text = " and ".join(parts) + f". Report {number // 3}."
        told.append(text)
        roads: list[tuple[str, list[str]]] = []
        if " and " in text and chance.random() < 0.2:
            roads.append((text.split(".")[0][:10], ["place:aleppo", "place:hama"]))
        language = chance.choice(["en", "fr"])
        enriched = read(text, name=f"n{number}", roads=roads, language=language, world=UNKNOWN)
        words = fingerprint(enriched.article.title, enriched.article.text)
        if chance.random() < 0.1:
            enriched = replace(enriched, mentions=(*enriched.mentions, _nowhere(text)))
        mentions = tuple(
            replace(one, modality="planned") if chance.random() < 0.2 else one for one in enriched.mentions
        )
        yield replace(enriched, fingerprint=words, mentions=mentions)


def _nowhere(text: str) -> Mention:
    """A place with coordinates and no entity."""
    return Mention("text", 0, 3, text[:3], "place", None, text[:3], 34.5, 36.7, "SY", 0.9)


@dataclass(frozen=True)
class Lived:
    """What the live path made of the articles: (watch, article) of every hit, ids of every alert."""

    archive: Archive
    hits: set[tuple[str, str]]
    alerts: set[str]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Articles that went the live way, one at a time."""
    archive = open_archive(f"sqlite:///{tmp_path_factory.mktemp('lived') / 'archive.sqlite'}")
    watched = Watched(LiveWatches([Watch.model_validate(watch) for watch in WATCHES], WORLD))
    hits = set()
    for number, enriched in enumerate(texts(600)):
        matched = watched.match(enriched)
        hits.update((hit.watch, hit.article) for hit, _ in matched)
        watches = {watch.id: watch for _, watch in matched}
        now = NOON + timedelta(seconds=number)
        record_article(archive, enriched, [hit for hit, _ in matched], watches, ["console"], now)
    with archive.read() as connection:
        opened = {one for (one,) in connection.execute(select(alerts.c.id))}
    yield Lived(archive, hits, opened)
    archive.close()


def test_a_backtest_over_the_archive_gives_what_the_live_path_gave(lived: Lived) -> None:
    watches = compiled(*WATCHES)
    for asked in (WATCHES, *((watch,) for watch in WATCHES)):
        ids = [watch["id"] for watch in asked]
        found = list(backtest(archived(lived.archive, NOON, compiled(*asked), ids), compiled(*asked)))
        assert {(one.hit.watch, one.hit.article) for one in found} == {hit for hit in lived.hits if hit[0] in ids}
    everything = list(backtest(archived(lived.archive, NOON, watches), watches))
    assert {one.alert for one in everything} == lived.alerts
    assert {watch for watch, _ in lived.hits} == {watch["id"] for watch in WATCHES}
    assert len(lived.alerts) < len(lived.hits)


@pytest.mark.parametrize("watch", [watch for watch in WATCHES if watch["id"] != "both"], ids=lambda one: one["id"])
def test_postings_spare_most_articles(lived: Lived, watch: dict[str, Any]) -> None:
    watches = compiled(watch)
    with lived.archive.read() as connection:
        found = candidates(connection, wanted(watches), WORLD.unknown)
        assert found is not None
        assert {article for one, article in lived.hits if one == watch["id"]} <= found
        assert len(found) < 600
        replayed = list(replay(connection, NOON, found))
    assert {one.article.id for one in replayed} == found


def test_words_alone_need_every_article(archive: Archive) -> None:
    with archive.read() as connection:
        watches = compiled({"id": "a", "any": [{"phrase": "grain"}, {"town": "Rastan"}]})
        assert candidates(connection, wanted(watches), lambda _: []) is None


def test_the_archive_is_read_from_the_instant_asked_for(archive: Archive) -> None:
    watches = compiled({"id": "a", "any": [{"town": "Rastan"}]})
    watched = Watched(LiveWatches([Watch.model_validate({"id": "a", "any": [{"town": "Rastan"}]})], WORLD))
    for day in range(4):
        enriched = read("Rastan is quiet.", name=f"d{day}")
        seen = replace(enriched.article, first_seen=NOON + timedelta(days=day))
        matched = watched.match(replace(enriched, article=seen))
        record_article(
            archive, replace(enriched, article=seen), [hit for hit, _ in matched], {w.id: w for _, w in matched}, [],
            NOON + timedelta(days=day, seconds=1),
        )  # fmt: skip
    since = NOON + timedelta(days=2)
    assert len(list(backtest(archived(archive, since, watches), watches))) == 2

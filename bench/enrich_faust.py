"""Enrichment through Kafka and Faust, against bare `nlp.pipe` over the same batches in as many processes.

Prints articles a second of each and their ratio; both run in this run, one after the other, twice.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

PARTS = str(Path(__file__).resolve().parent / "parts")
sys.path.insert(0, PARTS)
os.environ["PYTHONPATH"] = PARTS  # warm processes import the peer by its name

import faust
from corpus import corpus

from agents.enrich.agent import EnrichAgent
from agents.enrich.chunks import even_chunks
from agents.pipeline import new_app
from agents.progress import Progress
from agents.setaside import SetAsideArticles
from newswatch.settings import Settings
from streams import topics
from streams.archive.engine import open_archive
from streams.broker import EmbeddedBroker, free_port
from streams.clock import utc_now
from streams.kafka import Kafka, Publisher, ensure_topics
from streams.processes import ProcessPool
from streams.records import Article, encode_article

ARTICLES = 1500
ROUNDS = 2


async def main() -> None:
    """Measure and print."""
    settings = Settings()
    models, size, batch = dict(settings.enrich.models), settings.enrich.processes, settings.enrich.batch
    articles = corpus(ARTICLES)
    bare_pool = ProcessPool("bare_pipe:make_bare_pipe", (models,), size=size)
    pool = ProcessPool("agents.enrich.enricher:make_enricher", (models, (), str(settings.cache_dir())), size=size)
    await asyncio.gather(bare_pool.start(), pool.start())
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(await bare_rate(bare_pool, articles, batch))
        ours.append(await faust_rate(pool, articles, batch))
    await bare_pool.stop()
    await pool.stop()
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"bare nlp.pipe, {size} processes   {statistics.median(bare):8.1f} articles/s")
    print(f"enrich through Faust          {statistics.median(ours):8.1f} articles/s   ratio {ratio:.2f}")


async def bare_rate(pool: ProcessPool, articles: list[Article], batch: int) -> float:
    """Articles a second of the models alone: every process takes the next sixteen as soon as it is free."""
    pairs = [(article.language or "fr", f"{article.title}\n{article.text}") for article in articles]
    batches = [
        [pairs[start + index] for index in chunk]
        for start in range(0, len(pairs), batch)
        for chunk in even_chunks([len(text) for _, text in pairs[start : start + batch]], max(pool.size, batch // 16))
    ]
    await asyncio.gather(*(pool.call(one, 60) for one in batches[: pool.size]))
    started = time.perf_counter()
    await asyncio.gather(*(pool.call(one, 300) for one in batches))
    return len(articles) / (time.perf_counter() - started)


async def faust_rate(pool: ProcessPool, articles: list[Article], batch: int) -> float:
    """Articles a second from the first batch a started worker takes to the last one's acknowledgement."""
    with tempfile.TemporaryDirectory() as directory:
        broker = EmbeddedBroker(free_port())
        await broker.start()
        kafka = Kafka(broker.address, 4, 1)
        await asyncio.to_thread(ensure_topics, kafka)
        publisher = Publisher(kafka)
        records = [(article.id, encode_article(article)) for article in articles]
        await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, records, 60)
        publisher.close()
        archive = open_archive(f"sqlite:///{directory}/archive.sqlite")
        app: faust.App = new_app(kafka, "bench", directory)
        source, sink, dead = (
            app.topic(topic.name, key_type=bytes, value_type=bytes)
            for topic in (topics.ARTICLES, topics.ENRICHED, topics.DEAD)
        )
        counted = _Counted(len(articles))
        EnrichAgent(source, sink, pool, SetAsideArticles(archive, dead, utc_now), counted, batch, 60.0).attach(app)
        await app.start()
        await counted.all_done.wait()
        await app.stop()
        await broker.stop()
        archive.close()
    return (counted.articles - counted.first) / (counted.last_at - counted.first_at)


class _Counted(Progress):
    """Counts what the step finished, from the end of its first batch on."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.all_done = asyncio.Event()
        self._expected = expected
        self.articles = self.first = 0
        self.first_at = self.last_at = 0.0

    def made(self, step: str, articles: int, seconds: float) -> None:
        super().made(step, articles, seconds)
        self.articles += articles
        self.last_at = time.perf_counter()
        if not self.first:
            self.first, self.first_at = articles, self.last_at
        if self.articles >= self._expected:
            self.all_done.set()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    asyncio.run(main())

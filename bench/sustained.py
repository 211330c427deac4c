"""From Kafka to the alert as fast as it goes, with Apache Kafka, PostgreSQL and every role on this machine.

Prints articles a second, their ratio to bare `nlp.pipe` on the same texts and cores in the same run, and the time from
publishing to the alert at a quarter, a half and three quarters of that rate.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE / "parts")]
sys.path += [str(HERE.parent / "tests" / room) for room in (".", "chaos", "postgres", "kafka")]

import os

os.environ["PYTHONPATH"] = str(HERE / "parts")  # warm processes import the peer by its name

from cluster import Cluster, started
from corpus import corpus
from enrich_faust import bare_rate
from sqlalchemy import insert, select

from newswatch.settings import Settings
from streams import topics
from streams.archive.articles import content_hash
from streams.archive.schema import alert_revisions
from streams.archive.schema import articles as table
from streams.clock import utc_now
from streams.ids import article_id
from streams.kafka import Kafka, Publisher
from streams.processes import ProcessPool
from streams.records import Article, decode_alert, encode_article

ARTICLES = 3_000
WARM_UP = 100
PACED_SECONDS = 60.0
SECTIONS: dict[str, object] = {
    "watches": [{"id": "syria", "any": [{"area": {"country": "SY"}}]}],
    "endpoints": [{"id": "others", "kind": "kafka"}],
}


async def main(articles: int, lasting: float) -> None:
    """Measure so many articles at once, then each pace for so many seconds, and print."""
    settings = Settings()
    size = settings.enrich.processes
    texts = corpus(articles + WARM_UP, seed=5)
    before = await bare(settings, texts[WARM_UP:])
    print(f"bare: {before:.1f}/s", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as directory:
        async with started(Path(directory), SECTIONS, brokers=1, processes=size) as cluster:
            for role in ("work", "poll", "notify", "web"):
                await cluster.add(role, role)
            await asyncio.gather(*(one.until_ready() for one in cluster.roles.values()))
            publisher = Publisher(Kafka(cluster.kafka.bootstrap, 6, 1))
            await publish(cluster, publisher, texts[:WARM_UP])
            await cluster.all_done(WARM_UP, 300)
            print("warm", file=sys.stderr, flush=True)
            rate = await whole(cluster, publisher, texts[WARM_UP:])
            print(f"whole: {rate:.1f}/s", file=sys.stderr, flush=True)
            paced = [(part, await pace(cluster, publisher, part * rate, lasting)) for part in (0.25, 0.5, 0.75)]
            publisher.close()
    after = await bare(settings, texts[WARM_UP:])
    peer = statistics.mean([before, after])
    print(f"bare nlp.pipe, {size} processes   {peer:8.1f} articles/s ({before:.1f} before, {after:.1f} after)")
    print(f"from Kafka to the archive     {rate:8.1f} articles/s   ratio {rate / peer:.2f}")
    for part, seconds in paced:
        spread = statistics.quantiles(seconds, n=100)
        print(
            f"publish to alert at {part:3.0%}       p50 {spread[49] * 1000:6.0f} ms, p99 {spread[98] * 1000:6.0f} ms "
            f"({len(seconds)} alerts at {part * rate:.1f}/s)"
        )


async def bare(settings: Settings, texts: list[Article]) -> float:
    """Articles a second of the models alone, in as many processes."""
    pool = ProcessPool("bare_pipe:make_bare_pipe", (dict(settings.enrich.models),), size=settings.enrich.processes)
    await pool.start()
    rate = await bare_rate(pool, texts, settings.enrich.batch)
    await pool.stop()
    return rate


async def whole(cluster: Cluster, publisher: Publisher, given: Sequence[Article]) -> float:
    """Articles a second while the backlog lasts: the time of its first and last tenth is left out."""
    began, (_, done) = utc_now(), cluster.counts()
    await publish(cluster, publisher, given)
    if not await cluster.all_done(done + len(given), 900):
        raise SystemExit(f"of {len(given)} articles {cluster.counts()[1] - done} were done")
    with cluster.archive.read() as connection:
        times = sorted(connection.execute(select(table.c.done_at).where(table.c.done_at > began)).scalars())
    cut = len(times) // 10
    middle = times[cut:-cut]
    return (len(middle) - 1) / ((middle[-1] - middle[0]) / timedelta(seconds=1))


async def pace(cluster: Cluster, publisher: Publisher, rate: float, lasting: float) -> list[float]:
    """Seconds from publishing to the alert for each article that alerted, so many articles a second."""
    drawn = corpus(int(rate * lasting), seed=int(rate * 100))
    given = [replace(one, id=article_id("paced", f"{rate} {number}")) for number, one in enumerate(drawn)]
    _, done = cluster.counts()
    began = time.monotonic()
    for number, article in enumerate(given):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        await publish(cluster, publisher, [article])
    await cluster.all_done(done + len(given), 300)
    measured = {article.id for article in given}
    with cluster.archive.read() as connection:
        first = select(alert_revisions.c.record).where(alert_revisions.c.revision == 1)
        told = [decode_alert(record) for record in connection.execute(first).scalars()]
    return [(alert.opened - alert.first_seen) / timedelta(seconds=1) for alert in told if alert.article in measured]


async def publish(cluster: Cluster, publisher: Publisher, given: Sequence[Article]) -> None:
    """Into the archive as a poll has it, and onto Kafka, with the present as its first sight."""
    now = utc_now()
    fresh = [replace(article, first_seen=now) for article in given]

    def write() -> None:
        with cluster.archive.begin() as connection:
            connection.execute(
                insert(table),
                [
                    {
                        "id": one.id,
                        "feed": one.feed,
                        "revision": 1,
                        "outlet": one.outlet,
                        "title": one.title,
                        "first_seen": now,
                        "sent_at": now,
                        "sends": 1,
                        "content_hash": content_hash(one),
                        "record": encode_article(one).decode(),
                    }
                    for one in fresh
                ],
            )
        publisher.publish(topics.ARTICLES.name, [(one.id, encode_article(one)) for one in fresh], 120)

    await asyncio.to_thread(write)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--seconds", type=float, default=PACED_SECONDS, help="of each pace")
    asked = parser.parse_args()
    asyncio.run(main(asked.articles, asked.seconds))

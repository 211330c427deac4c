"""From the outbox to the alert at 20 articles a second, everything of `newswatch run` on this machine.

Prints p50 and p99 of the time from an article's row in the outbox to the alert in the archive, and their ratio
to the floor: one article through the model alone, measured in the same run with nothing else going on.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

PARTS = str(Path(__file__).resolve().parent / "parts")
sys.path.insert(0, PARTS)
os.environ["PYTHONPATH"] = PARTS

from corpus import corpus
from ruamel.yaml import YAML
from sqlalchemy import insert, select

from newswatch.config_file import load_settings
from newswatch.supervise import Supervisor
from streams.archive.articles import content_hash
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import alert_revisions, articles, outbox
from streams.clock import utc_now
from streams.processes import ProcessPool
from streams.records import Article, decode_alert, encode_article

RATE = 20.0
ARTICLES = 1200
WARM_UP = 100


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "newswatch.yaml"
        port = "127.0.0.1:0"
        with config.open("w") as file:
            YAML().dump(
                {
                    "data_dir": "data",
                    "kafka": {"embedded_port": 0},
                    "web": {"listen": port, "metrics": dict.fromkeys(("broker", "poll", "work", "notify"), port)},
                    "watches": [{"id": "syria", "any": [{"area": {"country": "SY"}}]}],
                },
                file,
            )
        settings = load_settings(config)
        floor = await floor_seconds(dict(settings.enrich.models))
        archive = open_archive(settings.archive_url())
        supervisor = Supervisor(settings, config, archive, logs=Path(directory) / "logs")
        await supervisor.start()
        try:
            seconds = await alert_seconds(archive)
        finally:
            await supervisor.stop()
            archive.close()
    percentiles = statistics.quantiles(seconds, n=100)
    print(f"model alone, one article      {floor * 1000:8.1f} ms")
    for name, value in (("p50", percentiles[49]), ("p99", percentiles[98])):
        print(f"publish to alert, {name}         {value * 1000:8.1f} ms   ratio {value / floor:.1f}")
    print(f"alerts measured               {len(seconds):8d}")


async def floor_seconds(models: dict[str, str]) -> float:
    """Median seconds of one article through the model in one idle warm process."""
    pool = ProcessPool("bare_pipe:make_bare_pipe", (models,), size=1)
    await pool.start()
    taken = []
    for article in corpus(60, seed=3):
        started = time.perf_counter()
        await pool.call([(article.language or "fr", f"{article.title}\n{article.text}")], 60)
        taken.append(time.perf_counter() - started)
    await pool.stop()
    return statistics.median(taken[10:])


async def alert_seconds(archive: Archive) -> list[float]:
    """Seconds from outbox to alert for each article that alerted after the warm-up."""
    given = corpus(WARM_UP + ARTICLES, seed=2)
    for article in given[:WARM_UP]:
        await asyncio.to_thread(put, archive, article)
    while await asyncio.to_thread(waiting, archive):
        await asyncio.sleep(0.2)
    started = time.monotonic()
    for number, article in enumerate(given[WARM_UP:]):
        await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))
        await asyncio.to_thread(put, archive, article)
    while await asyncio.to_thread(waiting, archive):
        await asyncio.sleep(0.2)
    measured = {article.id for article in given[WARM_UP:]}
    with archive.read() as connection:
        first = select(alert_revisions.c.record).where(alert_revisions.c.revision == 1)  # later ones were told later
        told = [decode_alert(record) for record in connection.execute(first).scalars()]
    return [(alert.opened - alert.first_seen) / timedelta(seconds=1) for alert in told if alert.article in measured]


def put(archive: Archive, article: Article) -> None:
    """Into the archive and the outbox, as a poll does, with the present as its first sight."""
    now = utc_now()
    values = {
        "id": article.id,
        "feed": article.feed,
        "revision": 1,
        "outlet": article.outlet,
        "title": article.title,
        "first_seen": now,
        "content_hash": content_hash(article),
        "record": encode_article(replace(article, first_seen=now)).decode(),
    }
    with archive.begin() as connection:
        connection.execute(insert(articles).values(**values))
        connection.execute(insert(outbox).values(article=article.id, revision=1, added_at=now))


def waiting(archive: Archive) -> bool:
    """Whether any article is not done."""
    with archive.read() as connection:
        return connection.execute(select(articles.c.id).where(articles.c.waiting).limit(1)).first() is not None


if __name__ == "__main__":
    asyncio.run(main())

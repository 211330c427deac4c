"""What ten thousand to a hundred million articles a day take: unit costs measured here, then arithmetic.

How long articles wait at the busiest hour is simulated: they come in clumps, as polls bring them, fall onto partitions
by chance, and each worker reads those of its partitions one after another. Prints the tables of docs/scale.md.
"""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "parts")]
sys.path += [str(HERE.parent / "tests" / room) for room in (".", "postgres", "kafka")]

import numpy as np
import psutil
from corpus import corpus
from many_watches import ACTORS, make_watches, places_in
from real_postgres import PASSWORD, RealPostgres
from sqlalchemy import make_url

from agents.alert.transaction import record_article
from agents.enrich.enricher import make_enricher
from agents.match.live import LiveWatches
from agents.match.matcher import match
from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings
from streams.archive import dialect
from streams.archive.engine import Archive, open_archive
from streams.clock import utc_now
from streams.ids import article_id
from streams.records import EnrichedArticle, decode_enriched, encode_article, encode_enriched

VOLUMES = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
PEAK = 3.0
"""The busiest hour of a day against its mean."""
BUSY = 0.7
"""No part is planned to be busier than that at the peak."""
CLUMP = 4.0
"""Articles that one poll brings, in the mean."""
COPIES, KEPT_DAYS = 3, 7
_SIMULATED_SECONDS = 600.0
_READ = 400
_WRITTEN = 1_500
_WRITERS = 4
_WATCH_SIZES = (20_000, 100_000)


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured on this machine."""

    read: float
    """Seconds of a core to read one article."""
    matched: float
    """Seconds to match one against 100,000 watches."""
    decided: float
    """Seconds of a worker's core to decide on one and to write it."""
    written: float
    """Seconds of the database's cores to take it."""
    polled_bytes: float
    enriched_bytes: float
    archive_bytes: float
    watch_bytes: float
    """Memory of a worker for each watch."""


def main() -> None:
    """Measure, simulate and print."""
    if sys.argv[1:2] == ["watches"]:
        print(json.dumps(memory_of_watches(int(sys.argv[2]))))
        return
    costs = measure()
    print(f"reading an article            {costs.read * 1e3:8.2f} ms of a core ({1 / costs.read:.0f}/s a core)")
    print(f"matching it, 100,000 watches  {costs.matched * 1e3:8.2f} ms   ratio {costs.matched / costs.read:.3f}")
    print(f"deciding and writing it       {costs.decided * 1e3:8.2f} ms   ratio {costs.decided / costs.read:.3f}")
    print(f"in PostgreSQL                 {costs.written * 1e3:8.2f} ms of a core ({1 / costs.written:.0f}/s a core)")
    print(f"on Kafka                      {costs.polled_bytes:8.0f} + {costs.enriched_bytes:.0f} bytes an article")
    print(f"in the archive                {costs.archive_bytes:8.0f} bytes an article, indexes included")
    print(f"a watch in a worker           {costs.watch_bytes:8.0f} bytes")
    print()
    print(
        "| articles a day | mean, peak/s | workers' cores | partitions | p99 wait | database cores | Kafka | a year |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for volume in VOLUMES:
        print(row(volume, costs))


def row(volume: int, costs: Costs) -> str:
    """One line of the table."""
    mean = volume / 86_400
    peak = mean * PEAK
    cores, wait = cores_for(peak, costs.read + costs.matched + costs.decided)
    partitions = partitions_for(cores)
    together = costs.polled_bytes + costs.enriched_bytes
    kept = volume * KEPT_DAYS * together * COPIES / 1e9
    year = volume * 365 * costs.archive_bytes / 1e9
    return (
        f"| {volume:,} | {mean:.3g}, {peak:.3g} | {cores} | {partitions} | {wait:.2f} s | "
        f"{max(1, math.ceil(peak * costs.written / BUSY))} | "
        f"{peak * together / 1e6:.2g} MB/s in, {_space(kept)} on disk | {_space(year)} |"
    )


def _space(gigabytes: float) -> str:
    for unit in ("GB", "TB"):
        if gigabytes < 100:
            return f"{gigabytes:.2g} {unit}"
        gigabytes /= 1000
    return f"{gigabytes:.2g} PB"


def cores_for(peak: float, service: float) -> tuple[int, float]:
    """The fewest cores that are not too busy and let no article in a hundred wait 5 s; and what that one waits."""
    cores = max(1, math.ceil(peak * service / BUSY))
    while (wait := waits(peak, service, cores, partitions_for(cores))) > 5.0:
        cores += max(1, cores // 20)
    return cores, wait


def partitions_for(cores: int) -> int:
    """Three for each process that reads, so that any number of workers is shared out nearly evenly; four at least."""
    return max(4, 3 * cores)


def waits(rate: float, service: float, workers: int, partitions: int, seed: int = 1) -> float:
    """The 99th percentile, in seconds, of an article's wait for its turn, by Lindley's recursion for each worker."""
    chance = np.random.default_rng(seed)
    seconds = min(_SIMULATED_SECONDS, max(60.0, 400_000 / rate))
    polls = chance.poisson(rate / CLUMP * seconds)
    sizes = chance.geometric(1 / CLUMP, polls)
    at = np.repeat(np.sort(chance.uniform(0.0, seconds, polls)), sizes)
    partition = chance.integers(0, partitions, at.size)
    took = chance.gamma(2.0, service / 2.0, at.size)  # long articles take longer
    found = []
    for worker in range(workers):
        mine = partition % workers == worker
        gaps, work = np.diff(at[mine], prepend=0.0), took[mine]
        if work.size == 0:
            continue
        steps = np.concatenate([[0.0], np.cumsum(work[:-1] - gaps[1:])])
        found.append(steps - np.minimum.accumulate(steps))
    return float(np.percentile(np.concatenate(found), 99)) if found else 0.0


def measure() -> Costs:
    """The unit costs."""
    settings = Settings()
    work: Any = make_enricher(dict(settings.enrich.models), (), str(settings.cache_dir()))
    articles = corpus(_READ + 64)
    raw = [encode_article(one) for one in articles]
    work(raw[:64])
    started = time.process_time()  # of the processor: what else the machine does is not the article's cost
    enriched = [one for start in range(64, len(raw), 16) for one in _enriched(work(raw[start : start + 16]))]
    read = (time.process_time() - started) / len(enriched)
    matched, watch_bytes = _watches(enriched)
    decided, written, archive_bytes = _archive(enriched)
    return Costs(
        read=read,
        matched=matched,
        decided=decided,
        written=written,
        polled_bytes=sum(map(len, raw)) / len(raw),
        enriched_bytes=sum(len(encode_enriched(one)) for one in enriched) / len(enriched),
        archive_bytes=archive_bytes,
        watch_bytes=watch_bytes,
    )


def _enriched(results: Any) -> list[EnrichedArticle]:
    return [decode_enriched(raw) for outcome, raw in results if outcome == "ok"]


def _watches(enriched: list[EnrichedArticle]) -> tuple[float, float]:
    """Seconds a match takes at the larger number of watches, and what one watch more takes of memory."""
    found = []
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        Path(file.name).write_text(json.dumps([_raw(one) for one in enriched[:200]]))
        for size in _WATCH_SIZES:
            command = [sys.executable, __file__, "watches", str(size), file.name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found.append(json.loads(done.stdout.splitlines()[-1]))
    more = (found[1]["bytes"] - found[0]["bytes"]) / (_WATCH_SIZES[1] - _WATCH_SIZES[0])
    return found[1]["seconds"], more


def _raw(one: EnrichedArticle) -> str:
    return encode_enriched(one).decode()


def memory_of_watches(count: int) -> dict[str, float]:
    """In a process of its own: memory with so many watches, and the time of a match."""
    enriched = [decode_enriched(raw.encode()) for raw in json.loads(Path(sys.argv[3]).read_text())]
    knowledge = load_knowledge((), Settings().cache_dir())
    places = places_in(knowledge.gazetteer, 25.0, -125.0, 48.0, -78.0)
    live = LiveWatches(make_watches(places, ACTORS, count, "far"), knowledge)
    for one in enriched:
        match(one, live.matcher)
    started = time.thread_time()
    for one in enriched:
        match(one, live.matcher)
    seconds = (time.thread_time() - started) / len(enriched)
    return {"seconds": seconds, "bytes": float(psutil.Process().memory_info().rss)}


def _archive(enriched: list[EnrichedArticle]) -> tuple[float, float, float]:
    """Seconds of our processor and of PostgreSQL's that an article takes from several writers; its bytes there."""
    with RealPostgres() as server:
        url = make_url(server.fresh("scale")).set(password=PASSWORD).render_as_string(hide_password=False)
        archive = open_archive(url)
        before = _size(archive)
        started, theirs = time.process_time(), server.processor_seconds()
        threads = [
            threading.Thread(target=_write, args=(archive, enriched, range(first, _WRITTEN, _WRITERS)))
            for first in range(_WRITERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ours, theirs = time.process_time() - started, server.processor_seconds() - theirs
        taken = (_size(archive) - before) / _WRITTEN
        archive.close()
    return ours / _WRITTEN, theirs / _WRITTEN, taken


def _write(archive: Archive, enriched: list[EnrichedArticle], numbers: range) -> None:
    for number in numbers:
        one = enriched[number % len(enriched)]
        article = replace(one.article, id=article_id("scale", str(number)))
        record_article(archive, replace(one, article=article), [], {}, [], utc_now())


def _size(archive: Archive) -> int:
    with archive.read() as connection:
        return dialect.size(connection).bytes


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()

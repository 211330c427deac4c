"""The match step at 1,000, 100,000 and 1,000,000 watches: time an article, memory, building, and changes meanwhile;
and pyahocorasick, spaCy's PhraseMatcher and hyperscan on the names of the watched places and the same texts.

How late the event loop was is told twice: as it was, and without the time in which threads of this process stood in
line for a processor, since on a busy machine that is the others' doing.

The watches of the small set are part of the larger ones; the rest of these lies where the articles do not, so that hits
hardly change and only the number of watches is measured. Each number of watches has a process of its own, so that
memory is its own too. The peers are no dependency: where one cannot be imported the bench says how to bring it.
`--most 100000` leaves the million out.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import pickle
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "parts"))

from many_watches import ACTORS, keep, kept, make_watches, places_in
from phrase_peers import measure_peers

from agents.match.live import LiveWatches
from agents.match.matcher import match
from agents.match.resolved import ResolvedCondition, ResolvedWatch
from agents.names.gazetteer import Gazetteer
from agents.names.knowledge import NamesKnowledge, load_knowledge
from newswatch.settings import Settings
from streams.records import EnrichedArticle

ARTICLES = 300
ROUNDS = 5
SIZES = (1_000, 100_000, 1_000_000)
NEAR = (31.0, 34.0, 38.0, 43.0)
"""South, west, north, east of what the articles are about."""
FAR = ((-35.0, -75.0, 5.0, -35.0), (25.0, -125.0, 48.0, -78.0), (5.0, 72.0, 28.0, 125.0))
CHANGES_A_SECOND = 100
CHANGING_SECONDS = 25.0
MERGE_AT = 500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=SIZES[-1])
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--changing", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.size:
        print(json.dumps(measure(asked.size, asked.folder, changing=asked.changing)))
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sizes = [size for size in SIZES if size <= asked.most]
        names, texts = prepare(folder, sizes[-1])
        print(f"load of this machine: {os.getloadavg()[0]:.1f}")
        for size in sizes:
            report(size, folder, changing=size == sizes[-1])
        measure_peers(names, texts)


def prepare(folder: Path, most: int) -> tuple[list[str], list[str]]:
    """Enrich the articles and keep the watches; the names of the watched places, and the texts."""
    from corpus import corpus  # noqa: PLC0415 - spaCy would be part of the memory measured

    from agents.enrich.enricher import Enricher  # noqa: PLC0415
    from agents.enrich.recognise import Recogniser  # noqa: PLC0415

    settings = Settings()
    knowledge = load_knowledge((), settings.cache_dir())
    enricher = Enricher(knowledge, Recogniser(dict(settings.enrich.models)))
    articles = corpus(ARTICLES)
    enricher.enrich(articles[:32])
    began = time.perf_counter()
    enriched = [one for start in range(0, ARTICLES, 32) for one in enricher.enrich(articles[start : start + 32])]
    print(f"enriching                  {(time.perf_counter() - began) / ARTICLES * 1e6:9.1f} us an article")
    (folder / "enriched").write_bytes(pickle.dumps(enriched))
    gazetteer = knowledge.gazetteer
    near = places_in(gazetteer, *NEAR)
    keep(folder / "archive.sqlite", make_watches(near, ACTORS, SIZES[0], "close"))
    watched = list(near)
    for number, box in enumerate(FAR):
        far = places_in(gazetteer, *box)
        watched += far
        keep(folder / "archive.sqlite", make_watches(far, ACTORS, -(-(most - SIZES[0]) // len(FAR)), f"far-{number}"))
    return names_of(gazetteer, [place for place, _, _ in watched]), [one.article.text for one in enriched]


def names_of(gazetteer: Gazetteer, places: Sequence[str]) -> list[str]:
    """The main names of places, each once."""
    rows = (gazetteer.row(int(place.partition(":")[2])) for place in places)
    return list(dict.fromkeys(gazetteer.names(row)[0] for row in rows if row is not None))


def report(size: int, folder: Path, *, changing: bool) -> None:
    """Measure one number of watches in a process of its own."""
    command = [sys.executable, __file__, "--size", str(size), "--folder", str(folder)]
    command += ["--changing"] if changing else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{size:>9,} watches   {found['us']:6.1f} us an article (p99 {found['p99']:.0f}), "
        f"{found['us'] / found['few']:.2f} times that at {SIZES[0]:,}   {found['hits']:.1f} hits an article   "
        f"built in {found['built']:.1f} s ({found['cpu']:.1f} s of processor time)   "
        f"{found['memory']:.0f} MB, of these {found['names']:.0f} MB names (at most {found['peak']:.0f} MB)"
    )
    if "late" in found:
        print(
            f"  {found['changes']} changes, {CHANGES_A_SECOND} a second, and {found['merges']} merges while matching: "
            f"the event loop was late by at most {found['late']:.0f} ms (p99 {found['late99']:.1f}), "
            f"{found['stall']:.0f} ms without waiting for a processor,\n"
            f"  a change took at most {found['apply']:.0f} ms (p50 {found['apply50']:.2f}), "
            f"a garbage collection at most {found['gc']:.0f} ms"
        )


def measure(size: int, folder: Path, *, changing: bool) -> dict[str, float]:
    """Build so many watches, match with them (in processor time), and change them while matching."""
    knowledge = load_knowledge((), Settings().cache_dir())
    enriched: list[EnrichedArticle] = pickle.loads((folder / "enriched").read_bytes())
    names = memory()
    began, cpu = time.perf_counter(), time.process_time()
    live = LiveWatches(kept(folder / "archive.sqlite", size), knowledge, merge_at=MERGE_AT)
    found: dict[str, float] = {"built": time.perf_counter() - began, "cpu": time.process_time() - cpu, "names": names}
    assert len(live.matcher) == size, live.problems[:3]
    found["memory"] = memory()
    few = LiveWatches(kept(folder / "archive.sqlite", SIZES[0]), knowledge)
    singles: list[float] = []
    rounds: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * ROUNDS):  # in turn, so that what else the machine does meets both
        all_of_them = number % 2 == 0
        matcher = (live if all_of_them else few).matcher
        hits, times = 0, []
        for one in enriched:
            began = time.thread_time()
            hits += len(match(one, matcher))
            times.append(time.thread_time() - began)
        rounds[all_of_them].append(sum(times) / ARTICLES * 1e6)
        if all_of_them:
            singles += times
            found["hits"] = hits / ARTICLES
    found |= {"us": statistics.median(rounds[True]), "few": statistics.median(rounds[False])}
    found["p99"] = statistics.quantiles(singles, n=100)[98] * 1e6
    del few
    if changing:
        found |= asyncio.run(change_while_matching(live, enriched, knowledge, size))
        live.close()
    found["peak"] = most_memory()
    return found


async def change_while_matching(
    live: LiveWatches, enriched: Sequence[EnrichedArticle], knowledge: NamesKnowledge, size: int
) -> dict[str, float]:
    """Match in a thread, as the alert agent does, and change watches on the event loop."""
    stopping = asyncio.Event()
    collected, late, stalls, took = [0.0], [0.0], [0.0], []
    collections: list[float] = []

    def on_collection(phase: str, _: Any) -> None:
        if phase == "start":
            collections.append(time.perf_counter())
        else:
            collected.append(time.perf_counter() - collections[-1])

    async def beat() -> None:
        while not stopping.is_set():
            waited, began = in_line(), time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - began - 0.001)
            stalls.append(late[-1] - sum(now - waited.get(task, 0) for task, now in in_line().items()) / 1e9)

    async def go_on_matching() -> None:
        while not stopping.is_set():
            for start in range(0, len(enriched), 32):
                batch = enriched[start : start + 32]
                await asyncio.to_thread(lambda some: [match(one, live.matcher) for one in some], batch)

    gc.callbacks.append(on_collection)
    others = [asyncio.create_task(beat()), asyncio.create_task(go_on_matching())]
    places = [place for box in FAR for place in places_in(knowledge.gazetteer, *box)]
    chance = random.Random(11)
    ends = time.perf_counter() + CHANGING_SECONDS
    while time.perf_counter() < ends:
        began = time.perf_counter()
        change(live, chance, places, size)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 1 / CHANGES_A_SECOND - took[-1]))
    stopping.set()
    await asyncio.gather(*others)
    gc.callbacks.remove(on_collection)
    return {
        "changes": len(took),
        "merges": live.merges,
        "late": max(late) * 1e3,
        "stall": max(stalls) * 1e3,
        "late99": statistics.quantiles(late, n=100)[98] * 1e3,
        "apply": max(took) * 1e3,
        "apply50": statistics.median(took) * 1e3,
        "gc": max(collected) * 1e3,
    }


def change(live: LiveWatches, chance: random.Random, places: Sequence[Any], size: int) -> None:
    """Add, edit or remove one watch."""
    name = f"far-{chance.randrange(len(FAR))}-{chance.randrange(size // len(FAR))}"
    match chance.randrange(10):
        case 0 | 1:
            live.apply([], [name])
        case 2 | 3:
            at = chance.randrange(len(places) - 3)
            stops = tuple((place[0],) for place in places[at : at + 3])
            live.apply([ResolvedWatch(name, (ResolvedCondition("route", stops, 10.0),), (), ())], [])
        case 4:
            words = ResolvedCondition("phrase", words=f"bridge {chance.randrange(1000)}")
            live.apply([ResolvedWatch(name, (words,), (), ())], [])
        case _:
            town = ResolvedCondition("town", ((chance.choice(places)[0],),))
            live.apply([ResolvedWatch(name, (town,), (), ())], [])


def in_line() -> dict[str, int]:
    """Nanoseconds for which each thread here could have run and had no processor (schedstat, see proc(5))."""
    waited = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            waited[task.name] = int((task / "schedstat").read_text().split()[1])
    return waited


def memory() -> float:
    """Megabytes this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def most_memory() -> float:
    """The most megabytes this process ever had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()

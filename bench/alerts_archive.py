"""Hits into alerts, one transaction an article, against bare inserts of the very rows that come of it.

On SQLite and on a PostgreSQL of its own, both in turns of a few articles so that whatever else the machine does meets
both. A third of the articles are near copies of others; each hits two watches, whose window of tellings fills up.
"""

from __future__ import annotations

import cProfile
import pstats
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path += [
    str(Path(__file__).resolve().parents[1] / place) for place in ("bench/parts", "tests/postgres", "tests/kafka")
]

from corpus import corpus
from real_postgres import PASSWORD, PostgresUnavailable, RealPostgres
from sqlalchemy import Table, insert, make_url, select

from agents.alert.kept import KeptStories
from agents.alert.transaction import record_article
from agents.enrich.sketch import sketch_of
from agents.match.watch import TownCondition, Watch
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import alert_articles, alert_revisions, alerts, articles, deliveries, mentions
from streams.records import EnrichedArticle, Evidence, Hit, Mention

ARTICLES = 500
WARM_UP = 300
A_TURN = 20
WATCHES = {f"w{number}": Watch(id=f"w{number}", any=(TownCondition(town="Khanasser"),)) for number in range(4)}
ENDPOINTS = ("desk", "night")
_MENTIONS = 14
_ORDER = (articles, mentions, alerts, alert_revisions, alert_articles, deliveries)


def main() -> None:
    """Measure and print."""
    given = enriched_articles()
    with tempfile.TemporaryDirectory() as folder:
        compare("SQLite", given, f"sqlite:///{folder}/live.sqlite", f"sqlite:///{folder}/bare.sqlite")
    try:
        with RealPostgres() as server:
            urls = [make_url(server.fresh(name)).set(password=PASSWORD) for name in ("live", "bare")]
            compare("PostgreSQL", given, *(url.render_as_string(hide_password=False) for url in urls))
    except PostgresUnavailable as error:
        print(f"PostgreSQL: not measured: {error}")


def enriched_articles() -> list[EnrichedArticle]:
    """So many articles a minute apart, with mentions at words of theirs; every third is one before it, shortened."""
    chance = random.Random(5)
    made: list[EnrichedArticle] = []
    plain = corpus(ARTICLES)
    start = plain[0].first_seen - timedelta(days=2)
    for number, one in enumerate(plain):
        article = replace(one, first_seen=start + timedelta(minutes=number), outlet=f"outlet{number % 40}.example")
        if number % 3 == 2:
            source = made[chance.randrange(max(0, number - 60), number)].article
            words = source.text.split()
            article = replace(article, title=source.title, text=" ".join(words[: max(60, int(len(words) * 0.8))]))
        else:  # two hundred words of its own: the samples that it is made of come again and again
            words = ["".join(chance.choices(_SYLLABLES, k=4)) for _ in range(200)]
            article = replace(article, text=f"{article.text[:400]} {' '.join(words)}")
        towns = [chance.randrange(30), *chance.sample(range(30, 400), _MENTIONS - 1)]
        found = tuple(_mention(article.text, at, town) for at, town in enumerate(towns))
        sketch = sketch_of(article.title, article.text)
        made.append(EnrichedArticle(article, "fr", found, str(number), sketch))
    return made


_SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu")


def _mention(text: str, number: int, town: int) -> Mention:
    start = number * 20
    about = ("text", start, start + 8, text[start : start + 8], "place", f"geonames:{town}", f"Place {town}")
    return Mention(*about, 35.0 + town / 100, 37.0, "SY", 0.9)


def hits_of(enriched: EnrichedArticle, number: int) -> list[Hit]:
    """A hit for each of two watches, on the first mention."""
    one = enriched.mentions[0]
    proof = (Evidence(one.field, one.start, one.end, one.surface, "is in the area"),)
    return [
        Hit(f"w{(number + more) % len(WATCHES)}", enriched.article.id, "any[0].town", ("town",), "is there", proof)
        for more in range(2)
    ]


def compare(name: str, given: Sequence[EnrichedArticle], live_url: str, bare_url: str) -> None:
    """Both ways over the articles; prints the times and their ratio."""
    live, bare, stories = open_archive(live_url), open_archive(bare_url), KeptStories()
    seen: dict[str, set[Any]] = defaultdict(set)
    spent = {"record": 0.0, "bare": 0.0}
    rows_written = 0
    profile = cProfile.Profile() if "--profile" in sys.argv else None
    for start in range(0, len(given), A_TURN):
        some = given[start : start + A_TURN]
        if profile and start >= WARM_UP:
            profile.enable()
        began = time.perf_counter()
        for number, one in enumerate(some, start):
            hits, now = hits_of(one, number), one.article.first_seen
            record_article(live, one, hits, WATCHES, ENDPOINTS, now, stories=stories)
        recorded = time.perf_counter() - began
        if profile:
            profile.disable()
        made = rows_of(live, [one.article.id for one in some], seen)
        began = time.perf_counter()
        for rows in made:
            insert_all(bare, rows)
        inserted = time.perf_counter() - began
        if start >= WARM_UP:
            spent["record"] += recorded
            spent["bare"] += inserted
            rows_written += sum(len(part) for rows in made for part in rows.values())
    live.close()
    bare.close()
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    count = len(given) - WARM_UP
    each = {way: seconds / count * 1e3 for way, seconds in spent.items()}
    print(
        f"{name}: {2 * count} hits of {count} articles into alerts: {each['record']:.2f} ms an article "
        f"({2 * count / spent['record']:.0f} hits/s); bare inserts of the same {rows_written / count:.1f} rows: "
        f"{each['bare']:.2f} ms; ratio {spent['bare'] / spent['record']:.2f} (at least 0.3)"
    )


Rows = Mapping[Table, list[dict[str, Any]]]


def rows_of(archive: Archive, ids: Sequence[str], seen: dict[str, set[Any]]) -> list[Rows]:
    """For each article the rows that came with it."""
    found: dict[str, dict[Table, list[dict[str, Any]]]] = {one: defaultdict(list) for one in ids}
    with archive.read() as connection:

        def read(table: Table, column: str, values: Sequence[str]) -> list[dict[str, Any]]:
            chosen = select(table).where(table.c[column].in_(values))
            return [dict(row) for row in connection.execute(chosen).mappings()]

        for row in read(articles, "id", ids):
            found[row["id"]][articles].append(row)
        teller: dict[str, str] = {}  # the first article here that tells an alert
        for table in (mentions, alert_articles):
            for row in sorted(read(table, "article", ids), key=lambda row: ids.index(row["article"])):
                found[row["article"]][table].append(row)
                if table is alert_articles:
                    teller.setdefault(row["alert"], row["article"])
        for table, column, keys in (
            (alerts, "id", ("id",)), (alert_revisions, "alert", ("alert", "revision")), (deliveries, "alert", ("id",))
        ):  # fmt: skip
            for row in read(table, column, list(teller)):
                key = tuple(row[name] for name in keys)
                if key not in seen[table.name]:
                    seen[table.name].add(key)
                    found[teller[row[column]]][table].append(row)
    return list(found.values())


def insert_all(archive: Archive, rows: Rows) -> None:
    """One transaction of bare inserts."""
    with archive.begin() as connection:
        for table in _ORDER:
            if rows.get(table):
                connection.execute(insert(table), rows[table])


if __name__ == "__main__":
    main()

"""The story decision: time a hit at a full window of tellings, in memory and in the archive, and the sketch an article;
both against the bare insert of a telling's rows in the same run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "parts"))

from corpus import corpus
from sqlalchemy import Connection

from agents.alert.kept import KeptStories, joining
from agents.alert.lifecycle import alone
from agents.alert.story import StoryChoice
from agents.alert.story_index import StoryIndex
from agents.alert.telling import Told, told
from agents.enrich.sketch import fingerprint, sketch_of
from agents.match.watch import TownCondition, Watch
from streams.archive import alert_lives, alerts
from streams.archive.alert_lives import Keeping, Revision
from streams.archive.alerts import MOST_TELLINGS
from streams.archive.engine import Archive, open_archive
from streams.records import EnrichedArticle, Hit

ARTICLES = 600
ROAD = Watch(id="road", any=(TownCondition(town="Khanasser"),))


def main() -> None:
    """Measure and print."""
    articles = corpus(ARTICLES)
    start = articles[0].first_seen
    enriched = [
        EnrichedArticle(replace(one, first_seen=start + timedelta(seconds=at)), "fr", (), str(at))
        for at, one in enumerate(articles)
    ]
    texts = [(one.title, one.text) for one in articles]
    print(f"sketch an article: {each(lambda at: sketch_of(*texts[at])):.0f} us")
    print(f"fingerprint an article: {each(lambda at: fingerprint(*texts[at])):.0f} us")
    read = [told(one) for one in enriched]
    print(f"what is read of an article with a hit: {each(lambda at: told(enriched[at])):.0f} us")
    index = StoryIndex()
    print(
        f"decision in memory, {MOST_TELLINGS} tellings: {each(lambda at: index.place('road', read[at])):.0f} us a hit"
    )
    with tempfile.TemporaryDirectory() as folder:
        bare = open_archive(f"sqlite:///{folder}/bare.sqlite")
        inserts = each(lambda at: insert(bare, read[at], enriched[at]))
        live = open_archive(f"sqlite:///{folder}/live.sqlite")
        stories = KeptStories()
        decided = each(lambda at: decide(live, stories, read[at], enriched[at]))
        bare.close()
        live.close()
    print(f"bare inserts: {inserts:.0f} us a hit; with the decision: {decided:.0f} us; ratio {inserts / decided:.2f}")


def each(work: Callable[[int], object]) -> float:
    """Microseconds a call, over the second half of the articles: the window is full by then."""
    for at in range(ARTICLES // 2):
        work(at)
    began = time.perf_counter()
    for at in range(ARTICLES // 2, ARTICLES):
        work(at)
    return (time.perf_counter() - began) / (ARTICLES - ARTICLES // 2) * 1e6


def decide(archive: Archive, stories: KeptStories, one: Told, enriched: EnrichedArticle) -> None:
    """What a hit costs live: read, decide, write, in a transaction."""
    with archive.begin() as connection:
        choice = stories.place(connection, ["road"], one)["road"]
        if choice.is_new:
            _open(connection, one, enriched, choice)
        joined = joining(choice, one)
        alerts.join_alerts(connection, [joined], one.told_at)
    stories.remember([joined])


def insert(archive: Archive, one: Told, enriched: EnrichedArticle) -> None:
    """The rows of a new alert and its telling alone."""
    choice = StoryChoice("road", one.article, one.article, True, "new_story")
    with archive.begin() as connection:
        _open(connection, one, enriched, choice)
        alerts.join_alerts(connection, [joining(choice, one)], one.told_at)


def _open(connection: Connection, one: Told, enriched: EnrichedArticle, choice: StoryChoice) -> None:
    alert = alone(ROAD, _hit(one), enriched, choice.story, choice.alert, one.told_at)
    alert_lives.add(connection, [Keeping(alert, "opened", None)])
    alert_lives.keep_revisions(connection, [Revision(alert, "opened")], one.told_at)


def _hit(one: Told) -> Hit:
    return Hit("road", one.article, "any[0].town", ("town",), "why", ())


if __name__ == "__main__":
    main()

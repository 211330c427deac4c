"""A teaser is alerted on at once; the text of its page, which follows as a revision, is told only if it adds a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import NOON, a_mention, an_article
from sqlalchemy import func, select

from agents.alert.transaction import Recorded, record_article
from agents.match.watch import TownCondition, Watch
from streams.archive.engine import Archive
from streams.archive.schema import deliveries
from streams.feeds.page_text import with_page
from streams.records import Article, EnrichedArticle, Evidence, Hit

TOWN = Watch(id="town", any=(TownCondition(town="Khanasser"), TownCondition(town="Athriya")))
TEASER = "The road was cut near Khanasser this morning, say drivers…"
PAGE = (
    "The road was cut near Khanasser this morning, say drivers who turned back at the checkpoint.\n"
    "The town of Khanasser has been without fuel for two days, and the governor has promised lorries.\n"
)
MORE = "A second convoy was stopped before Athriya, where the police asked it to wait until the evening."


def record(archive: Archive, article: Article, minutes: int) -> Recorded:
    found = [name for name in ("Khanasser", "Athriya") if name in article.text]
    mentions = tuple(a_mention(name, article.text) for name in found)
    evidence = tuple(Evidence(one.field, one.start, one.end, one.surface, "is watched") for one in mentions)
    hit = Hit("town", article.id, "any[0].town", ("town",), "Khanasser is watched", evidence)
    enriched = EnrichedArticle(article, "en", mentions, f"words of {article.revision}")
    return record_article(archive, enriched, [hit], {"town": TOWN}, ["desk"], NOON + timedelta(minutes=minutes))


def owed(archive: Archive) -> int:
    with archive.read() as connection:
        return connection.execute(select(func.count()).select_from(deliveries)).scalar_one()


def whole(teaser: Article, page: str) -> Article:
    article = with_page(teaser, page)
    assert article is not None
    return replace(article, revision=teaser.revision + 1)


def test_a_page_that_tells_the_same_is_told_to_nobody(archive: Archive) -> None:
    teaser = an_article(text=TEASER)
    assert len(record(archive, teaser, 0).opened) == 1
    recorded = record(archive, whole(teaser, PAGE), 1)
    assert (recorded.opened, recorded.joined, recorded.changed) == ((), ("same_article",), ())
    assert owed(archive) == 1


def test_a_page_that_names_more_is_told_once_as_an_update(archive: Archive) -> None:
    teaser = an_article(text=TEASER)
    record(archive, teaser, 0)
    (changed,) = record(archive, whole(teaser, PAGE + MORE), 1).changed
    assert (changed.status, changed.changes) == ("updated", ("new place: Athriya",))
    assert owed(archive) == 2


def test_the_teaser_stands_first_and_nothing_is_said_twice_word_for_word() -> None:
    teaser = an_article(text="Deux camions brûlent.", title="Route coupée")
    page = "Route  coupée\nDeux camions brûlent.\n" + MORE
    article = with_page(teaser, page)
    assert article is not None
    assert article.text == f"Deux camions brûlent.\n{MORE}"
    assert with_page(article, page) is None  # again is once
    assert with_page(teaser, "Deux camions brûlent.\nTous droits réservés") is None
    assert with_page(replace(teaser, text=""), MORE) == replace(teaser, text=MORE)
    long = with_page(teaser, "a" * 300_000)
    assert long is not None
    assert (len(long.text), long.truncated) == (200_000, True)

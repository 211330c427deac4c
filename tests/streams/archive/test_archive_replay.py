"""Archived articles as they were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from builders import an_article, an_enriched, poll_in
from sqlalchemy import insert, update

from agents.alert.telling import noted, told
from streams.archive.articles import mark_done
from streams.archive.engine import Archive
from streams.archive.replay import replay
from streams.archive.schema import articles as articles_table
from streams.archive.schema import revisions
from streams.records import encode_article


def test_replay_gives_the_revision_that_was_read(archive: Archive) -> None:
    article = an_article("one")
    enriched = an_enriched("one")
    newer = replace(article, revision=2, text="Something else altogether.")
    noon = article.first_seen
    poll_in(archive, article)
    with archive.begin() as connection:
        mark_done(connection, enriched, noon)
        mark_done(connection, an_enriched("two"), noon)
        connection.execute(
            insert(revisions).values(
                article=article.id, revision=1, record=encode_article(article).decode(), replaced_at=noon
            )
        )
        connection.execute(
            update(articles_table)
            .where(articles_table.c.id == article.id)
            .values(revision=2, record=encode_article(newer).decode(), waiting=True)
        )
    with archive.read() as connection:
        found = {one.article.id: one for one in replay(connection, noon)}
    assert len(found) == 2
    assert found[article.id].article == article
    assert found[article.id].mentions == enriched.mentions
    with archive.read() as connection:
        assert list(replay(connection, datetime(2027, 1, 1, tzinfo=UTC))) == []


def test_replay_gives_mentions_as_they_were_meant(archive: Archive) -> None:
    enriched = an_enriched("one")
    planned = replace(enriched, mentions=tuple(replace(one, modality="planned") for one in enriched.mentions))
    with archive.begin() as connection:
        mark_done(connection, planned, enriched.article.first_seen)
    with archive.read() as connection:
        (found,) = replay(connection, enriched.article.first_seen)
    assert found.mentions == planned.mentions != enriched.mentions


def test_replay_of_some_articles_keeps_the_order_in_which_they_were_done(archive: Archive) -> None:
    noon = an_article().first_seen
    with archive.begin() as connection:
        for number in range(1_200):
            mark_done(connection, an_enriched(f"n{number}"), noon + timedelta(seconds=number % 7))
    wanted = {an_article(f"n{number}").id for number in range(0, 1_200, 2)}
    pages: list[int] = []
    with archive.read() as connection:
        every = [one.article.id for one in replay(connection, noon)]
        some = [one.article.id for one in replay(connection, noon, wanted | {"unknown"}, pages.append)]
        assert list(replay(connection, noon + timedelta(days=1), wanted)) == []
    assert some == [one for one in every if one in wanted]
    assert sum(pages) == 600


def test_replay_of_more_than_a_page_keeps_the_order_in_which_articles_were_done(archive: Archive) -> None:
    noon = an_article().first_seen
    with archive.begin() as connection:
        for number in range(1203):
            mark_done(connection, an_enriched(f"n{number}"), noon)
    with archive.read() as connection:
        ids = [one.article.id for one in replay(connection, noon)]
    assert ids == sorted(an_article(f"n{number}").id for number in range(1203))


def test_replay_does_not_read_what_is_older_than_it_asks_for(sqlite_archive: Archive) -> None:
    archive = sqlite_archive
    noon = an_article().first_seen
    costs = []
    for year in range(2):
        with archive.begin() as connection:
            for number in range(100 + 1_500 * year):
                mark_done(connection, an_enriched(f"{year}-{number}"), noon)
        costs.append(_steps(archive, noon + timedelta(days=900)))
    assert 0 < costs[1] < 2 * costs[0]


def _steps(archive: Archive, since: datetime) -> int:
    """How many steps SQLite's machine takes for a replay, in tens."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with archive.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, 10)
        assert list(replay(connection, since)) == []
        driver.set_progress_handler(None, 0)
    return steps


def test_replay_gives_what_was_kept_of_the_words_of_an_article(archive: Archive) -> None:
    read = noted(replace(an_enriched("one", text="Nine lorries left Khanasser on Monday."), sketch="r1:abc"))
    before = replace(an_enriched("two"), fingerprint="", sketch="")  # as an older newswatch left it
    with archive.begin() as connection:
        mark_done(connection, read, read.article.first_seen)
        mark_done(connection, before, read.article.first_seen)
    with archive.read() as connection:
        found = {one.article.id: one for one in replay(connection, read.article.first_seen)}
    assert found == {read.article.id: read, before.article.id: before}
    again = told(found[read.article.id])
    fresh = told(replace(read, origin="", features=""))
    assert (again.origin, again.features) == (fresh.origin, fresh.features)
    assert again.features.numbers == ("9",)
    assert again.features.days == (0,)

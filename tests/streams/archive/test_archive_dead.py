"""Dead articles are kept with their reason and can be tried again."""

from __future__ import annotations

from dataclasses import replace

from builders import NOON, an_article, an_enriched, poll_in

from streams.archive import articles, dead, outbox
from streams.archive.engine import Archive
from streams.records import DeadArticle


def a_dead(name: str) -> DeadArticle:
    return DeadArticle(an_article(name).id, 1, "enrich", "EnrichmentFailed: it raised", "eA==", NOON)


def test_a_dead_article_waits_no_more_and_comes_back_on_retry(archive: Archive) -> None:
    poll_in(archive, an_article("bad"), an_article("good"))
    with archive.begin() as connection:
        outbox.mark_sent(connection, outbox.unsent(connection, 10), "run", NOON)
        dead.set_aside(connection, a_dead("bad"))
        dead.set_aside(connection, a_dead("bad"))  # twice equals once
        (row,) = dead.list_dead(connection, 10)
        assert (row.feed, row.step, row.error, row.retries) == ("feed", "enrich", "EnrichmentFailed: it raised", 0)
        assert articles.waiting(connection).articles == 1
        assert dead.retry(connection, [], NOON) == 1
        assert [one.article for one in outbox.unsent(connection, 10)] == [an_article("bad").id]
        assert articles.waiting(connection).articles == 2
        assert dead.list_dead(connection, 10)[0].retries == 1


def test_bytes_that_are_no_article_are_kept_too(archive: Archive) -> None:
    with archive.begin() as connection:
        dead.set_aside(connection, DeadArticle("some-key", 0, "enrich", "MalformedRecord: no", "eA==", NOON))
        assert dead.count_dead(connection) == 1
        assert dead.retry(connection, ["some-key"], NOON) == 0


def test_a_copy_that_fails_after_the_article_is_done_changes_nothing(archive: Archive) -> None:
    poll_in(archive, an_article("twice"))
    with archive.begin() as connection:
        outbox.mark_sent(connection, outbox.unsent(connection, 10), "run", NOON)
        articles.mark_done(connection, an_enriched("twice"), NOON)
        dead.set_aside(connection, a_dead("twice"))
        assert dead.count_dead(connection) == 0
        assert dead.retry(connection, [], NOON) == 0  # else it would wait for ever: what is done is not done again
        assert articles.waiting(connection).articles == 0


def test_a_copy_that_is_done_after_the_article_failed_brings_it_back(archive: Archive) -> None:
    poll_in(archive, an_article("twice"))
    with archive.begin() as connection:
        dead.set_aside(connection, a_dead("twice"))
        articles.mark_done(connection, an_enriched("twice"), NOON)
        assert dead.count_dead(connection) == 0
        assert dead.retry(connection, [], NOON) == 0
        assert articles.waiting(connection).articles == 0


def test_an_older_revision_that_is_done_late_does_not_wake_a_dead_one(archive: Archive) -> None:
    poll_in(archive, an_article("changed", revision=2))
    with archive.begin() as connection:
        dead.set_aside(connection, replace(a_dead("changed"), revision=2))
        articles.mark_done(connection, an_enriched("changed"), NOON)
        assert articles.waiting(connection).articles == 0
        assert dead.retry(connection, [], NOON) == 1


def test_bytes_under_the_id_of_an_article_settle_the_revision_that_waits(archive: Archive) -> None:
    poll_in(archive, an_article("torn", revision=3))
    unreadable = DeadArticle(an_article("torn").id, 0, "alert", "MalformedRecord: no", "eA==", NOON)
    with archive.begin() as connection:
        dead.set_aside(connection, unreadable)
        assert articles.waiting(connection).articles == 0
        assert dead.retry(connection, [], NOON) == 1
        assert articles.waiting(connection).articles == 1

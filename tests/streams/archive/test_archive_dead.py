"""Dead articles are kept with their reason and can be tried again."""

from __future__ import annotations

from builders import NOON, an_article, poll_in

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

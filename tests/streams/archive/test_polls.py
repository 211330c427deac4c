from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from streams.archive.articles import content_hash
from streams.archive.engine import Archive
from streams.archive.feed_schema import entries, feeds
from streams.archive.polls import FeedState, PollCommit, SeenEntry, feed_states, known_articles, known_dead, write_poll
from streams.archive.schema import articles, dead, outbox, revisions
from streams.records import Article, DeadArticle, decode_article

NOW = datetime(2024, 2, 3, 12, 0, tzinfo=UTC)
STATE = FeedState("f", "https://a.example/feed", "A", '"e"', "Mon", NOW, NOW + timedelta(minutes=5), NOW, "ok")


def article(number: int, revision: int = 1, text: str = "text") -> Article:
    return Article(
        f"a{number}", revision, "f", "a.example", f"https://a.example/{number}", f"t{number}", text, "fr", NOW, NOW
    )


def commit_of(count: int) -> PollCommit:
    made = tuple(article(number) for number in range(count))
    return PollCommit(made, (), tuple(SeenEntry(f"i{number}", f"a{number}") for number in range(count)))


def write(archive: Archive, commit: PollCommit, state: FeedState = STATE, now: datetime = NOW) -> None:
    with archive.begin() as connection:
        write_poll(connection, state, commit, now)


def rows(archive: Archive, table: Any) -> list[Any]:
    with archive.read() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))


def test_everything_of_a_poll_is_kept_and_twice_is_once(archive: Archive) -> None:
    for _ in range(2):
        write(archive, commit_of(3))
    kept = rows(archive, articles)
    assert [decode_article(row.record) for row in kept] == [article(number) for number in range(3)]
    assert all(row.waiting and row.revision == 1 and row.content_hash == content_hash(article(0)) for row in kept[:1])
    assert [(row.article, row.revision, row.added_at) for row in rows(archive, outbox)] == [
        ("a0", 1, NOW),
        ("a1", 1, NOW),
        ("a2", 1, NOW),
    ]
    assert [(row.feed, row.identity, row.article) for row in rows(archive, entries)] == [
        ("f", "i0", "a0"),
        ("f", "i1", "a1"),
        ("f", "i2", "a2"),
    ]


def test_known_articles_come_back_by_identity(archive: Archive) -> None:
    write(archive, commit_of(1_203))
    names = [f"i{number}" for number in range(-5, 1_203)]
    with archive.read() as connection:
        known = known_articles(connection, "f", names)
        assert known_articles(connection, "another feed", names) == {}
    assert len(known) == 1_203
    one = known["i7"]
    assert (one.id, one.revision, one.title, one.url, one.published, one.first_seen) == (
        "a7",
        1,
        "t7",
        "https://a.example/7",
        NOW,
        NOW,
    )
    assert one.content_hash == content_hash(article(7))


def test_a_revision_takes_the_articles_place_and_waits_again(archive: Archive) -> None:
    write(archive, commit_of(1))
    with archive.begin() as connection:
        connection.execute(outbox.delete())
        connection.execute(articles.update().values(waiting=False, done_revision=1, done_at=NOW, sends=3, sent_at=NOW))
    later = NOW + timedelta(hours=1)
    second = article(0, 2, "other text")
    for _ in range(2):
        write(archive, PollCommit(revisions=(second,)), now=later)
    (row,) = rows(archive, articles)
    assert decode_article(row.record) == second
    assert (row.revision, row.waiting, row.sends, row.sent_at, row.done_revision) == (2, True, 0, None, 1)
    assert row.content_hash == content_hash(second)
    (old,) = rows(archive, revisions)
    assert (old.article, old.revision, old.replaced_at) == ("a0", 1, later)
    assert decode_article(old.record) == article(0)
    assert [(one.article, one.revision) for one in rows(archive, outbox)] == [("a0", 2)]


def test_an_identity_may_come_to_name_another_article(archive: Archive) -> None:
    write(archive, commit_of(2))
    write(archive, PollCommit(seen=(SeenEntry("i0", "a1"),)))
    with archive.read() as connection:
        assert known_articles(connection, "f", ["i0"])["i0"].id == "a1"


def test_the_feeds_state_is_what_the_last_poll_says(archive: Archive) -> None:
    write(archive, PollCommit())
    failed = replace(STATE, outcome="http", error="http: status 500", failures=2)
    write(archive, PollCommit(), failed)
    with archive.read() as connection:
        assert feed_states(connection) == {"f": failed}
    assert len(rows(archive, feeds)) == 1


def test_the_dead_are_kept_once(archive: Archive) -> None:
    one = DeadArticle("d1", 1, "parse", "EmptyEntry: nothing", "e30=", NOW)
    write(archive, PollCommit(dead=(one,)))
    write(archive, PollCommit(dead=(replace(one, at=NOW + timedelta(days=1)),)))
    (row,) = rows(archive, dead)
    assert (row.article, row.step, row.feed, row.error, row.raw, row.at) == ("d1", "parse", "f", one.error, "e30=", NOW)
    with archive.read() as connection:
        assert known_dead(connection, ["d0", "d1"]) == {"d1"}
    assert PollCommit(dead=(one,)).without_dead({"d1"}) == PollCommit()


def test_a_poll_that_fails_half_way_leaves_nothing(archive: Archive) -> None:
    def half_way() -> None:
        with archive.begin() as connection:
            write_poll(connection, STATE, commit_of(2), NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half_way()
    assert [rows(archive, table) for table in (articles, entries, outbox, feeds)] == [[], [], [], []]

"""The outbox gives out what Kafka has not acknowledged, and again what was lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from builders import NOON, an_article, an_enriched, poll_in
from sqlalchemy import event, insert, text, update

from streams.archive import articles, facts, outbox
from streams.archive.engine import Archive
from streams.archive.schema import articles as articles_table
from streams.archive.schema import outbox as outbox_table
from streams.records import decode_article

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def send(archive: Archive, run: str = "run-1", at=NOON) -> list[str]:  # type: ignore[no-untyped-def]
    with archive.begin() as connection:
        batch = outbox.unsent(connection, 100)
        outbox.mark_sent(connection, batch, run, at)
    return [one.article for one in batch]


def finish(archive: Archive, name: str, at=NOON) -> None:  # type: ignore[no-untyped-def]
    with archive.begin() as connection:
        articles.mark_done(connection, an_enriched(name), at)


def test_oldest_first_and_gone_once_acknowledged(archive: Archive) -> None:
    poll_in(archive, an_article("late"), at=NOON + SECOND)
    poll_in(archive, an_article("early"), at=NOON)
    with archive.begin() as connection:
        first, second = outbox.unsent(connection, 10)
        assert decode_article(first.record) == an_article("early")
        outbox.mark_sent(connection, [first], "run-1", NOON)
        assert [one.article for one in outbox.unsent(connection, 10)] == [second.article]
        assert outbox.waiting_and_oldest(connection) == (1, NOON + SECOND)
        assert outbox.in_flight(connection, "run-1") == 1
        assert outbox.in_flight(connection, "run-0") == 0


def test_sending_the_newest_revision_serves_the_rows_of_older_ones(archive: Archive) -> None:
    poll_in(archive, an_article("one"))
    with archive.begin() as connection:
        newest = an_article("one", revision=2, title="Changed")
        connection.execute(
            update(articles_table)
            .where(articles_table.c.id == newest.id)
            .values(revision=2, record=articles.encode_article(newest).decode())
        )
        connection.execute(insert(outbox_table).values(article=newest.id, revision=2, added_at=NOON))
        batch = outbox.unsent(connection, 10)
        assert {decode_article(one.record).title for one in batch} == {"Changed"}
        outbox.mark_sent(connection, batch[:1], "run-1", NOON)
        assert outbox.unsent(connection, 10) == []


def test_what_an_earlier_broker_held_is_sent_again_but_not_what_is_done(archive: Archive) -> None:
    poll_in(archive, an_article("lost"), an_article("done"))
    send(archive, "run-1")
    finish(archive, "done")
    with archive.begin() as connection:
        assert not outbox.has_lost(connection, "run-1")
        assert outbox.has_lost(connection, "run-2")
        assert outbox.send_lost_again(connection, "run-2", NOON) == 1
        assert outbox.send_lost_again(connection, "run-2", NOON) == 0
    assert send(archive, "run-2") == [an_article("lost").id]


def one_partition(_article: str) -> int:
    return 0


def test_an_article_overtaken_by_later_ones_is_sent_again_and_only_once(archive: Archive) -> None:
    poll_in(archive, an_article("stuck"), an_article("first"))
    send(archive, at=NOON)
    finish(archive, "first", NOON)
    poll_in(archive, an_article("later"))
    send(archive, at=NOON + 2 * MINUTE)
    finish(archive, "later", NOON + 2 * MINUTE)
    with archive.begin() as connection:
        assert outbox.send_overdue_again(connection, one_partition, NOON + 50 * SECOND) == 0
        assert outbox.send_overdue_again(connection, one_partition, NOON + 2 * MINUTE + SECOND) == 1
        assert outbox.send_overdue_again(connection, one_partition, NOON + 2 * MINUTE + SECOND) == 0
    assert send(archive, at=NOON + 3 * MINUTE) == [an_article("stuck").id]


def test_a_long_backlog_that_moves_is_not_sent_again(archive: Archive) -> None:
    poll_in(archive, *(an_article(str(number)) for number in range(20)))
    send(archive, at=NOON)
    finish(archive, "0", NOON + 60 * MINUTE)
    with archive.begin() as connection:
        assert outbox.send_overdue_again(connection, one_partition, NOON + 61 * MINUTE) == 0


def test_what_waits_is_found_by_its_own_small_index(archive: Archive) -> None:
    poll_in(archive, an_article("one"))
    finish(archive, "one")
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with archive.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        assert articles.waiting(connection) == articles.Waiting(0, None)
        assert not outbox.has_lost(connection, "another run")
        assert not articles.sent_before_and_waiting(connection, NOON)
        event.remove(connection, "before_cursor_execute", note)
        selects = [one for one in asked if one[0].startswith("SELECT")]
        explain = "explain query plan" if archive.is_sqlite else "explain"
        if not archive.is_sqlite:  # with a handful of rows it rightly reads them all
            connection.execute(text("set local enable_seqscan = off"))
        for statement, parameters in selects:
            rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            assert "ix_articles_waiting" in " ".join(str(row) for row in rows), statement
    assert len(selects) == 3


def steps_of_the_look(archive: Archive) -> int:
    """How many hundred steps SQLite's machine takes for it."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with archive.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(step, 100)
        outbox.send_overdue_again(connection, one_partition, NOON)
        driver.set_progress_handler(None, 0)
    return steps


def test_the_look_for_what_is_overdue_costs_the_same_after_years(sqlite_archive: Archive) -> None:
    archive = sqlite_archive
    costs = []
    for year in range(2):
        names = [f"{year}-{number}" for number in range(300 + 3_000 * year)]
        poll_in(archive, *(an_article(name) for name in names))
        send(archive)
        with archive.begin() as connection:
            connection.execute(
                update(articles_table).values(waiting=False, done_revision=1, done_at=NOON, sent_at=NOON)
            )
        costs.append(steps_of_the_look(archive))
    assert costs[0] > 0
    assert costs[1] < 2 * costs[0]


def test_one_statement_tells_how_things_stand_for_who_publishes(archive: Archive) -> None:
    assert archive.glance(outbox.standing) == outbox.Standing(0, None, is_broker_recycling=False)
    poll_in(archive, an_article("one"), an_article("two"))
    with archive.begin() as connection:
        facts.tell(connection, facts.BROKER_RUN, "run 1", NOON)
        facts.tell(connection, facts.BROKER_RECYCLING, "since noon", NOON)
    assert archive.glance(outbox.standing) == outbox.Standing(2, "run 1", is_broker_recycling=True)

"""An archive moves whole into another database, also in two goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import NOON, a_hit, an_article, an_enriched, poll_in
from sqlalchemy import delete, select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from streams.archive import audit, facts, moving, roles
from streams.archive.engine import Archive, open_archive
from streams.archive.leases import renew
from streams.archive.metadata import metadata
from streams.archive.moving import move, refuse_half_moved
from streams.archive.schema import articles, watch_sequence
from streams.archive.watch_changes import GivenWatch, OwnerLimits, put_watches
from streams.errors import ArchiveUnusable

WATCH = {"road": Watch(id="road", any=(TownCondition(town="Khanasser"),))}


@pytest.fixture
def source(tmp_path: Path) -> Archive:
    """An archive in SQLite with something in most tables."""
    source = open_archive(f"sqlite:///{tmp_path / 'source.sqlite'}")
    for number in range(25):
        enriched = an_enriched(f"n{number}", text=f"Khanasser. {'été حلب ' * number}{number}", title="a\tb\n\\N")
        record_article(source, enriched, [a_hit(enriched)] if number % 3 == 0 else [], WATCH, ["desk"], NOON)
    poll_in(source, *(an_article(f"w{number}") for number in range(5)))
    with source.begin() as connection:
        put_watches(connection, "desk", [GivenWatch("a", "{}"), GivenWatch("b", "{}")], OwnerLimits(9, 9), NOON)
        roles.start(connection, "work", "here", 1, "a:1", NOON)
        renew(connection, "poller", NOON)
        facts.tell(connection, "broker.run", "1", NOON)
    return source


def everything(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    with archive.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def test_every_row_of_every_table_is_the_same_there(source: Archive, archive: Archive) -> None:
    seen: dict[str, tuple[int, int]] = {}
    counts = move(source, archive, NOON, lambda table, done, total: seen.update({table: (done, total)}))
    assert everything(archive) == everything(source)
    assert counts["articles"] == 30
    assert {table: len(rows) for table, rows in everything(source).items()} == counts
    assert seen["articles"] == (30, 30)
    assert seen["mentions"][0] == seen["mentions"][1] == counts["mentions"]


def test_what_is_numbered_goes_on_after_the_last_number(source: Archive, archive: Archive) -> None:
    with source.begin() as connection:
        for action in ("alert.acknowledge", "alert.snooze"):
            audit.note(connection, "ana", action, "a", NOON)
    move(source, archive, NOON)
    with archive.begin() as connection:
        audit.note(connection, "ana", "alert.label_right", "a", NOON)
        assert [one.action for one in audit.changes_of(connection, "a")] == [
            "alert.acknowledge", "alert.snooze", "alert.label_right",
        ]  # fmt: skip


def test_a_move_that_was_stopped_goes_on_where_it_was(
    source: Archive, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_PAGE", 4)

    def stop(table: str, done: int, _total: int) -> None:
        if (table, done) == ("articles", 12):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, archive, NOON, stop)
    with archive.read() as connection:
        assert len(connection.execute(select(articles.c.id)).all()) == 12
    with pytest.raises(ArchiveUnusable, match=r"the beginning of a move from sqlite:///.*source.sqlite, not all of it"):
        refuse_half_moved(archive)
    again: list[int] = []
    move(source, archive, NOON, lambda table, done, _total: again.append(done) if table == "articles" else None)
    assert again == [16, 20, 24, 28, 30]
    refuse_half_moved(archive)
    assert everything(archive) == everything(source)


def test_nothing_is_written_over_another_archive(source: Archive, archive: Archive) -> None:
    poll_in(archive, an_article("theirs"))
    with pytest.raises(ArchiveUnusable, match="there is an archive in it already"):
        move(source, archive, NOON)
    with archive.begin() as connection:
        connection.execute(delete(articles))
        facts.tell(connection, "moving.from", "sqlite:///other.sqlite", NOON)
    with pytest.raises(ArchiveUnusable, match="the beginning of a move from sqlite:///other"):
        move(source, archive, NOON)


def test_counts_that_differ_at_the_end_are_told(source: Archive, archive: Archive) -> None:
    def lose(table: str, done: int, total: int) -> None:
        if table == "watches" and done == total:
            with archive.begin() as connection:
                connection.execute(delete(metadata.tables["roles"]))
                connection.execute(delete(watch_sequence))

    with pytest.raises(ArchiveUnusable, match=r"roles has 0 rows instead of 1|watch_sequence has 0"):
        move(source, archive, NOON, lose)

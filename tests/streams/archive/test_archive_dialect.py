"""What both databases are held to though they differ: order, text, locks, and errors that pass."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from builders import NOON
from sqlalchemy import delete, select, text

from streams.archive import facts
from streams.archive.dialect import address, hold, insert_absent, take_time, upsert
from streams.archive.engine import Archive
from streams.archive.schema import facts as table
from streams.errors import ArchiveUnavailable


def a_fact(name: str, value: str = "1") -> dict[str, object]:
    return {"name": name, "value": value, "at": NOON}


def test_text_is_ordered_by_code_point(archive: Archive) -> None:
    names = ["Zoo", "alep", "Alep", "été", "etat", "حلب", "a-b", "ab"]
    with archive.begin() as connection:
        upsert(connection, table, [a_fact(name) for name in names])
        assert list(connection.execute(select(table.c.name).order_by(table.c.name)).scalars()) == sorted(names)


def test_what_is_there_is_left_or_updated_as_asked(archive: Archive) -> None:
    with archive.begin() as connection:
        upsert(connection, table, [a_fact("a"), a_fact("b")])
        upsert(connection, table, [a_fact("a", "2")])
        assert facts.told(connection, "a") == "1"
        upsert(connection, table, [a_fact("a", "2"), a_fact("c")], update=("value",))
        assert [facts.told(connection, name) for name in "abc"] == ["2", "1", "1"]
        chosen = select(table.c.name.concat("!"), table.c.value, table.c.at).where(table.c.name != "b")
        assert insert_absent(connection, table, ["name", "value", "at"], chosen) == 2
        assert insert_absent(connection, table, ["name", "value", "at"], chosen.where(table.c.name < "b")) == 1


def test_a_nul_in_a_text_does_not_stop_it(archive: Archive) -> None:
    with archive.begin() as connection:
        facts.tell(connection, "nul", "a\0b", NOON)
        told = facts.told(connection, "nul")
    assert told in ("a\0b", "a\ufffdb")
    assert told is not None
    assert ("\0" in told) == archive.is_sqlite


def test_a_reader_sees_one_moment(archive: Archive) -> None:
    with archive.read() as reader:
        assert facts.told(reader, "late") is None
        with archive.begin() as writer:
            facts.tell(writer, "late", "1", NOON)
        assert facts.told(reader, "late") is None
    with archive.read() as reader:
        assert facts.told(reader, "late") == "1"


def test_two_who_need_the_same_names_in_any_order_take_turns(archive: Archive) -> None:
    """Each reads, waits for the other to be about to, and writes: without the lock one's work would be lost."""
    rounds = 15
    trouble: list[BaseException] = []

    def count(names: list[str]) -> None:
        try:
            for _ in range(rounds):
                with archive.begin() as connection:
                    hold(connection, "watch", names)
                    value = int(facts.told(connection, "count") or 0)
                    facts.tell(connection, "count", str(value + 1), NOON)
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=count, args=(names,)) for names in (["a", "b", "c"], ["c", "a"], ["b", "c"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert trouble == []
    with archive.read() as connection:
        assert facts.told(connection, "count") == str(3 * rounds)


@pytest.mark.services
def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(postgres_archive: Archive) -> None:
    archive = postgres_archive
    with archive.begin() as connection:
        upsert(connection, table, [a_fact("a"), a_fact("b")])
    both = threading.Barrier(2)
    ends: list[str] = []

    def change(first: str, second: str) -> None:
        try:
            with archive.begin() as connection:
                facts.tell(connection, first, "2", NOON)
                both.wait(60)
                facts.tell(connection, second, "2", NOON)
            ends.append("done")
        except ArchiveUnavailable as error:
            ends.append("again" if "deadlock" in str(error) else str(error))

    threads = [threading.Thread(target=change, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(ends) == ["again", "done"]


@pytest.mark.services
def test_a_writer_that_stands_still_loses_its_transaction(postgres_archive: Archive) -> None:
    with postgres_archive.read() as connection:
        assert connection.execute(text("show idle_in_transaction_session_timeout")).scalar() == "0"
    with postgres_archive.begin() as connection:
        assert connection.execute(text("show idle_in_transaction_session_timeout")).scalar() == "20s"
        assert connection.execute(text("show timezone")).scalar() == "UTC"
        take_time(connection)
        assert connection.execute(text("show idle_in_transaction_session_timeout")).scalar() == "0"

    def stand_still() -> None:
        with postgres_archive.begin() as connection:
            connection.execute(text("set local idle_in_transaction_session_timeout = '50ms'"))
            ended = "select 1 from pg_stat_activity where pid = :pid"
            pid = connection.execute(text("select pg_backend_pid()")).scalar()
            while True:
                with postgres_archive.read() as other:
                    if other.execute(text(ended), {"pid": pid}).first() is None:
                        break
            connection.execute(delete(table))

    with pytest.raises(ArchiveUnavailable, match=r"idle-in-transaction|closed"):
        stand_still()


@pytest.mark.parametrize("given", ["postgresql://a@h/db", "postgres://a@h/db", "postgresql+psycopg://a@h/db"])
def test_every_way_to_write_an_address_means_psycopg_3(given: str) -> None:
    assert address(given).render_as_string() == "postgresql+psycopg://a@h/db"


def test_a_file_for_sqlite_gets_its_directory(tmp_path: Path) -> None:
    Archive(f"sqlite:///{tmp_path}/a/b/archive.sqlite").close()
    assert (tmp_path / "a" / "b").is_dir()

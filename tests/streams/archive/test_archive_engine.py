"""The archive opens, migrates and keeps its promises about transactions."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from builders import NOON
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url

from streams.archive import facts
from streams.archive.engine import Archive, open_archive
from streams.archive.metadata import metadata
from streams.archive.schema import facts as facts_table
from streams.archive.word_schema import belongs_to_metadata
from streams.errors import ArchiveUnavailable, ArchiveUnusable

_OPTIONS = {"include_name": belongs_to_metadata}


def test_the_migrations_make_exactly_the_schema(archive: Archive) -> None:
    with archive.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=_OPTIONS), metadata) == []


def test_several_processes_may_migrate_at_once(empty_archive: str) -> None:
    program = "import sys; from streams.archive.engine import open_archive; open_archive(sys.argv[1])"
    processes = [subprocess.Popen([sys.executable, "-c", program, empty_archive]) for _ in range(4)]
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    archive = open_archive(empty_archive)
    with archive.read() as connection:
        assert connection.execute(text("select count(*) from alembic_version")).scalar() == 1
        assert compare_metadata(MigrationContext.configure(connection, opts=_OPTIONS), metadata) == []
    archive.close()


def test_an_exception_rolls_everything_back(archive: Archive) -> None:
    with pytest.raises(RuntimeError, match="half-way"), archive.begin() as connection:  # noqa: PT012
        facts.tell(connection, "a", "1", NOON)
        raise RuntimeError("half-way")
    with archive.read() as connection:
        assert facts.told(connection, "a") is None


def test_times_come_back_in_utc(archive: Archive) -> None:
    paris = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    with archive.begin() as connection:
        facts.tell(connection, "a", "1", paris)
    with archive.read() as connection:
        kept = connection.execute(select(facts_table.c.at)).scalar_one()
    assert kept == paris
    assert kept.tzinfo is UTC


def test_a_time_without_a_timezone_is_refused(archive: Archive) -> None:
    with pytest.raises(Exception, match="without a timezone"), archive.begin() as connection:
        connection.execute(insert(facts_table).values(name="a", value="1", at=datetime(2026, 1, 1)))


def test_a_reader_is_not_blocked_by_a_writer(archive: Archive) -> None:
    with archive.begin() as writer:
        facts.tell(writer, "a", "1", NOON)
        with archive.read() as reader:
            assert facts.told(reader, "a") is None
    with archive.read() as reader:
        assert facts.told(reader, "a") == "1"


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").mkdir()
    with pytest.raises(ArchiveUnavailable, match="unable to open"):
        open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")


def test_what_is_no_archive_of_ours_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "noise.sqlite").write_bytes(b"no database at all " * 500)
    with pytest.raises(ArchiveUnusable, match="not a database; move it away"):
        open_archive(f"sqlite:///{tmp_path / 'noise.sqlite'}")


def test_an_archive_of_a_newer_newswatch_is_left_alone(empty_archive: str) -> None:
    newer = open_archive(empty_archive)
    with newer.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    newer.close()
    with pytest.raises(ArchiveUnusable, match="newer newswatch") as refused:
        open_archive(empty_archive)
    assert (make_url(empty_archive).password or "no password") not in str(refused.value)


def test_a_fact_is_told_again_and_taken_back(archive: Archive) -> None:
    with archive.begin() as connection:
        facts.tell(connection, "a", "1", NOON)
        facts.tell(connection, "a", "2", NOON)
        assert facts.told(connection, "a") == "2"
        facts.take_back(connection, "a")
        assert facts.told(connection, "a") is None


def test_a_glance_sees_what_is_committed_and_begins_nothing(archive: Archive) -> None:
    assert archive.glance(lambda connection: facts.told(connection, "a")) is None
    with archive.begin() as connection:
        facts.tell(connection, "a", "1", NOON)
        assert archive.glance(lambda glancing: facts.told(glancing, "a")) is None
    assert archive.glance(lambda connection: facts.told(connection, "a")) == "1"
    with archive.begin() as connection:  # on the connection that glanced: transactions are whole there again
        facts.tell(connection, "a", "2", NOON)
        assert archive.glance(lambda glancing: facts.told(glancing, "a")) == "1"
    assert archive.glance(lambda connection: facts.told(connection, "a")) == "2"

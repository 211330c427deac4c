"""Migrations go forward on both databases, after a backup of what is there, once."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import alembic.command
import pytest
from real_postgres import PASSWORD, RealPostgres
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from streams.archive import audit, migrating
from streams.archive.dialect import address
from streams.archive.engine import Archive, open_archive
from streams.archive.migrating import newest_revision
from streams.clock import utc_now
from streams.errors import ArchiveUnusable

OLDER = "0003"


def older(url: str, shape: str = OLDER) -> str:
    """An archive of an older shape, with an alert in it."""
    engine = create_engine(address(url))
    with engine.begin() as connection:
        config = migrating._config()
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, shape)
        connection.execute(
            text(
                "INSERT INTO alerts (id, revision, status, watch, story, opened_at, record)"
                " VALUES ('a1', 1, 'open', 'road', 's1', '2026-03-01 12:00:00', '{}')"
            )
        )
    engine.dispose()
    return url


def shape_of(archive: Archive) -> tuple[str, int]:
    with archive.read() as connection:
        shape = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        return shape, connection.execute(text("SELECT count(*) FROM alert_revisions WHERE alert = 'a1'")).scalar_one()


def test_an_older_archive_is_backed_up_and_brought_forward(empty_archive: str, tmp_path: Path) -> None:
    archive = open_archive(older(empty_archive), tmp_path / "backups")
    assert shape_of(archive) == (newest_revision(), 1)
    archive.close()
    if archive.is_sqlite:
        with sqlite3.connect(tmp_path / f"archive.sqlite.before-{newest_revision()}") as backup:
            assert backup.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLDER,)]
            assert backup.execute("SELECT id FROM alerts").fetchall() == [("a1",)]
    else:
        (dump,) = (tmp_path / "backups").iterdir()
        assert dump.name.endswith(f".before-{newest_revision()}.dump")
        listed = subprocess.run(
            ["pg_restore", "--data-only", "--table=alerts", "-f", "-", dump], check=True, capture_output=True
        )
        assert b"a1\t1\topen\troad" in listed.stdout


def test_what_people_did_to_alerts_moves_into_the_audit_log(empty_archive: str, tmp_path: Path) -> None:
    engine = create_engine(address(older(empty_archive, "0013")))
    with engine.begin() as connection:
        for number, (action, detail) in enumerate([("acknowledge", "called"), ("take back", "")], start=1):
            connection.execute(
                text(
                    "INSERT INTO alert_actions (id, subject, action, actor, at, detail)"
                    " VALUES (:id, 'a1', :action, 'ana', '2026-03-01 12:00:00', :detail)"
                ),
                {"id": number, "action": action, "detail": detail},
            )
    engine.dispose()
    archive = open_archive(empty_archive, tmp_path / "backups")
    with archive.begin() as connection:
        audit.note(connection, "ben", "alert.snooze", "a1", utc_now(), {"until": "tomorrow"})
        told = [(one.action, one.who, one.said()) for one in audit.changes_of(connection, "a1")]
    archive.close()
    assert told == [
        ("alert.acknowledge", "ana", "called"),
        ("alert.take_back", "ana", ""),
        ("alert.snooze", "ben", "until tomorrow"),
    ]


def test_of_several_that_start_at_once_one_migrates_and_backs_up(empty_archive: str, tmp_path: Path) -> None:
    older(empty_archive)
    program = (
        "import logging, sys; from pathlib import Path; logging.basicConfig(level='WARNING');"
        "from streams.archive.engine import open_archive; open_archive(sys.argv[1], Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, empty_archive, str(tmp_path / "backups")]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], told
    assert sorted(one.count("is brought from shape") for one in told) == [0, 0, 1]
    archive = open_archive(empty_archive)
    assert shape_of(archive) == (newest_revision(), 1)
    archive.close()


def test_an_archive_that_cannot_be_backed_up_is_not_migrated(tmp_path: Path) -> None:
    url = older(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    (tmp_path / f"archive.sqlite.before-{newest_revision()}" / "in the way").mkdir(parents=True)
    with pytest.raises(ArchiveUnusable, match="could not be copied"):
        open_archive(url)
    with sqlite3.connect(tmp_path / "archive.sqlite") as left_alone:
        assert left_alone.execute("SELECT version_num FROM alembic_version").fetchall() == [(OLDER,)]
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.services
def test_a_command_that_only_asks_does_not_migrate_a_database_of_others(postgres: RealPostgres) -> None:
    url = make_url(postgres.fresh("asked")).set(password=PASSWORD).render_as_string(hide_password=False)
    with pytest.raises(ArchiveUnusable, match="an older newswatch's: start newswatch on it") as refused:
        open_archive(older(url))
    assert PASSWORD not in str(refused.value)


@pytest.mark.services
def test_without_pg_dump_it_says_that_there_is_no_backup(
    postgres: RealPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(postgres.fresh("undumped")).set(password=PASSWORD).render_as_string(hide_password=False)
    older(url)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pg_dump") is None
    with caplog.at_level(logging.WARNING):
        archive = open_archive(url, tmp_path / "backups")
    assert shape_of(archive) == (newest_revision(), 1)
    archive.close()
    assert "NO BACKUP is made" in caplog.text
    assert PASSWORD not in caplog.text
    assert not (tmp_path / "backups").exists()

"""`newswatch archive`, run as a person runs it, on both databases."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from builders import NOON, an_article, poll_in
from sqlalchemy import select

from newswatch.cli.main import main
from newswatch.config_file import load_settings
from streams.archive import roles
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import articles
from streams.clock import utc_now


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def newswatch(*arguments: object) -> Done:
    """The console script itself, in this process: a new one takes seconds to import."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patched,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patched.setattr(sys, "argv", ["newswatch", "archive", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture
def config(tmp_path: Path, empty_archive: str) -> Path:
    """A settings file whose archive holds one article."""
    path = tmp_path / "newswatch.yaml"
    path.write_text(f"data_dir: data\narchive: {json.dumps(empty_archive)}\nretention:\n  articles_days: 1\n")
    with_article(path, "one")
    return path


def opened(config: Path) -> Archive:
    settings = load_settings(config)
    return open_archive(settings.archive_url(), settings.backups_dir())


def with_article(config: Path, name: str) -> None:
    archive = opened(config)
    poll_in(archive, an_article(name))
    archive.close()


def ids(config: Path) -> set[str]:
    archive = opened(config)
    with archive.read() as connection:
        found = set(connection.execute(select(articles.c.id)).scalars())
    archive.close()
    return found


def test_a_backup_is_restored_and_what_was_there_is_kept(config: Path, tmp_path: Path) -> None:
    copied = newswatch("backup", "-c", config)
    assert copied.returncode == 0, copied.stderr
    copy = Path(copied.stdout.strip())
    assert copy.parent == tmp_path / "data" / "backups"
    with_article(config, "two")
    refused = newswatch("restore", copy, "-c", config)
    assert refused.returncode == 1
    assert "say --yes" in refused.stderr
    done = newswatch("restore", copy, "-c", config, "--yes")
    assert done.returncode == 0, done.stderr
    assert ids(config) == {an_article("one").id}
    kept = Path(done.stdout.strip().rpartition(" ")[2])
    assert newswatch("restore", kept, "-c", config, "--yes").returncode == 0
    assert ids(config) == {an_article("one").id, an_article("two").id}
    again = newswatch("backup", copy, "-c", config)
    assert again.returncode == 1
    assert "is there already" in again.stderr


def test_nothing_is_restored_under_a_newswatch_that_runs_or_from_what_is_no_copy(config: Path, tmp_path: Path) -> None:
    copy = Path(newswatch("backup", tmp_path / "copy", "-c", config).stdout.strip())
    noise = tmp_path / "noise"
    noise.write_text("no copy of anything")
    refused = newswatch("restore", noise, "-c", config, "--yes")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"{noise} is no" in refused.stderr
    archive = opened(config)
    with archive.begin() as connection:
        roles.start(connection, "work", "here:1", 1, "a:1", utc_now())
    archive.close()
    refused = newswatch("restore", copy, "-c", config, "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "newswatch runs on this archive: work (here:1): stop it first" in refused.stderr


def test_pruning_says_what_it_took(config: Path) -> None:
    nothing = newswatch("prune", "-c", config)
    assert (nothing.returncode, nothing.stdout) == (0, "nothing is old enough\n")
    archive = opened(config)
    with archive.begin() as connection:
        connection.execute(articles.update().values(waiting=False, done_at=NOON))
    archive.close()
    done = newswatch("prune", "-c", config, "--json")
    assert json.loads(done.stdout)["articles"] == 1
    assert ids(config) == set()


@pytest.mark.services
def test_moving_from_sqlite_to_postgresql_by_command(postgres: Any, tmp_path: Path) -> None:
    from real_postgres import PASSWORD  # noqa: PLC0415

    config = tmp_path / "newswatch.yaml"
    config.write_text("data_dir: data\n")
    with_article(config, "one")
    (tmp_path / "password").write_text(PASSWORD)
    target = postgres.fresh("moved")
    done = newswatch("move", target, "-c", config, "--password", f"file:{tmp_path / 'password'}", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles"] == 1
    assert PASSWORD not in done.stdout + done.stderr
    config.write_text(f"data_dir: data\narchive: {target}\narchive_password: file:password\n")
    assert ids(config) == {an_article("one").id}
    bad = newswatch("move", "mysql://a:secret@b/c", "-c", config)
    assert bad.returncode == 1
    assert "no address of an archive" in bad.stderr
    assert "secret" not in bad.stderr

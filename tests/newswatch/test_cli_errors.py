"""Errors of the machine and of the person: one line, the right exit code, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from builders import an_article, poll_in

from newswatch.data_lock import hold_data_dir
from streams.archive.dead import set_aside
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import AlreadyRunning
from streams.records import DeadArticle


def newswatch(*arguments: str | Path, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newswatch", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        cwd=directory,
    )


def test_the_version_is_told(tmp_path: Path) -> None:
    done = newswatch("--version", directory=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"newswatch {version('newswatch')}\n")


@pytest.mark.parametrize("command", [("run",), ("status",), ("dead", "list"), ("dead", "retry"), ("poll",)])
def test_a_missing_settings_file_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = newswatch(*command, directory=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "newswatch.yaml:1:1: there is no such file" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "status"])
def test_a_data_directory_that_cannot_be_made_is_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "newswatch.yaml").write_text("data_dir: taken/inside\n", encoding="utf-8")
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    done = newswatch(command, directory=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("newswatch: ")
    assert str(tmp_path / "taken") in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_data_directory_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "newswatch.yaml").write_text("data_dir: data\n", encoding="utf-8")
    with hold_data_dir(tmp_path / "data"):
        done = newswatch("run", directory=tmp_path)
        with pytest.raises(AlreadyRunning, match="another newswatch runs here"), hold_data_dir(tmp_path / "data"):
            pass
    assert (done.returncode, done.stdout) == (1, "")
    assert "another newswatch runs here (process " in done.stderr
    assert done.stderr.count("\n") == 1
    with hold_data_dir(tmp_path / "data"):
        pass


def test_dead_articles_are_told_and_published_again(tmp_path: Path) -> None:
    (tmp_path / "newswatch.yaml").write_text("data_dir: data\n", encoding="utf-8")
    article = an_article()
    archive = open_archive(f"sqlite:///{tmp_path}/data/archive.sqlite")
    poll_in(archive, article)
    with archive.begin() as connection:
        set_aside(
            connection, DeadArticle(article.id, article.revision, "enrich", "first line\nsecond", "cmF3", utc_now())
        )
    archive.close()
    listed = newswatch("dead", "list", directory=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("\n") == 1
    assert listed.stdout.endswith(f"{article.id}  first line second\n")
    row = json.loads(newswatch("dead", "list", "--json", directory=tmp_path).stdout)
    assert (row["article"], row["error"]) == (article.id, "first line\nsecond")
    assert datetime.fromisoformat(row["at"]).tzinfo is not None
    again = newswatch("dead", "retry", article.id, "nosuch", directory=tmp_path)
    assert (again.returncode, again.stdout) == (1, "1 article is published again\n")
    assert again.stderr.startswith("nosuch: no dead article")
    assert newswatch("dead", "retry", directory=tmp_path).stdout == "0 articles are published again\n"

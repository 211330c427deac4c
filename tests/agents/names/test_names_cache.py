"""What killed processes left in the cache goes; what is in use or young stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from agents.names.cache import KEPT_BOOKS, LEFT_SECONDS, clear_leftovers


def _aged(path: Path, days: float) -> Path:
    at = time.time() - LEFT_SECONDS * days
    os.utime(path, (at, at))
    return path


def test_leftovers_go_and_the_rest_stays(tmp_path: Path) -> None:
    finished = tmp_path / "gazetteer-5-3.0.2"
    finished.mkdir()
    (finished / "meta.json").write_text("{}", encoding="utf-8")
    _aged(finished, 9)
    unfinished, young = tmp_path / "gazetteer-abc", tmp_path / "gazetteer-new"
    unfinished.mkdir()
    young.mkdir()
    _aged(unfinished, 2)
    (tmp_path / "book-part").write_bytes(b"x")
    _aged(tmp_path / "book-part", 2)
    books = []
    for at in range(KEPT_BOOKS + 3):
        book = tmp_path / f"book-{at}.pickle"
        book.write_bytes(b"x")
        books.append(_aged(book, 2 + at))
    clear_leftovers(tmp_path)
    assert finished.exists()
    assert young.exists()
    assert not unfinished.exists()
    assert not (tmp_path / "book-part").exists()
    assert [book.exists() for book in books] == [True] * KEPT_BOOKS + [False] * 3

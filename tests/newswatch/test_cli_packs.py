"""`newswatch packs list|check`, and a pack of one's own that overrides a bundled one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.names.packs import bundled_packs, read_pack

pytestmark = pytest.mark.slow

_MINE = """\
pack: mine
name: Mine
countries: [SY]
actors:
  - id: actor:hezbollah
    name: Hezbollah
    names: {fr: [Confrérie du Cèdre-Neuf]}
places:
  - id: place:zwyqq
    name: Zwyqq
    feature: village
    lat: 35.1
    lon: 37.1
    country: SY
tests:
  - text: "La Confrérie du Cèdre-Neuf est entrée à Zwyqq lundi."
    language: fr
    expect:
      - {surface: Confrérie du Cèdre-Neuf, kind: actor, entity: "actor:hezbollah"}
      - {surface: Zwyqq, kind: place, entity: "place:zwyqq"}
    absent: [lundi]
"""


def newswatch(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "newswatch", *arguments], capture_output=True, text=True, timeout=400, check=False,
        cwd=folder,
    )  # fmt: skip


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A pack of one's own."""
    pack = tmp_path / "mine.yaml"
    pack.write_text(_MINE, "utf-8")
    return pack


def test_every_bundled_pack_is_listed_with_what_it_holds(tmp_path: Path) -> None:
    told = newswatch("packs", "list", "--json", folder=tmp_path)
    rows = {row["pack"]: row for row in map(json.loads, told.stdout.splitlines())}
    assert [row["file"] for row in rows.values()] == [str(path) for path in bundled_packs()]
    syria = read_pack(next(path for path in bundled_packs() if path.stem == "syria"))
    assert rows["syria"]["places"] == len(syria.places)
    assert rows["syria"]["tests"] == len(syria.tests) >= 8
    assert all(row["bundled"] for row in rows.values())


def test_a_pack_whose_tests_hold_is_fine(mine: Path) -> None:
    told = newswatch("packs", "check", "mine.yaml", folder=mine.parent)
    assert (told.returncode, told.stdout) == (0, "1 pack, 1 test: fine\n"), told.stderr


def test_each_failure_is_told_with_file_and_line_and_the_exit_code_is_1(mine: Path) -> None:
    text = (
        mine.read_text("utf-8").replace('entity: "place:zwyqq"', 'entity: "place:other"').replace("[lundi]", "[Zwyqq]")
    )
    mine.write_text(text, "utf-8")
    told = newswatch("packs", "check", "mine.yaml", folder=mine.parent)
    assert told.returncode == 1
    first, second = told.stdout.splitlines()
    at = next(number for number, line in enumerate(text.splitlines(), 1) if "place:other" in line)
    assert first.startswith(f"mine.yaml:{at}: test 1: place 'Zwyqq' (place:other) was not found; found place 'Zwyqq' ")
    assert second == f"mine.yaml:{at + 1}: test 1: 'Zwyqq' was found and must not be"


def test_a_pack_of_the_settings_is_listed_and_overrides_by_id(mine: Path) -> None:
    (mine.parent / "newswatch.yaml").write_text("enrich:\n  packs: [mine.yaml]\n", "utf-8")
    listed = newswatch("packs", "list", folder=mine.parent).stdout.splitlines()
    assert listed[-1].startswith("mine ")
    assert "1 places, 1 actors, 0 routes, 1 tests" in listed[-1]
    other = mine.parent / "other.yaml"
    other.write_text(
        "pack: other\nname: Other\ntests:\n  - text: La Confrérie du Cèdre-Neuf est entrée à Zwyqq.\n    language: fr\n"
        '    expect: [{surface: Confrérie du Cèdre-Neuf, kind: actor, entity: "actor:hezbollah"}]\n',
        "utf-8",
    )
    assert newswatch("packs", "check", "other.yaml", folder=mine.parent).returncode == 0


def test_a_pack_without_tests_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text("pack: bare\nname: Bare\n", "utf-8")
    told = newswatch("packs", "check", "bare.yaml", folder=tmp_path)
    assert told.returncode == 1
    assert told.stdout == "bare.yaml:1: no tests; add `tests:` with texts and what they must give\n"


def test_mistakes_in_a_pack_are_findings_and_a_missing_file_is_usage(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "pack: bad\nname: Bad\nplaces:\n  - id: place:x\n    name: X\n    lat: 95\n", "utf-8"
    )
    told = newswatch("packs", "check", "bad.yaml", folder=tmp_path)
    assert told.returncode == 1
    assert "bad.yaml:6:5: places.0.lat: " in told.stdout
    told = newswatch("packs", "check", "absent.yaml", folder=tmp_path)
    assert told.returncode == 2


@pytest.mark.parametrize("path", bundled_packs(), ids=lambda path: path.stem)
def test_a_bundled_pack_has_tests_enough_to_show_what_it_is_for(path: Path) -> None:
    assert len(read_pack(path).tests) >= 8

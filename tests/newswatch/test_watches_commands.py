"""`newswatch watches ...` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from newswatch.kept_watches import definition_of, watch_of
from streams.archive.engine import open_archive
from streams.archive.watches import WatchRow, get_watch, list_watches, news_since

pytestmark = pytest.mark.slow

SETTINGS = """\
data_dir: data
endpoints: [{id: ops, kind: console}]
limits: {watches_per_owner: 5, changes_per_minute: 50}
watches:
  - id: of-file
    any: [{town: Homs, country: SY}]
"""
THREE = """\
watches:
  - id: khanasser-road
    name: "Aleppo: the desert road"
    any:
      - route: [Alep, Khanasser, Athriya]
        corridor_km: 10
    none: [{phrase: savon d'Alep}]
    languages: [fr, ar]
    notify: [ops]
  - id: libya
    owner: desk
    enabled: false
    all: [{area: {bbox: [9.5, 19.5, 25.0, 33.2]}}, {phrase: "l'\\"unité\\""}]
    sources: 2
    severity_by_sources: {critical: 3}
  - id: daech
    any: [{actor: داعش}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "newswatch.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def run(config: Path, *arguments: str, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "newswatch", "watches", *arguments, "--config", str(config)],
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def rows(config: Path) -> dict[str, WatchRow]:
    with open_archive(f"sqlite:///{config.parent / 'data' / 'archive.sqlite'}").read() as connection:
        return {row.id: row for row in list_watches(connection)}


def test_added_exported_and_imported_watches_are_unchanged(config: Path, tmp_path: Path) -> None:
    added = run(config, "add", "-", given=THREE)
    assert added.stdout.splitlines() == ["libya: added", "khanasser-road: added", "daech: added"]
    before = rows(config)
    assert {name: (row.owner, row.enabled) for name, row in before.items()} == {
        "khanasser-road": ("operator", True),
        "libya": ("desk", False),
        "daech": ("operator", True),
    }
    exported = run(config, "export").stdout
    path = tmp_path / "out.yaml"
    path.write_text(exported, encoding="utf-8")
    again = run(config, "import", str(path))
    assert sorted(again.stdout.splitlines()) == [f"{name}: unchanged" for name in sorted(before)]
    assert rows(config) == before
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = other / "newswatch.yaml"
    elsewhere.write_text(SETTINGS, encoding="utf-8")
    run(elsewhere, "import", str(path))
    assert run(elsewhere, "export").stdout == exported
    assert {name: row.definition for name, row in rows(elsewhere).items()} == {
        name: row.definition for name, row in before.items()
    }
    for row in before.values():
        assert definition_of(watch_of(row)) == row.definition


def test_all_mistakes_are_told_at_once_and_nothing_is_written(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "W.yaml"
    path.write_text(
        "watches:\n  - id: good\n    any: [{town: Homs, country: SY}]\n  - id: bad\n    owner: 'Not Good'\n"
        "    any:\n      - town: Xyzzkqu\n      - twon: Homs\n    sources: none\n",
        encoding="utf-8",
    )
    told = run(config, "add", str(path), code=1).stdout.splitlines()
    assert [line.removeprefix(f"{path}:").split(": ")[0] for line in told] == ["5:12", "7:15", "8:9", "9:14"]
    first, second = "{town: Homs, country: SY}", "{actor: Xyzzkqu}"
    path.write_text(f"- {{id: a, any: [{first}], notify: [nobody]}}\n- {{id: b, any: [{second}]}}\n", encoding="utf-8")
    told = run(config, "import", str(path), code=1).stdout.splitlines()
    assert told[0].startswith(f'{path}:1:54: no endpoint of the settings has the id "nobody"')
    assert told[1].startswith(f'{path}:2:25: no actor called "Xyzzkqu" is known')
    told = run(config, "add", "-", given="watches: [\n", code=1).stdout
    assert told.startswith("-:")
    assert rows(config) == {}


def test_the_short_form_makes_the_same_watch(config: Path) -> None:
    options = ["--route", "Alep, Khanasser, Athriya", "--town", "Homs", "--actor", "Daech", "--country", "SY"]
    run(config, "add", "--id", "x", "--name", "Short", *options, "--notify", "ops",
        "--severity", "info", "--sources", "2", "--severity-by-sources", "warning=3, critical=5")  # fmt: skip
    assert json.loads(rows(config)["x"].definition) == {
        "id": "x",
        "name": "Short",
        "notify": ["ops"],
        "sources": 2,
        "severity": "info",
        "severity_by_sources": {"warning": 3, "critical": 5},
        "any": [
            {"route": ["Alep", "Khanasser", "Athriya"]},
            {"town": "Homs"},
            {"actor": "Daech"},
            {"area": {"country": "SY"}},
        ],
    }
    told = run(config, "add", "--id", "Bad Id", "--town", "Xyzzkqu", code=1).stdout
    assert told.startswith('--id: "id" must be made of small letters')
    told = run(config, "add", "--id", "y", "--route", "Alep, Xyzzkqu", "--notify", "nobody", code=1).stdout.splitlines()
    assert told[0].startswith('--route Alep, Xyzzkqu: no place called "Xyzzkqu" is known')
    assert told[1].startswith('--notify: no endpoint of the settings has the id "nobody"')
    steps = ["--id", "y", "--town", "Homs, SY", "--severity-by-sources"]
    told = run(config, "add", *steps, "critical=many", code=1).stdout
    assert told.startswith("--severity-by-sources: "), told
    assert "warning=2,critical=4" in run(config, "add", *steps, "critical", code=2).stderr
    assert "--id" in run(config, "add", "--town", "Homs", code=2).stderr


def test_an_id_is_watched_once(config: Path) -> None:
    run(config, "add", "--id", "x", "--town", "Homs")
    assert (
        'there is a watch "x" already, of operator' in run(config, "add", "--id", "x", "--town", "Alep", code=1).stderr
    )
    refused = run(config, "add", "--id", "of-file", "--town", "Alep", code=1).stderr
    assert 'the settings file has a watch "of-file"' in refused
    assert "stands in the settings file" in run(config, "show", "of-file", code=1).stderr
    path = config
    path.write_text(SETTINGS.replace("of-file", "x"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "newswatch", "check-config", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith(f'{path}:5:9: the archive already has a watch "x", of operator')


def test_watches_are_edited_turned_off_and_removed(config: Path) -> None:
    run(config, "add", "-", given=THREE)
    shown = run(config, "show", "libya").stdout
    assert shown.startswith("# revision 1, added ")
    assert "owner: desk" in shown
    run(config, "edit", "libya", "-", given="id: libya\nany: [{town: Tripoli, country: LY}]\n")
    row = rows(config)["libya"]
    assert (row.revision, row.owner, row.enabled) == (2, "desk", False)
    wrong = "id: other\nany: [{town: Tripoli, country: LY}]\n"
    assert 'with the id "libya"' in run(config, "edit", "libya", "-", given=wrong, code=1).stderr
    assert "no terminal" in run(config, "edit", "libya", code=2).stderr
    assert run(config, "enable", "libya").stdout == "libya: on\n"
    assert run(config, "disable", "daech", "khanasser-road").stdout == "daech: off\nkhanasser-road: off\n"
    assert "belongs to desk" in run(config, "remove", "libya", "--owner", "operator", code=1).stderr
    assert run(config, "remove", "daech").stdout == "daech: removed\n"
    listed = [json.loads(line) for line in run(config, "list", "--json").stdout.splitlines()]
    assert [(one["id"], one["origin"], one["owner"], one["enabled"]) for one in listed] == [
        ("of-file", "file", None, True),
        ("khanasser-road", "archive", "operator", False),
        ("libya", "archive", "desk", True),
    ]
    assert "khanasser-road" in run(config, "list").stdout
    with open_archive(f"sqlite:///{config.parent / 'data' / 'archive.sqlite'}").read() as connection:
        assert get_watch(connection, "daech") is None
        assert [row.id for row in news_since(connection, 0).changed] == ["libya"]


def test_an_owner_is_held_to_its_limit(config: Path) -> None:
    many = "".join(f"- {{id: w{number}, any: [{{town: Homs, country: SY}}]}}\n" for number in range(6))
    refused = run(config, "import", "-", "--owner", "desk", given=many, code=1).stderr
    assert "desk has 0 watches and these are 6 more, 5 are the most" in refused
    assert rows(config) == {}

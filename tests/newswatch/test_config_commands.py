"""`newswatch check-config`, `backtest` and `explain`, run as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from builders import an_article, an_enriched

from newswatch.cli.backtest import parse_since
from streams.archive.articles import mark_done
from streams.archive.engine import open_archive
from streams.ids import alert_id, story_id

pytestmark = pytest.mark.slow

WATCHES = """\
watches:
  - id: khanasser-road
    any:
      - route: [Alep, Khanasser, Athriya]
        corridor_km: 10
    none: [{phrase: savon d'Alep}]
    notify: [ops]
  - id: libya
    any:
      - {town: Tripoli, country: LY}
"""
ARTICLES: tuple[dict[str, Any], ...] = (
    {"id": "a1", "title": "Trafic", "text": "La route Alep-Khanasser-Athriya a rouvert lundi.", "language": "fr"},
    {
        "id": "a2",
        "title": "Marché",
        "text": "À Alep, le savon d'Alep se vend bien, comme à Khanasser.",
        "language": "fr",
    },
    {
        "id": "a3",
        "title": "Storm",
        "text": "Heavy rain fell on Tripoli, the Libyan capital, on Monday.",
        "language": "en",
    },
    {"id": "a4", "title": "Trafic", "text": "La route Alep-Khanasser-Athriya a rouvert lundi.", "language": "fr"},
    {
        "id": "a5",
        "title": "Storm",
        "text": "Heavy rain fell on Tripoli, in northern Lebanon, on Monday.",
        "language": "en",
    },
)


def newswatch(*arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newswatch", *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture
def watch_file(tmp_path: Path) -> Path:
    path = tmp_path / "W.yaml"
    path.write_text(WATCHES, encoding="utf-8")
    return path


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_check_config_says_fine_with_counts_and_notes(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text(
        "feeds: [{url: 'https://news.example/rss'}, {url: 'http://localhost:8099/rss'}]\n"
        "endpoints: [{id: ops, kind: console}, {id: desk, kind: webhook, url: 'http://10.1.2.3/hook'}]\n"
        f"{WATCHES}  - id: paris\n    any:\n      - town: Paris\n",
        encoding="utf-8",
    )
    done = newswatch("check-config", path)
    assert (done.returncode, done.stdout) == (0, f"{path}: fine (2 feeds, 3 watches, 2 endpoints)\n")
    assert f"{path}:1:50: note: this feed will not be fetched: 127.0.0.1 is this machine itself" in done.stderr
    assert "poll: {allow_networks: [127.0.0.1]}" in done.stderr
    assert f"{path}:2:70: note: this endpoint will be told nothing: 10.1.2.3 is an address of a private" in done.stderr
    assert "notify: {allow_networks: [10.1.2.3]}" in done.stderr
    assert f'{path}:15:15: "Paris" also means ' in done.stderr
    assert "Khanasser" not in done.stderr


def test_check_config_prints_every_mistake_and_ends_with_1(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text("watches:\n  - {id: a, any: [{twon: x}]}\n  - {id: a, all: []}\n", encoding="utf-8")
    done = newswatch("check-config", path)
    assert done.returncode == 1
    told = [line.removeprefix(f"{path}:").split(": ")[0] for line in done.stdout.splitlines()]
    assert told == ["2:19", "3:5", "3:10"]


def test_check_config_tells_of_names_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text(
        "watches:\n  - id: a\n    any:\n      - town: Xyzzkqu\n      - actor: Daesch\n"
        "      - route: [Alep, Xqzzt]\n  - id: b\n    all:\n      - area: {country: XX}\n",
        encoding="utf-8",
    )
    done = newswatch("check-config", path)
    assert done.returncode == 1
    told = done.stdout.splitlines()
    assert told[0].startswith(f'{path}:4:15: no place called "Xyzzkqu" is known')
    assert told[1].startswith(f'{path}:5:16: no actor called "Daesch" is known: did you mean "Daech"')
    assert told[2].startswith(f'{path}:6:23: no place called "Xqzzt" is known')
    assert told[3].startswith(f'{path}:9:25: no country has the code "XX"')
    assert len(told) == 4


def test_check_config_tells_of_names_beside_the_other_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text(
        "feed: []\nwatches:\n  - id: Bad Id\n    any:\n      - town: Homs\n      - town: Xyzzkqu\n"
        "    all: [{route: [Alep]}]\n  - id: b\n    none: [{phrase: ''}, {route: [Alep, Xqzzt]}]\n",
        encoding="utf-8",
    )
    done = newswatch("check-config", path)
    assert done.returncode == 1
    told = [line.removeprefix(f"{path}:").split(": ")[0] for line in done.stdout.splitlines()]
    assert told == ["1:1", "3:9", "6:15", "7:19", "9:21", "9:41"]
    assert 'no place called "Xyzzkqu" is known' in done.stdout.splitlines()[2]
    assert 'no place called "Xqzzt" is known' in done.stdout.splitlines()[5]


def test_names_are_not_judged_where_a_pack_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text("enrich: {packs: [mine.yaml]}\nwatches:\n  - id: a\n    any: [{town: Xyzzkqu}]\n", encoding="utf-8")
    done = newswatch("check-config", path)
    assert done.returncode == 1
    assert done.stdout == f'{path}:1:18: there is no pack file "mine.yaml": correct the path, or leave it out\n'


def test_backtest_prints_hits_with_the_alert_each_belongs_to(watch_file: Path) -> None:
    done = newswatch("backtest", "--watches", watch_file, "-", given=lines(*ARTICLES))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["watch"], row["article"]) for row in rows] == [
        ("khanasser-road", "a1"),
        ("libya", "a3"),
        ("khanasser-road", "a4"),
    ]
    assert rows[0]["alert"] == rows[2]["alert"] == alert_id("khanasser-road", story_id("a1"))
    texts = {row["id"]: row for row in ARTICLES}
    for row in rows:
        assert set(row) == {"watch", "article", "alert", "evidence"}
        assert row["evidence"]
        for one in row["evidence"]:
            assert set(one) == {"field", "start", "end", "surface", "why"}
            assert texts[row["article"]][one["field"]][one["start"] : one["end"]] == one["surface"]


def test_explain_answers_for_every_article_and_goes_on_after_a_bad_line(watch_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_text("{no json\n" + lines(ARTICLES[2], ARTICLES[4]), encoding="utf-8")
    done = newswatch("explain", "--watches", watch_file, "--watch", "libya", path)
    assert done.returncode == 1
    assert f"{path}:1: " in done.stderr
    yes, no = (json.loads(line) for line in done.stdout.splitlines())
    assert set(yes) == {"article", "fires", "reason", "clause", "evidence"}
    assert (yes["article"], yes["fires"], yes["clause"]) == ("a3", True, "any[0].town")
    assert (no["article"], no["fires"], no["clause"]) == ("a5", False, "any[0].town")
    assert no["reason"].startswith("Tripoli was placed in Lebanon (")
    assert no["reason"].endswith("the watch is on Libya.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backtest",), "--watches"),
        (("backtest", "--watches", "W", "nowhere.jsonl"), "nowhere.jsonl is not a file"),
        (("backtest", "--watches", "W", "--archive", "--since", "soon"), "no time span or date"),
        (("backtest", "--watches", "W", "--archive", "some.jsonl"), "not both"),
        (("explain", "--watches", "W", "--watch", "lybia"), "did you mean 'libya'?"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], said: str, watch_file: Path) -> None:
    done = newswatch(*(watch_file if one == "W" else one for one in arguments))
    assert done.returncode == 2
    told = " ".join(done.stderr.replace("│", " ").split())
    assert said in told


@pytest.mark.parametrize("command", [("backtest", "--watches"), ("run", "--config"), ("work", "--config")])
def test_mistakes_in_the_watches_end_with_1_and_are_told_with_those_of_their_names(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "W.yaml"
    path.write_text("watches: [{id: a, any: [{town: Xqzzt}]}, {id: b, any: [{twon: Homs}]}]\n", encoding="utf-8")
    done = newswatch(*command, path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f'{path}:1:32: no place called "Xqzzt" is known' in done.stderr.replace("\\", "")
    assert f'{path}:1:56: unknown key "twon"' in done.stderr.replace("\\", "")
    assert not (tmp_path / "data").exists()


def test_backtest_over_the_archive_tells_what_live_told(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_text(f"data_dir: kept\n{WATCHES.replace('[ops]', '[]')}", encoding="utf-8")
    archive = open_archive(f"sqlite:///{tmp_path / 'kept' / 'archive.sqlite'}")
    now = datetime.now(UTC)
    with archive.begin() as connection:
        for name, seen in (("new", now), ("old", datetime(2020, 1, 1, tzinfo=UTC))):
            enriched = an_enriched(name, first_seen=seen)
            mention = replace(enriched.mentions[0], entity="geonames:168351", name="Khanasser", lat=35.78, lon=37.5)
            mark_done(connection, replace(enriched, mentions=(mention,)), now)
    archive.close()
    done = newswatch("backtest", "--watches", path, "--archive", "--since", "7d")
    assert done.returncode == 0, done.stderr
    (row,) = (json.loads(line) for line in done.stdout.splitlines())
    new = an_article("new").id
    assert (row["watch"], row["article"]) == ("khanasser-road", new)
    assert row["alert"] == alert_id("khanasser-road", story_id(new))
    assert [one["surface"] for one in row["evidence"]] == ["Khanasser"]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("30d", datetime(2026, 1, 30, 12, tzinfo=UTC)),
        ("12h", datetime(2026, 3, 1, 0, tzinfo=UTC)),
        ("2w", datetime(2026, 2, 15, 12, tzinfo=UTC)),
        ("90m", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T06:00:00+00:00", datetime(2026, 2, 1, 6, tzinfo=UTC)),
    ],
)
def test_since(written: str, instant: datetime) -> None:
    assert parse_since(written, datetime(2026, 3, 1, 12, tzinfo=UTC)) == instant


@pytest.mark.parametrize("written", ["", "30", "d", "-3d", "999999w", "yesterday"])
def test_since_that_means_nothing(written: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_since(written, datetime(2026, 3, 1, tzinfo=UTC))

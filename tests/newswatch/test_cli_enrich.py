"""`newswatch enrich`: one line out a line in, in order; mistakes on standard error; exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from newswatch.cli.enrich import run_enrich

MODELS = {"fr": "fr_core_news_md"}


def _run(file: Path, *, text: bool = False, language: str | None = None) -> tuple[int, list[dict[str, object]], str]:
    out, errors = io.StringIO(), io.StringIO()
    code = run_enrich(
        str(file), text=text, language=language, packs=(), models=MODELS, cache_dir=None, out=out, errors=errors
    )
    return code, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()


def test_articles_come_out_in_order_with_their_mentions(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    rows = [
        {"id": str(at), "title": "Khanasser reprise", "text": "Des tirs sur la route Alep-Khanasser-Athriya."}
        for at in range(40)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    code, found, errors = _run(file)
    assert (code, errors) == (0, "")
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert found[0]["language"] == "fr"
    mentions = found[0]["mentions"]
    assert isinstance(mentions, list)
    road = next(mention for mention in mentions if mention["kind"] == "route")
    assert road["surface"] == "route Alep-Khanasser-Athriya"
    assert len(road["waypoints"]) == 3
    place = next(mention for mention in mentions if mention["field"] == "title")
    assert set(place) >= {
        "field",
        "start",
        "end",
        "surface",
        "kind",
        "entity",
        "name",
        "lat",
        "lon",
        "country",
        "confidence",
    }
    assert "waypoints" not in place
    assert all(
        rows[0][mention["field"]][mention["start"] : mention["end"]] == mention["surface"] for mention in mentions
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{broken", ":2: not JSON: "),
        (b"[1]", ":2: a list, not a JSON object; "),
        (b"null", ":2: null, not a JSON object; "),
        (b'{"text": "no id"}', ':2: no "id"; '),
        (b'{"id": null, "text": "x"}', ':2: "id" is null; '),
        (b'{"id": true, "text": "x"}', ':2: "id" is true or false; '),
        (b'{"id": 1.5, "text": "x"}', ':2: "id" is a number; '),
        (b'{"id": "x"}', ':2: neither "title" nor "text"'),
        (b'{"id": "x", "text": 5}', ':2: "text" is a number; make it a text, or leave it out'),
        (b'{"id": "x", "text": "x", "source": {}}', ':2: "source" is an object; '),
        (b'{"id": "x", "text": "x", "n": ' + b"9" * 5000 + b"}", ":2: a number in it has too many digits"),
        (b"\xff\xfe", ":2: not UTF-8 (byte 1)"),
        (b"[" * 100_000, ":2: "),
    ],
)
def test_a_wrong_line_is_told_and_the_rest_goes_on(tmp_path: Path, line: bytes, message: str) -> None:
    file = tmp_path / "articles.jsonl"
    good = json.dumps({"id": "good", "text": "Des tirs à Khanasser."}).encode()
    file.write_bytes(b"\n".join([good, line, good]))
    code, found, errors = _run(file)
    assert code == 1
    assert [row["id"] for row in found] == ["good", "good"]
    assert errors.startswith(f"{file}{message}")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "more",
    [
        {"source": "http://[no-host"},
        {"source": "https://www.news.example/1"},
        {"published": "hier"},
        {"published": "Mon, 23 Nov 2026 10:00:00 GMT"},
        {"published": 1795453871},
        {"source": None, "language": None, "title": None, "published": None},
        {"anything": [float("nan")]},
    ],
)
def test_what_is_not_needed_never_costs_an_article(tmp_path: Path, more: dict[str, object]) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"id": "x", "text": "Des tirs à Khanasser.", **more}), encoding="utf-8")
    code, found, errors = _run(file)
    assert (code, errors) == (0, "")
    assert [mention["surface"] for mention in found[0]["mentions"]] == ["Khanasser"]  # type: ignore[index,attr-defined]


@pytest.mark.parametrize("published", ["2016-03-01", "Tue, 01 Mar 2016 10:00:00 GMT", 1456826400])
def test_what_is_past_depends_on_the_day_of_an_article(tmp_path: Path, published: object) -> None:
    file = tmp_path / "articles.jsonl"
    article = {"id": "x", "text": "En 2015, des tirs ont frappé Khanasser."}
    lines = [{**article, "published": published}, {**article, "published": "2026-03-01T10:00:00Z"}]
    file.write_text("\n".join(json.dumps(one) for one in lines), encoding="utf-8")
    _, found, _ = _run(file)
    then, now = [row["mentions"][0] for row in found]  # type: ignore[index]
    assert "modality" not in then
    assert now["modality"] == "historical"


def test_plain_text_may_come_in(tmp_path: Path) -> None:
    file = tmp_path / "article.txt"
    file.write_text("Des tirs à Khanasser.\n", encoding="utf-8")
    code, found, _ = _run(file, text=True, language="fr")
    assert code == 0
    assert [mention["surface"] for mention in found[0]["mentions"]] == ["Khanasser"]  # type: ignore[index,attr-defined]


def test_lone_surrogates_come_out_as_valid_json(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text('{"id": "x", "text": "Des tirs \\ud83d \\u00e0 Khanasser."}', encoding="utf-8")
    code, found, _ = _run(file)
    assert code == 0
    assert found[0]["mentions"]


def test_the_command_reads_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newswatch", "enrich", "-"],
        input=json.dumps({"id": 7, "text": "Des tirs à Khanasser."}),
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    assert row["id"] == "7"
    assert [mention["surface"] for mention in row["mentions"]] == ["Khanasser"]
    assert done.stderr == ""


def test_a_language_that_is_none_is_a_mistake_of_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newswatch", "enrich", "--language", "french"],
        input="",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "'french' is no language" in done.stderr


def test_a_file_that_is_not_there_is_a_mistake_of_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newswatch", "enrich", "absent.jsonl"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert "absent.jsonl" in done.stderr

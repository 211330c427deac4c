"""Lists as files: whole, bounded, safe to open, and a plain word where a part is missing."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from builders import NOON, an_article, poll_in
from fastapi.testclient import TestClient

from newswatch.web.exports import rows
from newswatch.web.exports.rows import ALERT_COLUMNS, ARTICLE_COLUMNS
from newswatch.web.house import House
from streams.archive import article_search


def table(client: TestClient, path: str, **asked: object) -> list[dict[str, str]]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_alerts_as_csv(here: TestClient) -> None:
    found = table(here, "/alerts.csv")
    assert list(found[0]) == list(ALERT_COLUMNS)
    assert [one["title"] for one in found] == ["Camión three", "Camión two", "Camión one"]
    assert (found[0]["places"], found[0]["countries"], found[0]["lat"], found[0]["lon"]) == (
        "Khanasser", "SY", "35.0", "37.0",
    )  # fmt: skip
    assert found[0]["opened"] == "2026-03-01T14:00:00Z"
    assert [one["title"] for one in table(here, "/alerts.csv", until="2026-03-01T13:00:00Z")] == ["Camión one"]
    assert table(here, "/alerts.csv", watch="other") == []
    assert len(table(here, "/alerts.csv", limit=2)) == 2


def test_articles_as_csv_and_geojson_by_what_they_say(here: TestClient) -> None:
    found = table(here, "/articles.csv", q="camion two")
    assert list(found[0]) == list(ARTICLE_COLUMNS)
    assert [(one["title"], one["entities"], one["places"]) for one in found] == [
        ("Camión two", "place:khanasser", "Khanasser")
    ]
    collection = here.get("/articles.geojson", params={"country": "SY"}).json()
    assert [one["geometry"] for one in collection["features"]] == [{"type": "Point", "coordinates": [37.0, 35.0]}] * 3
    assert collection["features"][0]["properties"]["first_seen"] == "2026-03-01T14:00:00Z"
    assert here.get("/articles.geojson", params={"feed": "none"}).json()["features"] == []


def test_text_that_a_spreadsheet_would_run_is_made_harmless(here: TestClient, house: House) -> None:
    title = '=HYPERLINK("http://evil.example","x")'
    poll_in(house.archive, an_article("evil", title=title, text='a\n"b",c', first_seen=NOON + timedelta(days=1)))
    first = table(here, "/articles.csv", limit=1)[0]
    assert (first["title"], first["text"]) == (f"'{title}", 'a\n"b",c')


def test_a_long_list_is_read_page_by_page_and_none_twice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    poll_in(house.archive, *(an_article(f"more{number}") for number in range(25)))
    monkeypatch.setattr(rows, "PAGE", 7)
    sizes = []
    search = article_search.search

    def counted(*given: object) -> object:
        found = search(*given)  # type: ignore[arg-type]
        sizes.append(len(found))
        return found

    monkeypatch.setattr(article_search, "search", counted)
    ids = [one.row["id"] for one in rows.articles(house.archive, article_search.Wanted(), 1_000)]
    assert len(set(ids)) == len(ids) == 28
    assert max(sizes) == 7
    assert len(list(rows.articles(house.archive, article_search.Wanted(), 10))) == 10


def test_parquet_has_the_same_with_types(here: TestClient) -> None:
    answer = here.get("/alerts.parquet")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    found = pq.read_table(io.BytesIO(answer.content))
    assert found.column_names == list(ALERT_COLUMNS)
    assert found["title"].to_pylist() == ["Camión three", "Camión two", "Camión one"]
    assert found["opened"].to_pylist()[0] == NOON + timedelta(hours=2)
    assert str(found.schema.field("lat").type) == "double"
    articles = pq.read_table(io.BytesIO(here.get("/articles.parquet").content))
    assert articles["places"].to_pylist() == ["Khanasser"] * 3


def test_without_pyarrow_it_says_what_to_install(here: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = here.get("/articles.parquet")
    assert answer.status_code == 501
    assert "newswatch[parquet]" in answer.json()["detail"]
    assert answer.json()["type"].endswith("/not-installed")


def test_who_may_not_read_gets_no_file(elsewhere: Callable[..., TestClient]) -> None:
    for path in ("/alerts.csv", "/alerts.parquet", "/articles.csv", "/articles.geojson", "/articles.parquet"):
        assert elsewhere().get(path).status_code == 401
    assert json.loads(elsewhere("read").get("/articles.csv", params={"limit": 0}).text)["status"] == 422

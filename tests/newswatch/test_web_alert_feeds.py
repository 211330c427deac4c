"""Alerts as feeds, read by parsers that are not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
import xmlschema
from fastapi.testclient import TestClient
from shapely.geometry import shape
from sqlalchemy import insert, update

from agents.notify.sample import trial_alert
from newswatch.settings import Settings
from newswatch.web.app import create_web
from newswatch.web.house import House
from streams.archive import alert_lives
from streams.archive.alert_lives import Revision
from streams.archive.engine import Archive
from streams.archive.schema import alert_revisions
from streams.archive.schema import alerts as table
from streams.records import Alert, AlertPlace, encode_alert

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CAP = xmlschema.XMLSchema(Path(__file__).parents[1] / "agents" / "notify" / "cap12.xsd")
NAMESPACE = {"c": "urn:oasis:names:tc:emergency:cap:1.2"}


def an_alert(name: str, minutes: int, **changes: Any) -> Alert:
    at = NOON + timedelta(minutes=minutes)
    plain = replace(trial_alert(at), id=name, watch="road", watch_name="Road & <bridge>", title="حلب\x0b & Alep <b>")
    return replace(plain, **changes)


def revise(archive: Archive, alert: Alert, at: datetime) -> None:
    record = encode_alert(alert).decode()
    with archive.begin() as connection:
        values = {"revision": alert.revision, "status": alert.status, "record": record}
        connection.execute(update(table).where(table.c.id == alert.id).values(**values))
        row = {"alert": alert.id, "revision": alert.revision, "record": record, "at": at}
        connection.execute(insert(alert_revisions).values(**row))


def reader(archive: Archive) -> TestClient:
    house = House(Path("newswatch.yaml"), Settings(), archive, lambda: NOON)
    return TestClient(create_web(house), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient]:
    places = (AlertPlace("Khanasser", 35.78, 37.5, "SY", 0.9), AlertPlace("Athriya", 35.37, 37.78, "SY", 0.4))
    with archive.begin() as connection:
        for alert in (
            an_alert("one", 0),
            an_alert("two", 1, places=places, url=None, watch="other"),
            an_alert("three", 2, places=()),
        ):
            alert_lives.keep(connection, alert, alert.status, None)
            alert_lives.keep_revisions(connection, [Revision(alert, "opened")], alert.opened)
    with reader(archive) as client:
        yield client


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_feeds_are_read_by_feedparser(client: TestClient, kind: str) -> None:
    answer = client.get(f"/alerts.{kind}?language=fr")
    assert answer.headers["content-type"].startswith(f"application/{kind}+xml")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == {"atom": "atom10", "rss": "rss20"}[kind]
    assert len({entry.id for entry in feed.entries}) == 3
    newest, middle, oldest = feed.entries
    assert newest.title == "Alerte: Road & <bridge> (information)" or "Road &amp; &lt;bridge&gt;" in newest.title
    assert oldest.link == "https://example.org/newswatch-test"
    assert middle.link.endswith("/alerts/two.cap")
    assert tuple(oldest.published_parsed)[:5] == (2026, 3, 1, 12, 0)
    body = oldest.content[0].value if kind == "atom" else oldest.summary
    assert "<mark>Khanasser</mark>" in body or "Khanasser" in body
    assert oldest.where["coordinates"] == (37.5, 35.78)
    assert "where" not in newest


def test_an_entry_keeps_its_id_in_atom_and_says_when_it_changed(client: TestClient, archive: Archive) -> None:
    before = {entry.id for entry in feedparser.parse(client.get("/alerts.atom").content).entries}
    revise(archive, an_alert("one", 0, revision=2, title="More is known"), NOON + timedelta(hours=3))
    feed = feedparser.parse(client.get("/alerts.atom").content)
    assert {entry.id for entry in feed.entries} == before
    (entry,) = [entry for entry in feed.entries if entry.id == "urn:newswatch:alert:one"]
    assert tuple(entry.updated_parsed)[:4] == (2026, 3, 1, 15)
    assert tuple(feed.feed.updated_parsed)[:4] == (2026, 3, 1, 15)
    assert "More is known" in entry.content[0].value


def test_geojson_is_read_by_shapely(client: TestClient) -> None:
    answer = client.get("/alerts.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    collection = json.loads(answer.content)
    nowhere, two, one = collection["features"]
    assert (shape(one["geometry"]).x, shape(one["geometry"]).y) == (37.5, 35.78)
    assert [(point.x, point.y) for point in shape(two["geometry"]).geoms] == [(37.5, 35.78), (37.78, 35.37)]
    assert two["properties"]["confidence"] == 40
    assert two["properties"]["countries"] == ["SY"]
    assert nowhere["geometry"] is None
    assert one["properties"]["quote"].count("[Khanasser]") == 1


def test_feeds_are_of_one_watch_and_as_long_as_asked(client: TestClient) -> None:
    assert len(client.get("/alerts.geojson?watch=road").json()["features"]) == 2
    assert len(client.get("/alerts.geojson?limit=1").json()["features"]) == 1
    assert len(feedparser.parse(client.get("/alerts.rss?watch=nobody").content).entries) == 0
    assert client.get("/alerts.atom?limit=0").status_code == 422


def test_an_empty_archive_has_valid_feeds(archive: Archive) -> None:
    with reader(archive) as client:
        for kind in ("atom", "rss"):
            feed = feedparser.parse(client.get(f"/alerts.{kind}").content)
            assert not feed.bozo
            assert feed.entries == []
        assert client.get("/alerts.geojson").json()["features"] == []


def test_cap_messages_have_their_structure_and_refer_to_what_they_replace(client: TestClient, archive: Archive) -> None:
    answer = client.get("/alerts/two.cap")
    assert answer.headers["content-type"] == "application/cap+xml"
    CAP.validate(answer.text)
    first: Any = CAP.to_dict(answer.text)
    assert (first["msgType"], first["sent"], first["status"]) == ("Alert", "2026-03-01T12:01:00-00:00", "Actual")
    assert [area["areaDesc"] for area in first["info"][0]["area"]] == ["Khanasser, SY", "Athriya, SY"]
    assert [info["language"] for info in first["info"]] == ["en", "fr", "ar"]
    stands = an_alert("two", 1, watch="other")
    revise(archive, replace(stands, revision=2), NOON + timedelta(hours=1))
    revise(archive, replace(stands, revision=3, status="retracted"), NOON + timedelta(hours=2))
    third: Any = CAP.to_dict(client.get("/alerts/two.cap").text)
    assert third["msgType"] == "Cancel"
    assert third["references"] == (
        "newswatch,two.1,2026-03-01T12:01:00-00:00 newswatch,two.2,2026-03-01T13:00:00-00:00"
    )
    second: Any = CAP.to_dict(client.get("/alerts/two.cap?revision=2").text)
    assert (second["msgType"], second["identifier"]) == ("Update", "two.2")
    assert client.get("/alerts/nobody.cap").status_code == 404


def test_the_schema_refuses_what_is_no_cap(client: TestClient) -> None:
    good = client.get("/alerts/one.cap").text
    for old, new in (("-00:00</sent>", "Z</sent>"), (">Alert<", ">Alarm<"), ("<scope>Public</scope>", "")):
        assert not CAP.is_valid(good.replace(old, new, 1))

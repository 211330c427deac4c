"""The API as a script uses it: lists page by page, one of everything, changes, and conditional answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import an_article, poll_in
from fastapi.testclient import TestClient

from newswatch.web.house import House
from newswatch.web.problem import KINDS
from streams.archive import audit, deliveries
from streams.ids import article_id


def test_alerts_come_newest_first_and_page_by_page(here: TestClient) -> None:
    whole = here.get("/api/v1/alerts").json()
    assert [one["title"] for one in whole["alerts"]] == ["Camión three", "Camión two", "Camión one"]
    assert whole["next"] is None
    first = here.get("/api/v1/alerts", params={"limit": 2}).json()
    second = here.get("/api/v1/alerts", params={"limit": 2, "cursor": first["next"]}).json()
    assert first["alerts"] + second["alerts"] == whole["alerts"]
    assert here.get("/api/v1/alerts", params={"since": "2026-03-01T14:00:00"}).json()["alerts"] == whole["alerts"][:1]
    assert (
        here.get("/api/v1/alerts", params={"until": "2026-03-01T15:00:00+02:00"}).json()["alerts"]
        == whole["alerts"][2:]
    )
    assert here.get("/api/v1/alerts", params={"watch": "other"}).json()["alerts"] == []


def test_an_alert_has_its_history_its_tellings_and_its_deliveries(here: TestClient) -> None:
    alert = here.get("/api/v1/alerts").json()["alerts"][0]
    whole = here.get(f"/api/v1/alerts/{alert['id']}").json()
    assert whole["alert"] == alert
    assert [(one["revision"], one["reason"]) for one in whole["history"]] == [(1, "opened")]
    assert [one["article"] for one in whole["tellings"]] == [alert["article"]]
    assert [(one["endpoint"], one["state"]) for one in whole["deliveries"]] == [("console", "pending")]


def test_articles_are_found_by_what_they_say_and_name(here: TestClient) -> None:
    def found(**asked: object) -> list[str]:
        articles = here.get("/api/v1/articles", params=asked).json()["articles"]
        return [one["title"].split()[1] for one in articles]

    assert found() == ["three", "two", "one"]
    assert found(q="camion TWO") == ["two"]
    assert found(q="camion nowhere") == []
    assert found(entity="place:khanasser") == ["three", "two", "one"]
    assert found(entity="place:homs") == []
    assert found(country="SY", limit=1) == ["three"]
    assert found(lat=35.0, lon=37.0, within_km=5) == ["three", "two", "one"]
    assert found(lat=36.0, lon=37.0, within_km=100) == []
    assert found(lat=35.05, lon=-322.0 + 360 - 1, within_km=10) == ["three", "two", "one"]
    assert found(feed="feed", outlet="outlet.example", language="en") == ["three", "two", "one"]
    assert found(feed="other") == []
    assert found(since="2026-03-01T13:00:00Z", until="2026-03-01T14:00:00Z") == ["two"]


def test_a_search_leads_on_until_there_is_no_more(here: TestClient) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        page = here.get(
            "/api/v1/articles", params={"limit": 1, "q": "camion", **({"cursor": cursor} if cursor else {})}
        )
        seen += [one["id"] for one in page.json()["articles"]]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert seen == [article_id("feed", name) for name in ("three", "two", "one")]


def test_an_article_has_its_mentions_and_the_alerts_it_tells(here: TestClient) -> None:
    whole = here.get(f"/api/v1/articles/{article_id('feed', 'one')}").json()
    article = whole["article"]
    for mention in article["mentions"]:
        assert article[mention["field"]][mention["start"] : mention["end"]] == mention["surface"]
    assert [(one["watch"], one["outcome"]) for one in whole["alerts"]] == [("road", "opened")]


def test_an_article_that_waits_is_found_too(here: TestClient, house: House) -> None:
    poll_in(house.archive, an_article("waiting"))
    found = here.get("/api/v1/articles", params={"q": "waiting"}).json()["articles"]
    assert [(one["id"], one["done_at"], one["mentions"]) for one in found] == [
        (article_id("feed", "waiting"), None, [])
    ]


def test_a_watch_is_added_changed_turned_off_and_removed(here: TestClient, house: House) -> None:
    given = {"any": [{"town": "Khanasser", "country": "SY"}], "name": "The town"}
    made = here.put("/api/v1/watches/town", json=given, headers={"If-None-Match": "*"})
    assert made.status_code == 201
    assert made.json()["means"][0]["entity"]["country"] == "SY"
    assert here.put("/api/v1/watches/town", json=given, headers={"If-None-Match": "*"}).status_code == 412
    seen = here.get("/api/v1/watches/town")
    assert seen.json()["watch"] == {"id": "town", **given}
    changed = {**given, "severity": "info", "severity_by_sources": {"warning": 2, "critical": 4}}
    assert here.put("/api/v1/watches/town", json=changed, headers={"If-Match": '"7"'}).status_code == 412
    again = here.put("/api/v1/watches/town", json=changed, headers={"If-Match": seen.headers["etag"]})
    assert (again.status_code, again.json()["revision"]) == (200, 2)
    assert again.json()["watch"] == {"id": "town", **changed}
    too_few = here.put("/api/v1/watches/town", json={**given, "severity_by_sources": {"critical": 1}})
    assert (too_few.status_code, "severity_by_sources" in too_few.text) == (422, True)
    assert here.post("/api/v1/watches/town/disable").json()["enabled"] is False
    assert here.post("/api/v1/watches/town/enable").json()["enabled"] is True
    assert [one["id"] for one in here.get("/api/v1/watches").json()["watches"]] == ["road", "town"]
    assert here.delete("/api/v1/watches/town").status_code == 204
    assert here.get("/api/v1/watches/town").status_code == 404
    with house.archive.read() as connection:
        did = [one.action for one in audit.changes(connection, 10)]
    assert did == ["watch.remove", "watch.enable", "watch.disable", "watch.put", "watch.put"]


def test_a_wrong_watch_is_told_where_and_what_to_do(here: TestClient) -> None:
    wrong = here.put("/api/v1/watches/town", json={"any": [{"town": "Khanasserr Zzz"}, {"rout": ["a", "b"]}]})
    assert wrong.status_code == 422
    assert [one["at"] for one in wrong.json()["errors"]] == ["any[1]"]
    typo = here.post("/api/v1/watches/check", json={"id": "town", "any": [{"town": "Khanzzasser"}]})
    assert typo.json()["errors"][0]["at"] == "any[0].town"
    assert "Khanasser" in typo.json()["errors"][0]["message"]
    assert here.put("/api/v1/watches/road", json={"any": [{"phrase": "x"}]}).status_code == 409
    assert here.delete("/api/v1/watches/road").status_code == 409
    assert here.put("/api/v1/watches/town", json={"id": "other", "any": [{"phrase": "x"}]}).status_code == 422
    ambiguous = here.post("/api/v1/watches/check", json={"id": "t", "any": [{"town": "Tripoli"}]}).json()
    assert "Tripoli" in ambiguous["notes"][0]["message"]


def test_feeds_are_listed_added_paused_and_removed(here: TestClient) -> None:
    assert [(one["id"], one["origin"], one["state"]) for one in here.get("/api/v1/feeds").json()["feeds"]] == [
        ("sana", "file", "new")
    ]
    assert here.post("/api/v1/feeds", json={"id": "two", "url": "https://two.example/rss"}).status_code == 201
    assert here.post("/api/v1/feeds", json={"id": "two", "url": "https://two.example/rss"}).status_code == 409
    assert here.post("/api/v1/feeds/two/pause").json() == {"id": "two", "changed": True}
    assert here.post("/api/v1/feeds/two/pause").json() == {"id": "two", "changed": False}
    assert here.get("/api/v1/feeds", params={"state": "paused"}).json()["feeds"][0]["id"] == "two"
    written = here.get("/api/v1/feeds/opml").content
    assert b"two.example" in written
    assert here.get("/api/v1/feeds").json()["feeds"][0]["week"] == []  # nothing was watched yet
    assert here.post("/api/v1/feeds/opml", content=written).json() == {"added": [], "known": 2, "problems": []}
    more = written.replace(
        b"</body>", b"<outline text='c' xmlUrl='https://c.example/rss'/><outline xmlUrl='c'/></body>"
    )
    taken = here.post("/api/v1/feeds/opml", content=more).json()
    assert ([one["url"] for one in taken["added"]], taken["known"]) == (["https://c.example/rss"], 2)
    assert len(taken["problems"]) == 1
    assert "valid URL" in taken["problems"][0]
    assert here.delete(f"/api/v1/feeds/{taken['added'][0]['id']}").status_code == 204
    for wrong, said in ((b"<rss/>", "no OPML"), (b"x" * 5_000_001, "give it in parts")):
        refused = here.post("/api/v1/feeds/opml", content=wrong)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
        assert said in refused.json()["detail"]
    assert here.delete("/api/v1/feeds/sana").status_code == 409
    assert here.delete("/api/v1/feeds/two").status_code == 204
    assert here.post("/api/v1/feeds/two/pause").status_code == 404
    refused = here.post("/api/v1/feeds/probe", json={"url": "http://127.0.0.1:9/rss"})
    assert (refused.status_code, "refused" in refused.json()["detail"]) == (422, True)


def test_deliveries_are_listed_and_tried_again(here: TestClient, house: House) -> None:
    rows = here.get("/api/v1/deliveries", params={"limit": 2}).json()
    assert len(rows["deliveries"]) == 2
    rest = here.get("/api/v1/deliveries", params={"limit": 2, "cursor": rows["next"]}).json()
    ids = [one["id"] for one in rows["deliveries"] + rest["deliveries"]]
    assert len(set(ids)) == 3
    assert here.post(f"/api/v1/deliveries/{ids[0]}/retry").json()["due"] is True
    assert here.post("/api/v1/deliveries/none/retry").status_code == 404
    assert here.get("/api/v1/endpoints").json()["endpoints"] == [{"id": "console", "kind": "console"}]
    assert here.post("/api/v1/endpoints/console/recover", json={"since": "2026-03-01"}).status_code in {200, 422}
    with house.archive.read() as connection:
        assert deliveries.owed(connection)[0] == 3


def test_entities_are_found_in_any_spelling(here: TestClient) -> None:
    for name in ("خناصر", "Khanaser", "khanasser"):
        found = here.get("/api/v1/entities", params={"name": name, "kind": "place"}).json()["entities"]
        assert "Khanasser" in found[0]["names"]
    assert here.get("/api/v1/entities", params={"name": "Alepo City Zz"}).json()["nearest"]
    whole = here.get("/api/v1/entities/country:SY").json()
    assert whole["entity"]["name"] == "Syria"
    box = here.get("/api/v1/entities/in-box", params={"south": 36, "west": 37, "north": 36.5, "east": 37.5}).json()
    assert box["places"][0]["name"] == "Aleppo"
    assert here.get("/api/v1/entities/geonames:99999999999999999999").status_code == 404


def test_status_problems_and_openapi(here: TestClient) -> None:
    status = here.get("/api/v1/status").json()
    assert status["counts"]["alerts"] == 3
    assert len(here.get("/api/v1/problems").json()["problems"]) == len(KINDS)
    assert here.get("/api/v1/problems/no-scope").json()["status"] == 403
    paths = here.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/alerts/{alert}" in paths


def test_an_answer_that_is_known_is_not_sent_again(here: TestClient) -> None:
    first = here.get("/api/v1/alerts")
    again = here.get("/api/v1/alerts", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    here.post("/api/v1/feeds/sana/pause")
    feeds = here.get("/api/v1/feeds")
    assert here.get("/api/v1/feeds", headers={"If-None-Match": first.headers["etag"]}).json() == feeds.json()


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "bnVsbA", "WyIyMDI2LTAzLTAxIiwgMV0", "é", "AAAA", "W10="])
def test_a_cursor_of_nobody_is_a_problem(here: TestClient, cursor: str) -> None:
    for path in ("alerts", "articles", "deliveries"):
        answer = here.get(f"/api/v1/{path}", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["type"]) == (400, "/api/v1/problems/bad-cursor")


def test_every_problem_is_documented(repository: Path) -> None:
    told = (repository / "docs" / "api.md").read_text()
    assert [kind for kind in KINDS if f"`{kind}`" not in told] == []


def test_an_alert_is_seen_to_snoozed_and_silenced(here: TestClient) -> None:
    alert = here.get("/api/v1/alerts").json()["alerts"][0]["id"]
    seen = here.post(f"/api/v1/alerts/{alert}/acknowledge", json={"comment": "I call them"}).json()
    assert seen["acknowledged_by"] == "this machine"
    assert here.post(f"/api/v1/alerts/{alert}/take-back", json={}).json()["acknowledged_by"] is None
    assert here.post(f"/api/v1/alerts/{alert}/take-back", json={}).status_code == 409
    until = "2026-03-05T00:00:00Z"
    assert here.post(f"/api/v1/alerts/{alert}/snooze", json={"until": until}).json()["snoozed_until"] == until
    assert here.post(f"/api/v1/alerts/{alert}/unsnooze", json={}).json()["snoozed_until"] is None
    assert here.post("/api/v1/alerts/none/acknowledge", json={}).status_code == 404
    acts = [one["action"] for one in here.get(f"/api/v1/alerts/{alert}").json()["actions"]]
    assert acts == ["alert.acknowledge", "alert.take_back", "alert.snooze", "alert.unsnooze"]
    why = here.get(f"/api/v1/alerts/{alert}/why").json()["deliveries"]
    assert [(one["endpoint"], one["reason"]) for one in why] == [("console", "sent")]

    asked = {"matchers": ["watch=road"], "until": until, "comment": "works"}
    made = here.post("/api/v1/silences", json=asked)
    assert made.status_code == 201
    assert [one["id"] for one in here.get("/api/v1/silences").json()["silences"]] == [made.json()["id"]]
    quieted = here.post("/api/v1/silences/preview", json={"matchers": ["watch=road"]}).json()
    assert (quieted["revisions"], len(quieted["quieted"])) == (3, 3)
    assert here.post("/api/v1/silences/preview", json={"matchers": ["nonsense"]}).status_code == 422
    assert here.delete(f"/api/v1/silences/{made.json()['id']}").status_code == 204
    assert here.get("/api/v1/silences").json()["silences"] == []
    assert here.delete("/api/v1/silences/none").status_code == 404
    newest, before = here.get("/api/v1/audit?limit=2").json()["changes"]
    assert [(one["action"], one["who"], one["subject"]) for one in (before, newest)] == [
        ("silence.add", "this machine", made.json()["id"]), ("silence.expire", "this machine", made.json()["id"]),
    ]  # fmt: skip

"""Stories by the API: what tells one event together, watched or not."""

from __future__ import annotations

from datetime import timedelta

from builders import NOON, an_enriched, poll_in
from fastapi.testclient import TestClient

from agents.alert.transaction import record_article
from newswatch.web.house import House

TEXT = (
    "Heavy rain washed away the wooden bridge over the Qweiq near the old mill on Friday night, cutting two villages "
    "off from the market road. Engineers hope to lay a floating bridge before the weekend, the district office said, "
    "and tractors carry flour and medicine across the ford until then."
)


def tell(house: House, name: str, text: str, minutes: int) -> None:
    at = NOON + timedelta(hours=20, minutes=minutes)
    enriched = an_enriched(
        name, title=f"Bridge {name}", text=text, outlet=f"{name}.example", first_seen=at, published=at, fingerprint=""
    )
    poll_in(house.archive, enriched.article)
    record_article(house.archive, enriched, [], {}, [], at)


def test_copies_are_one_story_and_what_nobody_watches_has_one_too(here: TestClient, house: House) -> None:
    tell(house, "first", TEXT, 0)
    tell(house, "copy", "By our own staff. " + TEXT, 5)
    (story,) = here.get("/api/v1/stories").json()["stories"]
    assert (story["title"], story["articles"]) == ("Bridge first", 2)
    assert story["outlets"] == ["copy.example", "first.example"]
    whole = here.get(f"/api/v1/stories/{story['id']}").json()
    assert [(one["outlet"], one["reason"]) for one in whole["tellings"]] == [
        ("first.example", "new_story"),
        ("copy.example", "near_copy"),
    ]
    assert whole["tellings"][1]["copy_of"] == whole["tellings"][0]["article"]
    assert whole["alerts"] == []
    tell(house, "third", TEXT, 9)
    again = here.get("/api/v1/stories").json()
    assert [one["articles"] for one in again["stories"]] == [3]
    assert again["behind"] is None


def test_stories_of_one_telling_come_where_asked_for_page_by_page(here: TestClient, house: House) -> None:
    for minutes, text in enumerate((TEXT, "Wheat prices fell for a third week at the exchange in the port city.")):
        tell(house, f"n{minutes}", text, minutes)
    whole = here.get("/api/v1/stories", params={"least": 1}).json()["stories"]
    assert [one["title"] for one in whole][:2] == ["Bridge n1", "Bridge n0"]
    assert sum(one["articles"] for one in whole) == 5
    first = here.get("/api/v1/stories", params={"least": 1, "limit": 1}).json()
    second = here.get("/api/v1/stories", params={"least": 1, "limit": 100, "cursor": first["next"]}).json()
    assert first["stories"] + second["stories"] == whole
    assert second["next"] is None
    assert here.get("/api/v1/stories/nothing").status_code == 404


def test_a_story_leads_to_the_alerts_that_its_articles_belong_to(here: TestClient) -> None:
    alerts = here.get("/api/v1/alerts").json()["alerts"]
    stories = here.get("/api/v1/stories", params={"least": 1}).json()["stories"]
    told = [here.get(f"/api/v1/stories/{one['id']}").json()["alerts"] for one in stories]
    assert sorted(one["alert"] for some in told for one in some) == sorted(one["id"] for one in alerts)
    assert {one["watch"] for some in told for one in some} == {"road"}

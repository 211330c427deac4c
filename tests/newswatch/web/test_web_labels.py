"""Right or wrong by the API, and alerts as they were."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient

from newswatch.status import read_status
from newswatch.web.house import House


def test_an_alert_is_labelled_and_its_watch_judged_by_it(here: TestClient, house: House) -> None:
    first, second, _ = [one["id"] for one in here.get("/api/v1/alerts").json()["alerts"]]
    said = here.post(f"/api/v1/alerts/{first}/label", json={"label": "wrong", "comment": "another road"})
    assert said.status_code == 200
    assert said.json()["label"]["who"] == "this machine"
    here.post(f"/api/v1/alerts/{second}/label", json={"label": "right"})
    labels = here.get(f"/api/v1/alerts/{first}").json()["labels"]
    assert [(one["label"], one["comment"]) for one in labels] == [("wrong", "another road")]
    tally = read_status(house.archive, house.clock()).labels["road"]
    assert (tally.right, tally.wrong, tally.precision) == (1, 1, 0.5)
    assert here.delete(f"/api/v1/alerts/{first}/label").status_code == 204
    assert here.delete(f"/api/v1/alerts/{first}/label").status_code == 409
    assert here.get(f"/api/v1/alerts/{first}").json()["labels"] == []


def test_only_who_may_see_to_alerts_may_judge_them(elsewhere: Callable[..., TestClient], here: TestClient) -> None:
    alert = here.get("/api/v1/alerts").json()["alerts"][0]["id"]
    refused = elsewhere("read").post(f"/api/v1/alerts/{alert}/label", json={"label": "wrong"})
    assert refused.status_code == 403
    assert here.get(f"/api/v1/alerts/{alert}").json()["labels"] == []
    assert here.post(f"/api/v1/alerts/{alert}/label", json={"label": "maybe"}).status_code == 422
    assert here.post("/api/v1/alerts/nothing/label", json={"label": "right"}).status_code == 404


def test_hours_are_counted_and_alerts_come_as_they_were(here: TestClient) -> None:
    span = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"}
    hours = here.get("/api/v1/alerts/timeline", params=span).json()["hours"]
    assert hours == [{"at": f"2026-03-01T{hour}:00:00Z", "alerts": 1} for hour in (12, 13, 14)]
    then = here.get("/api/v1/alerts/as-of", params={"at": "2026-03-01T13:30:00Z"}).json()["alerts"]
    assert [one["title"] for one in then] == ["Camión two", "Camión one"]
    assert here.get("/api/v1/alerts/as-of", params={"at": "2026-02-01T00:00:00Z"}).json()["alerts"] == []
    long = here.get("/api/v1/alerts/timeline", params={"since": "2020-01-01T00:00:00Z"})
    assert long.status_code == 400

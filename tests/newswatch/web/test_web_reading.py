"""Any text read and judged over the API, by the real models and names."""

from __future__ import annotations

import json

from fastapi.testclient import TestClient

TEXT = "La route reliant Alep à Khanasser et Athriya est coupée depuis mardi, selon des témoins."


def test_a_text_is_read_and_every_watch_explained(here: TestClient) -> None:
    read = here.post("/api/v1/enrich", json={"text": TEXT, "language": "fr"}).json()
    roads = [one for one in read["mentions"] if one["kind"] == "route"]
    assert [one["entity"] for one in roads] == ["route:aleppo-khanasser-athriya"]
    for one in read["mentions"]:
        assert read[one["field"]][one["start"] : one["end"]] == one["surface"]
    told = here.post("/api/v1/explain", json={"given": {"text": TEXT}}).json()
    assert (told["fired"], told["explanations"][0]["watch"], told["explanations"][0]["fires"]) == (1, "road", True)
    other = {"any": [{"town": "Tripoli", "country": "LY"}]}
    no = here.post(
        "/api/v1/explain", json={"given": {"text": "Trois blessés à Tripoli, au Liban."}, "definition": other}
    )
    (answer,) = no.json()["explanations"]
    assert (answer["fires"], "Lebanon" in answer["reason"]) == (False, True)


def test_a_surrogate_in_a_text_is_no_failure(here: TestClient) -> None:
    answer = here.post(
        "/api/v1/enrich", content=b'{"text": "Alep \\ud800 Khanasser"}', headers={"content-type": "application/json"}
    )
    assert answer.status_code in {200, 422}


def test_a_backtest_is_streamed_and_summed_up(here: TestClient) -> None:
    asked = {"definition": {"any": [{"phrase": "convoy"}]}, "days": 30, "most": 2}
    with here.stream("POST", "/api/v1/backtest", json=asked) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert [next(iter(line)) for line in lines] == ["hit", "hit", "summary"]
    assert lines[-1]["summary"]["hits"] == 3
    assert here.post("/api/v1/backtest", json={}).status_code == 400
    assert here.post("/api/v1/backtest", json={"watch": "nobody"}).status_code == 404

"""Who may ask what: tokens, scopes, owners, this machine, other pages, and too often."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from newswatch.web.app import create_web
from newswatch.web.house import House
from newswatch.web.problem import TYPE
from newswatch.web.rates import Rates
from streams.archive import audit, tokens
from streams.archive.watches import get_watch

WATCH = {"any": [{"phrase": "pont coupé"}]}


def kind(response: object) -> str:
    assert response.headers["content-type"] == TYPE  # type: ignore[attr-defined]
    body = response.json()  # type: ignore[attr-defined]
    assert body["status"] == response.status_code  # type: ignore[attr-defined]
    return str(body["type"]).rpartition("/")[2]


def test_this_machine_needs_no_token(here: TestClient) -> None:
    assert here.get("/api/v1/alerts").status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_what_a_proxy_hands_on_is_not_this_machine(here: TestClient, header: str) -> None:
    assert kind(here.get("/api/v1/alerts", headers={header: "203.0.113.9"})) == "no-token"


def test_a_name_that_was_turned_to_loopback_is_not_this_machine(here: TestClient) -> None:
    assert kind(here.get("/api/v1/alerts", headers={"Host": "evil.example:8787"})) == "no-token"


def test_elsewhere_needs_a_token_and_is_told_so(elsewhere: object) -> None:
    response = elsewhere().get("/api/v1/alerts")  # type: ignore[operator]
    assert kind(response) == "no-token"
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("secret", ["", "nw_wrong", "\u00e9"])
def test_a_wrong_token_is_refused_also_here(here: TestClient, secret: str) -> None:
    answer = here.get("/api/v1/alerts", headers={"authorization": f"Bearer {secret}".encode()})
    assert kind(answer) in {"bad-token", "no-token"}


def test_a_token_may_be_the_password_of_basic_authentication(house: House, elsewhere: object) -> None:
    with house.archive.begin() as connection:
        _, secret = tokens.issue(connection, "desk", ["read"], "", house.clock(), None)
    basic = b64encode(f"reader:{secret}".encode()).decode()
    client: TestClient = elsewhere()  # type: ignore[operator]
    assert client.get("/alerts.atom", headers={"authorization": f"Basic {basic}"}).status_code == 200
    assert kind(client.get("/alerts.atom", headers={"authorization": "Basic %%%"})) == "bad-token"


def test_expired_and_revoked_tokens_are_refused(house: House, elsewhere: object) -> None:
    with house.archive.begin() as connection:
        now = house.clock()
        _, old = tokens.issue(connection, "desk", ["read"], "", now - timedelta(days=2), now - timedelta(days=1))
        token, taken_back = tokens.issue(connection, "desk", ["read"], "", now, None)
        assert tokens.revoke(connection, token.id, now)
        assert not tokens.revoke(connection, token.id, now)
    for secret in (old, taken_back):
        assert kind(elsewhere(secret=secret).get("/api/v1/alerts")) == "bad-token"  # type: ignore[operator]


def test_only_the_hash_of_a_secret_is_kept(house: House) -> None:
    with house.archive.begin() as connection:
        _, secret = tokens.issue(connection, "desk", ["read"], "", house.clock(), None)
        kept = connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert secret not in str(kept)


def test_a_token_without_the_scope_changes_nothing(house: House, elsewhere: object) -> None:
    client = elsewhere("read", "feeds", "deliveries", "alerts")  # type: ignore[operator]
    assert kind(client.put("/api/v1/watches/bridge", json=WATCH)) == "no-scope"
    assert kind(elsewhere("read").post("/api/v1/feeds/sana/pause")) == "no-scope"  # type: ignore[operator]
    assert kind(elsewhere("read").post("/api/v1/feeds/opml")) == "no-scope"  # type: ignore[operator]
    assert kind(client.get("/api/v1/audit")) == "no-scope"
    with house.archive.read() as connection:
        assert get_watch(connection, "bridge") is None
        assert audit.changes(connection, 10) == []


def test_who_may_change_may_see(elsewhere: object) -> None:
    assert elsewhere("watches").get("/api/v1/alerts").status_code == 200  # type: ignore[operator]


def test_watches_of_another_owner_are_neither_seen_nor_changed(elsewhere: object) -> None:
    mine = elsewhere("watches", owner="desk")  # type: ignore[operator]
    theirs = elsewhere("watches", owner="newsroom")  # type: ignore[operator]
    assert mine.put("/api/v1/watches/bridge", json=WATCH).status_code == 201
    assert kind(theirs.get("/api/v1/watches/bridge")) == "not-yours"
    assert kind(theirs.delete("/api/v1/watches/bridge")) == "not-yours"
    assert kind(theirs.put("/api/v1/watches/bridge", json=WATCH)) in {"not-yours", "conflict"}
    assert [one["id"] for one in theirs.get("/api/v1/watches").json()["watches"]] == ["road"]
    assert mine.get("/api/v1/watches/bridge").json()["owner"] == "desk"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_a_foreign_page_changes_nothing_through_this_machines_browser(
    here: TestClient, house: House, headers: dict[str, str]
) -> None:
    assert kind(here.post("/api/v1/feeds/sana/pause", headers=headers)) == "foreign-page"
    assert here.post("/api/v1/feeds/sana/pause", headers={"Origin": "http://127.0.0.1:8787"}).json()["changed"] is True
    with house.archive.read() as connection:
        assert [one.action for one in audit.changes(connection, 10)] == ["feed.pause"]


def test_this_machine_is_trusted_only_where_the_settings_say_so(house: House) -> None:
    web = house.settings.web.model_copy(update={"trust_loopback": False})
    house.settings = house.settings.model_copy(update={"web": web})
    with TestClient(create_web(house), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as client:
        assert kind(client.get("/api/v1/alerts")) == "no-token"


def test_who_asks_too_often_is_told_when_to_go_on(house: House) -> None:
    web = house.settings.web.model_copy(update={"requests_per_minute": 2})
    house.settings = house.settings.model_copy(update={"web": web})
    with house.archive.begin() as connection:
        _, secret = tokens.issue(connection, "desk", ["read"], "", house.clock(), None)
    with TestClient(create_web(house), client=("192.0.2.7", 1), headers={"authorization": f"Bearer {secret}"}) as one:
        assert [one.get("/api/v1/alerts").status_code for _ in range(3)] == [200, 200, 429]
        assert int(one.get("/api/v1/alerts").headers["retry-after"]) in range(1, 32)


def test_rates_recover_with_time_and_forget_the_least_recent() -> None:
    now = [0.0]
    rates = Rates(60, lambda: now[0])
    assert all(rates.wait("one") == 0 for _ in range(60))
    assert rates.wait("one") == pytest.approx(1.0)
    now[0] += 1.0
    assert rates.wait("one") == 0
    for caller in range(10_001):
        rates.wait(str(caller))
    assert rates.wait("one") == 0


def test_every_answer_carries_the_headers_that_guard_a_browser(here: TestClient) -> None:
    for path in ("/api/v1/alerts", "/api/v1/nothing", "/healthz"):
        headers = here.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]

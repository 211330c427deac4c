"""What the page shows, without a browser: marks, shapes, words, and who may open it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDisconnect
from starlette.websockets import WebSocket

from agents.alert.story import StoryReason
from agents.match.compile import WatchResolver
from agents.match.watch import Watch
from agents.names.knowledge import NamesKnowledge
from agents.notify.words import LANGUAGES
from newswatch.status import RoleStatus
from newswatch.web.access import Caller, Door
from newswatch.web.geometry import features_of
from newswatch.web.house import House
from newswatch.web.pages import system, timeline
from newswatch.web.pages.cards import card, key_of
from newswatch.web.pages.frame import Reader
from newswatch.web.pages.guard import PageGuard
from newswatch.web.pages.marked import Mark, marked
from newswatch.web.pages.sparkline import sparkline
from newswatch.web.pages.watched import watched
from newswatch.web.pages.words import language_of, phrases, saying
from newswatch.web.rates import Rates
from streams.archive import alert_search
from streams.records import Alert


def test_marks_are_escaped_and_of_two_the_first_stays() -> None:
    text = "a <b> & c"
    html = marked(text, [Mark(2, 5, "place", 'B "x"'), Mark(3, 9, "actor"), Mark(8, 9, "actor")])
    assert html == 'a <mark class="place" title="B &quot;x&quot;">&lt;b&gt;</mark> &amp; <mark class="actor">c</mark>'


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=5))
def test_no_text_is_lost_or_read_as_html(text: str, spans: list[tuple[int, int]]) -> None:
    html = marked(text, [Mark(start, end, "place") for start, end in spans])
    bare = html.replace('<mark class="place">', "").replace("</mark>", "").replace("<br>", "\n")
    assert bare == marked(text, []).replace("<br>", "\n")
    assert "<" not in bare


def an_alert(house: House) -> Alert:
    with house.archive.read() as connection:
        return alert_search.search(connection, alert_search.Wanted(), 1)[0]


def test_the_system_view_lists_the_newest_deliveries(house: House) -> None:
    _, _, sent = system._read(house)
    assert sent
    table = system._tables(
        *system._read(house), Reader(Caller("this machine", None, frozenset({"read"})), "en", saying("en")), house
    )
    cells = (sent[0].watch, sent[0].endpoint, sent[0].state)
    assert "".join(f"<td><bdi>{cell}</bdi></td>" for cell in cells) in table
    status, _, _ = system._read(house)
    french = Reader(Caller("this machine", None, frozenset({"read"})), "fr", saying("fr"))
    behind = RoleStatus("notify", "up", "", None, "", 3, None, "deliveries", None, None)
    empty = system._tables(replace(status, roles=(behind,)), [], [], french, house)
    assert empty.count("<table") == 1
    assert "Rien n'a encore été envoyé." in unescape(empty)
    assert "<bdi>3 envois</bdi>" in empty


def test_a_card_is_never_read_as_html_and_another_where_the_alert_has_changed(house: House) -> None:
    alert = replace(an_alert(house), title="<img src=x onerror=1>", watch_name="a & <b>", quote="«<i>»", quote_spans=())
    made = card(alert, "fr")
    assert "<img" not in made
    assert "<i>" not in made
    assert "&lt;img src=x onerror=1&gt;" in made
    assert f'href="/alert/{alert.id}?lang=fr"' in made
    assert '<time datetime="2026-03-01T14:00:00Z"' in made
    assert key_of(replace(alert, revision=2)) != key_of(alert)
    assert 'dir="rtl"' in card(replace(alert, language="ar"), "en")


def test_a_timeline_has_a_bar_for_each_hour_that_had_any_the_last_at_its_end() -> None:
    end = datetime(2026, 3, 8, 12, 30, tzinfo=UTC)
    counts = {end.replace(minute=0): 4, end.replace(day=2, hour=0, minute=0): 1}
    drawn = timeline.drawn(counts, end, "Alerts <7>")
    bars = re.findall(r'<rect x="(\d+)" y="([\d.]+)"[^>]*><title>([^<]+)', drawn)
    assert bars == [
        (str(4 * timeline.HOURS), "2.0", "2026-03-08 12:00 UTC: 4"),
        (str(4 * 12), "23.0", "2026-03-02 00:00 UTC: 1"),
    ]
    assert 'aria-label="Alerts &lt;7&gt;: 5"' in drawn


def test_a_week_is_drawn_with_a_bar_for_each_part_and_says_what_it_shows() -> None:
    drawn = sparkline([0.0, 2.0, 1.0], 'at most "2"')
    assert re.findall(r"M(\d+) 18v-([\d.]+)", drawn) == [("0", "0.5"), ("2", "18.0"), ("4", "9.0")]
    assert 'aria-label="at most &quot;2&quot;"' in drawn
    assert "v-0.5" in sparkline([0.0], "")


def test_every_phrase_is_there_in_every_language() -> None:
    assert {key: sorted(said) for key, said in phrases().items() if sorted(said) != sorted(LANGUAGES)} == {}


def test_every_reason_of_a_story_has_its_words() -> None:
    told = {key.removeprefix("told_") for key in phrases() if key.startswith("told_")}
    assert told == set(get_args(StoryReason))


def test_the_map_of_an_alert_shows_its_watch_alone(house: House) -> None:
    other = Watch.model_validate({"id": "homs", "any": [{"town": "Homs"}]})
    both = replace(house, settings=house.settings.model_copy(update={"watches": (*house.settings.watches, other)}))
    assert [one["properties"] for one in watched(both, "road")] == [
        {"watch": "road", "name": "road", "kind": "corridor"},
        {"watch": "road", "name": "road", "kind": "road"},
    ]
    assert len(watched(both)) == 3
    assert watched(both, "removed since") == []


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [(None, "", "en"), ("ar", "fr", "ar"), (None, "de,fr-CA;q=0.8", "fr"), ("xx", "ar-SY", "ar")],
)
def test_the_page_speaks_the_readers_language(asked: str | None, accepted: str, language: str) -> None:
    assert language_of(asked, accepted) == language


def test_a_road_is_drawn_with_its_corridor_and_areas_as_they_are(knowledge: NamesKnowledge) -> None:
    watch = Watch.model_validate(
        {
            "id": "all",
            "any": [
                {"route": ["Alep", "Khanasser", "Athriya"], "corridor_km": 10},
                {"town": "Homs", "within_km": 20},
                {"area": {"bbox": [36.0, 34.0, 38.0, 36.0]}},
            ],
        }
    )
    resolved = WatchResolver(knowledge).resolve(watch, 0)
    assert resolved is not None
    features = features_of(resolved, knowledge, "All")
    assert [one["properties"]["kind"] for one in features] == ["corridor", "road", "area", "town", "area"]
    north = max(latitude for _, latitude in features[0]["geometry"]["coordinates"][0])
    aleppo = features[1]["geometry"]["coordinates"][0][1]
    assert (north - aleppo) * 111.2 == pytest.approx(10, rel=0.02)


def guarded(house: House, client: tuple[str, int], base: str) -> TestClient:
    async def hello(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")

    page = Route("/", lambda _: PlainTextResponse("page"))
    health = Route("/healthz", lambda _: PlainTextResponse("ok"))
    app = Starlette(routes=[page, health, WebSocketRoute("/ws", hello)])
    door = Door(house.archive, house.clock, Rates(60), loopback_is_trusted=True)
    app.add_middleware(PageGuard, door=door)
    return TestClient(app, base_url=base, client=client)


def test_only_who_may_read_opens_the_page(house: House) -> None:
    here = guarded(house, ("127.0.0.1", 1), "http://127.0.0.1")
    assert here.get("/").text == "page"
    with here.websocket_connect("ws://127.0.0.1/ws", headers={"origin": "http://127.0.0.1"}) as socket:
        assert socket.receive_text() == "hello"
    foreign = {"origin": "http://evil.example"}
    with pytest.raises(WebSocketDisconnect), here.websocket_connect("ws://127.0.0.1/ws", headers=foreign):
        pass
    there = guarded(house, ("192.0.2.1", 1), "http://watch.example")
    refused = there.get("/")
    assert (refused.status_code, refused.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
    assert there.get("/healthz").text == "ok"
    with pytest.raises(WebSocketDisconnect), there.websocket_connect("ws://watch.example/ws"):
        pass

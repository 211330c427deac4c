"""The terminal view: evidence lit up, each article once, plain lines where there is no terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from newswatch.demo.screen import LiveScreen, PlainScreen, quote_text, screen_for
from newswatch.demo.view import ArchiveCounts, Seen, Snapshot, read_alert
from streams.archive.engine import open_archive
from streams.errors import MalformedRecord
from streams.records import Alert, encode_alert

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
QUOTE = "Trucks wait on the Aleppo-Khanasser road near Khanasser."
ROAD = (19, 40)
TOWN = (46, 55)


def an_alert(**changes: object) -> Alert:
    values: dict[str, object] = {
        "id": "a1",
        "revision": 1,
        "status": "opened",
        "watch": "khanasser-road",
        "watch_name": "Aleppo - Khanasser",
        "severity": "critical",
        "story": "s1",
        "article": "x1",
        "title": "Trucks wait [again]",
        "url": None,
        "outlet": "steppewire.example",
        "language": "en",
        "kinds": ("route", "town"),
        "reason": "the road is named",
        "quote": QUOTE,
        "quote_spans": (ROAD, TOWN),
        "evidence": (),
        "published": NOW,
        "first_seen": NOW,
        "opened": NOW,
    }
    return Alert(**(values | changes))


def a_snapshot(count: int) -> Snapshot:
    latest = tuple(Seen(f"id{n}", "Steppe Wire", f"Title [b]{n}[/b]", ("Aleppo", "Athriya")) for n in range(count))
    return Snapshot(articles=count, done=count, alerts=1, delivered=1, dead=0, feeds=6, latest=latest)


def test_the_evidence_is_bold_and_reversed_in_the_quote() -> None:
    text = quote_text(an_alert())
    lit = [text.plain[span.start : span.end] for span in text.spans if "reverse" in str(span.style)]
    assert lit == ["Aleppo-Khanasser road", "Khanasser"]


def test_without_a_terminal_there_are_plain_lines() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, width=40)
    assert isinstance(screen_for(console), PlainScreen)
    with PlainScreen(console, counts_every_seconds=0.0) as screen:
        screen.show(a_snapshot(2))
        screen.show(a_snapshot(2))
        screen.show(a_snapshot(3))
        screen.alert(an_alert())
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("Steppe Wire")] == [
        "Steppe Wire: Title [b]1[/b] | Aleppo, Athriya",
        "Steppe Wire: Title [b]0[/b] | Aleppo, Athriya",
        "Steppe Wire: Title [b]2[/b] | Aleppo, Athriya",
    ]
    assert len([line for line in lines if line.startswith("articles in")]) == 2
    assert "ALERT critical · Aleppo - Khanasser · the road is named" in lines
    assert any("Trucks wait on the [Aleppo-Khanasser road] near [Khanasser]." in line for line in lines)
    assert any("Trucks wait [again]" in line for line in lines)
    assert "\x1b" not in out.getvalue()


def test_plain_counts_are_held_back_for_a_while() -> None:
    out = io.StringIO()
    with PlainScreen(Console(file=out, force_terminal=False)) as screen:
        for count in range(5):
            screen.show(a_snapshot(count))
    assert len([line for line in out.getvalue().splitlines() if line.startswith("articles in")]) == 1


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 10), (20, 5)])
def test_the_live_view_shows_counts_articles_and_alerts_at_any_size(size: tuple[int, int]) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=size[0], height=size[1], color_system="truecolor")
    screen = screen_for(console)
    assert isinstance(screen, LiveScreen)
    with screen:
        screen.show(a_snapshot(30))
        for number in range(12):
            screen.alert(an_alert(id=f"a{number}"))
        screen.say("open http://127.0.0.1:1")
    assert "articles" in out.getvalue()
    assert out.getvalue().endswith("\x1b[?25h") or "\x1b[?1049l" in out.getvalue()


def test_the_live_view_holds_what_it_was_given() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40, color_system="standard")
    screen = LiveScreen(console)
    screen.show(a_snapshot(3))
    screen.alert(an_alert())
    with console.capture() as captured:
        console.print(screen.render())
    shown = captured.get()
    for part in ("articles in", "Title [b]2[/b]", "Aleppo, Athriya", "critical", "the road is named"):
        assert part in shown
    assert "\x1b[1;7mAleppo-Khanasser" in shown


def test_counts_come_from_the_archive(tmp_path: Path) -> None:
    archive = open_archive(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    counts = ArchiveCounts(archive)
    assert counts() == Snapshot()
    archive.close()


def test_an_alert_is_read_from_a_webhook_body() -> None:
    alert = an_alert()
    body = json.loads(encode_alert(alert))
    assert read_alert({"type": "alert.opened", "data": body}) == alert
    for wrong in ({"hello": 1}, {"data": {"id": "a1"}}, {"data": [1]}):
        with pytest.raises(MalformedRecord):
            read_alert(wrong)

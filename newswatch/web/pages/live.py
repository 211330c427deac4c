"""Live: the map of what is watched, and beside it the alerts as they come."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

from nicegui import ui

from newswatch.web.house import House
from newswatch.web.pages.board import MOST, NOTHING, Board, Keys
from newswatch.web.pages.cards import key_of, telling
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.timeline import REDRAWN_SECONDS, Timeline, Week
from newswatch.web.pages.watched import watched
from streams.archive import alert_search
from streams.records import Alert


async def show(reader: Reader, house: House, board: Board, week: Week) -> None:
    """The view."""
    say = reader.say
    with frame(reader, "live", say("live")), ui.element("div").classes("live"):
        with ui.element("div").classes("live-map"):
            with ui.element("div").classes("map").props(f'role="region" aria-label="{say("map")}"'):
                chart = ui.leaflet(center=(30.0, 30.0), zoom=3, options={"worldCopyJump": True})
                chart.clear_layers()  # the first would ask a server for tiles
            timeline = Timeline(reader, week)
        stream = ui.element("section").classes("stream").props(f'aria-label="{say("alerts")}" aria-live="polite"')
        client, page = ui.context.client, object()
        shown: Keys | None = None

        def tell() -> None:
            nonlocal shown
            if timeline.then is None and shown != board.keys:
                client.run_javascript(board.telling(shown or NOTHING, reader.language))
                shown = board.keys

        async def moved() -> None:
            nonlocal shown
            then = timeline.then
            if then is None:
                client.run_javascript(board.telling(shown or NOTHING, reader.language))
                shown = board.keys
                return
            alerts = await asyncio.to_thread(_as_of, house, then)
            if then == timeline.then:  # it was not moved on meanwhile
                client.run_javascript(telling(alerts, shown or NOTHING, reader.language, then))
                shown = frozenset(map(key_of, alerts))

        client.on_delete(lambda: board.close(page))
        client.run_javascript(f"newswatch.look({stream.id}, {chart.id})")
        await board.open(page, tell)
        tell()
        timeline.moved = moved
        await timeline.draw()
        ui.timer(REDRAWN_SECONDS, timeline.draw, immediate=False)
        await client.connected()
        features = await asyncio.to_thread(watched, house)
        ui.run_javascript(f"newswatch.begin({chart.id}, {json.dumps(features)}, {json.dumps(say('credit'))})")


def ago(at: datetime, now: datetime) -> str:
    """How long ago, in signs that every language reads."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"−{seconds // size} {unit}"
    return f"−{seconds} s"


def _as_of(house: House, then: datetime) -> list[Alert]:
    with house.archive.read() as connection:
        return alert_search.as_of(connection, then, MOST)

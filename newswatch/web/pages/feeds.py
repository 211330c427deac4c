"""Feeds: how each is at a glance, its week, adding and pausing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from html import escape

from nicegui import ui

from newswatch.web.house import House
from newswatch.web.pages.feed_form import feed_form
from newswatch.web.pages.fields import wide, words
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.live import ago
from newswatch.web.pages.sparkline import sparkline
from newswatch.web.pages.words import state_in
from streams.archive import audit, kept_feeds
from streams.feeds.health import FeedHealth, feed_health


async def show(reader: Reader, house: House) -> None:
    """The view."""
    say = reader.say
    with frame(reader, "feeds", say("feeds")), ui.element("div").classes("column"):
        ui.html(f"<h1>{say('feeds')}</h1>", sanitize=False)

        async def refresh() -> None:
            rows = await asyncio.to_thread(feed_health, house.archive, house.settings.feeds, house.clock())
            table.clear()
            with table:
                _head(("feed", "state", "rhythm", "last_new", "next_poll", "problem"), reader)
                for row in rows:
                    _row(row, reader, house, refresh)

        feed_form(reader, house, refresh)
        with wide(say("feeds")):
            table = ui.element("table").classes("plain")
        await refresh()
        ui.timer(10.0, refresh)


def _head(keys: tuple[str, ...], reader: Reader) -> None:
    with ui.element("tr"):
        for key in keys:
            with ui.element("th").props('scope="col"'):
                ui.html(escape(reader.say(key)), sanitize=False, tag="span")
        ui.element("td")


def _row(row: FeedHealth, reader: Reader, house: House, refresh: Callable[[], Awaitable[None]]) -> None:
    now = house.clock()
    ahead = "" if row.next_poll_at is None else ago(now, row.next_poll_at).replace("−", "+")
    state = state_in(reader.say, row.state)
    cells = (ago(row.new_at, now) if row.new_at else "", ahead, row.problem or "")
    with ui.element("tr").props(f'data-feed="{escape(row.id)}"'):
        for cell in (row.name or row.url, state):
            with ui.element("td"):
                words(cell, "bdi")
        with ui.element("td"):
            if row.week:
                label = reader.say("rhythm_told").format(max(row.week))
                ui.html(sparkline(row.week, label), sanitize=False, tag="span")
        for cell in cells:
            with ui.element("td"):
                words(cell, "bdi")
        with ui.element("td"):
            paused = row.state == "paused"
            button = ui.element("button").classes("act").props('type="button"')
            with button:
                ui.html(escape(reader.say("resume" if paused else "pause")), sanitize=False, tag="span")

            async def change() -> None:
                if not reader.caller.may("feeds"):
                    ui.notify(reader.say("may_not"))
                    return
                await asyncio.to_thread(_switch, house, row.id, reader.caller.name, paused)
                await refresh()

            button.on("click", change)


def _switch(house: House, feed: str, who: str, resume: bool) -> None:
    now = house.clock()
    with house.archive.begin() as connection:
        if kept_feeds.resume(connection, feed) if resume else kept_feeds.pause(connection, feed, now):
            audit.note(connection, who, "feed.resume" if resume else "feed.pause", feed, now)

"""Watches: whose they are, whether they are on, and how many alerts each has had."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from newswatch.kept_watches import watch_of
from newswatch.web import keep_watch
from newswatch.web.house import House
from newswatch.web.pages.fields import button, wide, words
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.live import ago
from newswatch.web.problem import Problem
from streams.archive import alert_counts
from streams.archive.alert_counts import AlertCount
from streams.archive.watches import list_watches
from streams.errors import ChangeRefused, ConfigInvalid

_MOST = 1_000
_HEAD = ("watch", "state", "owner", "alerts", "last_alert", "precision")


@dataclass(frozen=True, slots=True)
class _Line:
    id: str
    name: str
    owner: str | None
    """None: it stands in the settings file."""
    on: bool
    count: AlertCount


async def show(reader: Reader, house: House) -> None:
    """The view."""
    say = reader.say
    with frame(reader, "watches", say("watches")), ui.element("div").classes("column"):
        words(say("watches"), "h1")
        ui.link(say("add_watch"), f"/watch?lang={reader.language}").classes("act")
        said = ui.label().classes("quiet").props('role="status"')
        with wide(say("watches")):
            table = ui.element("table").classes("plain")

        async def refresh() -> None:
            lines = await asyncio.to_thread(_lines, reader, house)
            table.clear()
            with table:
                _head(reader)
                with ui.element("tbody"):
                    for one in lines:
                        _row(one, reader, house, refresh, lambda text: setattr(said, "text", text))
            if not lines:
                said.text = say("no_watches")

        await refresh()


def _head(reader: Reader) -> None:
    with ui.element("thead"), ui.element("tr"):
        for key in _HEAD:
            with ui.element("th").props('scope="col"'):
                words(reader.say(key))
        ui.element("td")


def _row(
    one: _Line, reader: Reader, house: House, refresh: Callable[[], Awaitable[None]], say_so: Callable[[str], None]
) -> None:
    say = reader.say
    last = ago(one.count.last, house.clock()) if one.count.last is not None else ""
    told = one.count.right + one.count.wrong
    right = f"{one.count.right / told:.0%} ({told})" if told else ""
    with ui.element("tr") as row:
        row.props["data-watch"] = one.id
        with ui.element("td"):
            ui.link(one.name or one.id, f"/watch/{one.id}?lang={reader.language}").props('dir="auto"')
        for cell in (say("on" if one.on else "off"), one.owner or say("of_file"), str(one.count.alerts), last, right):
            with ui.element("td"):
                words(cell, "bdi")
        with ui.element("td"):
            if one.owner is not None:

                async def switch() -> None:
                    say_so(await asyncio.to_thread(_switched, one, reader, house))
                    await refresh()

                act = say("turn_off" if one.on else "turn_on")
                button(act, "switch", switch, f"{act}: {one.name or one.id}")


def _switched(one: _Line, reader: Reader, house: House) -> str:
    """Turn it on or off; why not, where it cannot be."""
    if not reader.caller.may("watches"):
        return reader.say("may_not")
    try:
        keep_watch.switch(house, reader.caller, one.id, on=not one.on)
    except (Problem, ChangeRefused) as refused:
        return str(refused)
    return ""


def _lines(reader: Reader, house: House) -> list[_Line]:
    with house.archive.read() as connection:
        rows = list(list_watches(connection, reader.caller.owner, limit=_MOST))
        ids = [*(one.id for one in house.settings.watches), *(row.id for row in rows)]
        counts = alert_counts.by_watch(connection, ids)
    found = [_Line(one.id, one.name, None, True, counts[one.id]) for one in house.settings.watches]
    for row in rows:
        try:
            name = watch_of(row).name
        except ConfigInvalid:
            name = ""
        found.append(_Line(row.id, name, row.owner, row.enabled, counts[row.id]))
    return sorted(found, key=lambda one: one.id)

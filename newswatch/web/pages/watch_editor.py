"""A watch as it is written: what its names mean, where it watches, what it would have fired on, and saving it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import events, ui

from agents.notify.words import SEVERITIES
from newswatch.kept_watches import item_of
from newswatch.web import keep_watch
from newswatch.web.house import House
from newswatch.web.pages.condition_rows import ConditionRows, narrowed
from newswatch.web.pages.fields import button, choice, tick, words
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.trial import Trial
from newswatch.web.pages.watch_form import STEPS, WatchForm, definition_of, form_of, place_of
from newswatch.web.problem import Problem
from newswatch.web.understood import Named, Understood, understand
from streams.archive.watches import get_watch
from streams.errors import ChangeRefused

_PAUSE_SECONDS = 0.3


async def show(watch: str | None, reader: Reader, house: House) -> None:
    """The view: of a watch, or of a new one."""
    say = reader.say
    form, revision, note = await asyncio.to_thread(_opened, watch, reader, house)
    with frame(reader, "watches", form.name or form.id or say("add_watch")):
        if watch is not None and not form.id and not note:
            with ui.element("div").classes("column"):
                words(say("not_found"), "p")
            return
        with ui.element("div").classes("editor"):
            _Editor(form, revision, note and say(note), reader, house)


def _opened(watch: str | None, reader: Reader, house: House) -> tuple[WatchForm, int | None, str]:
    """The form, the revision that it was read at, and what to say of it; an empty form without id where it is none."""
    if watch is None:
        return WatchForm(), None, ""
    for one in house.settings.watches:
        if one.id == watch:
            form = form_of(one.model_dump(mode="json", exclude_unset=True))
            form.id = ""
            return form, None, "copy_as_own"
    with house.archive.read() as connection:
        row = get_watch(connection, watch)
    if row is None or reader.caller.owner not in (None, row.owner):
        return WatchForm(), None, ""
    item = item_of(row)
    return form_of({key: value for key, value in item.items() if key not in ("owner", "enabled")}), row.revision, ""


class _Editor:
    def __init__(self, form: WatchForm, revision: int | None, note: str, reader: Reader, house: House) -> None:
        self._form = form
        self._revision = revision
        self._reader = reader
        self._house = house
        self._turn = self._seen = 0
        self._changed_at = 0.0
        self._named: dict[str, Named] = {}
        self._places: dict[str, tuple[int, int]] = {}
        with ui.element("div").classes("form"):
            self._lay(note)
        with ui.element("div").classes("editor-map").props(f'role="region" aria-label="{reader.say("map")}"'):
            self._chart = ui.leaflet(center=(30.0, 30.0), zoom=3, options={"worldCopyJump": True})
            self._chart.clear_layers()
        ui.on("newswatch-choose", self._chosen)
        ui.timer(0, self._draw_first, once=True)

    def _lay(self, note: str) -> None:
        say, form = self._reader.say, self._form
        words(form.name or form.id or say("add_watch"), "h1")
        if note:
            words(note, "p", "quiet")
        with ui.element("div").classes("fields"):
            self._text("watch_name", form.name, lambda value: self._set("name", value))
            if self._revision is None:
                self._text("watch_id", form.id, lambda value: self._set("id", value))
            choice(
                say("severity"),
                SEVERITIES[self._reader.language],
                form.severity,
                lambda value: self._set("severity", value),
            )
        words(say("conditions"), "h2")
        self._rows = ConditionRows(form, self._reader, self._house, self._changed)
        button(say("add_condition"), "add-condition", self._rows.add)
        with ui.element("details"):
            words(say("more_fields"), "summary")
            with ui.element("div").classes("fields"):
                for key in ("languages", "outlets", "notify"):
                    self._text(f"{key}_field", form.lists[key], partial(self._list, key))
                self._text("sources_field", form.sources, lambda value: self._set("sources", value))
                for key in STEPS:
                    self._text(f"{key}_from_field", form.steps[key], partial(self._step, key))
                tick(say("facts_field"), on=form.facts_only, changed=lambda on: self._set("facts_only", on))
        self._wrong = ui.element("div").props('role="alert"')
        with ui.element("div").classes("fields"):
            button(say("try_month"), "try", self._try)
            button(say("save"), "save", self._save).classes("first")
        self._said = ui.label().classes("quiet").props('role="status"')
        self._trial = Trial(self._reader, self._house)

    def _text(self, label: str, value: str, changed: Callable[[str], None]) -> None:
        shown = ui.input(self._reader.say(label), value=value, on_change=lambda event: changed(event.value or ""))
        shown.props(f'outlined dense dir="auto" data-field="{label}"').classes("name-field")

    def _set(self, name: str, value: Any) -> None:
        setattr(self._form, name, value)
        self._changed()

    def _list(self, key: str, value: str) -> None:
        self._form.lists[key] = value
        self._changed()

    def _step(self, severity: str, value: str) -> None:
        self._form.steps[severity] = value
        self._changed()

    def _changed(self) -> None:
        """It is looked at again once nothing more is typed for a moment."""
        self._turn += 1
        self._changed_at = time.monotonic()

    async def _draw_first(self) -> None:
        await ui.context.client.connected()
        ui.run_javascript(f"newswatch.begin({self._chart.id}, [], {json.dumps(self._reader.say('credit'))})")
        ui.timer(_PAUSE_SECONDS / 3, self._look)

    async def _look(self) -> None:
        turn = self._turn
        if turn == self._seen or time.monotonic() - self._changed_at < _PAUSE_SECONDS:
            return
        self._seen = turn
        definition, places = definition_of(self._form)
        if not places:
            found = Understood(None, (), (), (), ())
        else:
            found = await asyncio.to_thread(understand, {**definition, "id": definition["id"] or "new"}, self._house)
        if turn != self._turn:
            return
        self._places, self._named = places, {one.at: one for one in found.names}
        self._tell(self._rows.show(found, places))
        drawn = json.dumps([list(found.features), [dot for one in found.names for dot in _dots(one)]])
        ui.run_javascript(f"newswatch.draw({self._chart.id}, ...{drawn})")

    def _tell(self, mistakes: list[str]) -> None:
        self._wrong.clear()
        with self._wrong:
            for one in mistakes:
                words(one, "p", "wrong")

    def _chosen(self, event: events.GenericEventArguments) -> None:
        """A dot of the map was chosen."""
        at, entity = str(event.args["at"]), str(event.args["entity"])
        named, place = self._named.get(at), place_of(at, self._places)
        for one in named.others if named is not None else ():
            if named is not None and one.id == entity and place is not None:
                self._rows.write(place, narrowed(named, one))

    async def _try(self) -> None:
        self._said.text = ""
        definition, places = definition_of(self._form)
        if not places:
            self._tell([self._reader.say("nothing_watched")])
            return
        try:
            await self._trial.run({**definition, "id": definition["id"] or "new"})
        except Problem as problem:
            self._tell(_mistakes(problem))

    async def _save(self) -> None:
        say, caller = self._reader.say, self._reader.caller
        self._said.text = ""
        definition, places = definition_of(self._form)
        if not caller.may("watches"):
            self._tell([say("may_not")])
            return
        if not places:
            self._tell([say("nothing_watched")])
            return
        match_ = f'"{self._revision}"' if self._revision is not None else None
        absent = "*" if self._revision is None else None

        def keep() -> keep_watch.KeptWatch:
            watch = str(definition["id"])
            return keep_watch.keep(self._house, caller, watch, definition, if_match=match_, if_none_match=absent)

        try:
            kept = await asyncio.to_thread(keep)
        except Problem as problem:
            self._tell(_mistakes(problem))
        except ChangeRefused as refused:
            self._tell([str(refused)])
        else:
            self._tell([])
            self._form.id, self._revision = kept.row.id, kept.row.revision
            self._said.text = say("saved")
            ui.run_javascript(f"history.replaceState(null, '', '/watch/{kept.row.id}?lang={self._reader.language}')")


def _mistakes(problem: Problem) -> list[str]:
    return [str(one["message"]) for one in problem.errors] or [problem.detail]


def _dots(one: Named) -> list[dict[str, Any]]:
    """What a name may mean, where it may mean several."""
    if not one.others:
        return []
    both = [(one.meant, True), *((other, False) for other in one.others)]
    return [
        {"at": one.at, "entity": it.id, "name": it.name, "country": it.country or "", "lat": it.lat, "lon": it.lon,
         "chosen": chosen}
        for it, chosen in both if it is not None and it.lat is not None and it.lon is not None
    ]  # fmt: skip

"""The conditions of a watch that is being written: a row each, and below each name what it means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import get_args

from nicegui import ui
from nicegui.element import Element

from agents.match.resolve import describe
from agents.match.watch import CONDITION_KINDS, ConditionKind
from agents.names.entity import Entity
from newswatch.web.house import House
from newswatch.web.pages.fields import NameField, button, choice, words
from newswatch.web.pages.frame import Reader
from newswatch.web.pages.watch_form import ConditionForm, WatchForm, place_of
from newswatch.web.understood import Named, Understood
from streams.records import Kind

_OF: dict[str, Kind] = {"town": "place", "route": "place", "actor": "actor"}
_LABELS = {"town": "kind_town", "route": "place_or_road", "actor": "kind_actor", "area": "area_field",
           "phrase": "kind_phrase"}  # fmt: skip
_SHOWN_OTHERS = 6


class ConditionRows:
    """The rows; tells `changed` after every change."""

    def __init__(self, form: WatchForm, reader: Reader, house: House, changed: Callable[[], None]) -> None:
        self._form = form
        self._reader = reader
        self._house = house
        self._changed = changed
        self._fields: dict[tuple[int, int], NameField] = {}
        self._below: dict[tuple[int, int], Element] = {}
        self._rows = ui.element("div")
        self._lay()

    def add(self) -> None:
        """One condition more."""
        self._form.conditions.append(ConditionForm())
        self._lay(focus=(len(self._form.conditions) - 1, 0))

    def write(self, place: tuple[int, int], name: str) -> None:
        """Put a name in the place of another."""
        self._form.conditions[place[0]].names[place[1]] = name
        self._fields[place].input.set_value(name)
        self._changed()

    def show(self, found: Understood, places: dict[str, tuple[int, int]]) -> list[str]:
        """Say below each name what it means and what is wrong; mistakes that stand in no row are returned."""
        for below in self._below.values():
            below.clear()
        for one in found.names:
            if (at := place_of(one.at, places)) in self._below:
                with self._below[at]:
                    self._meaning(one, at)
        left = []
        for mistake in found.mistakes:
            at = place_of(mistake["at"], places)
            if at in self._below:
                with self._below[at]:
                    words(mistake["message"], "p", "wrong")
            else:
                left.append(mistake["message"])
        return left

    def _lay(self, focus: tuple[int, int] | None = None) -> None:
        self._rows.clear()
        self._fields.clear()
        self._below.clear()
        with self._rows:
            for index, one in enumerate(self._form.conditions):
                self._row(index, one)
        if focus is not None:
            self._fields[focus].input.run_method("focus")
        self._changed()

    def _row(self, index: int, one: ConditionForm) -> None:
        say = self._reader.say
        with ui.element("fieldset").classes("condition"):
            words(f"{say('condition')} {index + 1}", "legend")
            with ui.element("div").classes("fields"):
                groups = {group: say(f"group_{group}") for group in ("any", "all", "none")}
                choice(say("counts_as"), groups, one.group, lambda value: self._set(one, "group", value))
                kinds: dict[str, str] = {kind: say(f"kind_{kind}") for kind in CONDITION_KINDS}
                choice(say("kind"), kinds, one.kind, lambda value: self._retype(one, value))
            for number, name in enumerate(one.names):
                self._name(index, number, one, name)
            with ui.element("div").classes("fields"):
                if one.kind == "route":
                    button(say("add_place"), "add-place", lambda: self._add_place(index, one))
                if one.kind == "town":
                    self._plain("country", one.country, lambda value: self._set(one, "country", value))
                if one.kind in ("town", "route"):
                    label = "within_km" if one.kind == "town" else "corridor_km"
                    self._plain(label, one.km, lambda value: self._set(one, "km", value))
                if len(self._form.conditions) > 1:
                    told = f"{say('remove')}: {say('condition')} {index + 1}"
                    button(say("remove"), "remove-condition", lambda: self._drop(index), told)

    def _name(self, index: int, number: int, one: ConditionForm, name: str) -> None:
        say = self._reader.say
        label = say(_LABELS[one.kind])
        label = label[:1].upper() + label[1:] + (f" {number + 1}" if one.kind == "route" else "")
        place = (index, number)

        async def typed(value: str) -> None:
            one.names[number] = value
            self._changed()
            kind = _OF.get(one.kind)
            if kind is None or len(value.strip()) < 2:
                return
            await asyncio.sleep(0.15)  # who types on asks again
            if one.names[number] == value and self._fields.get(place) is field:
                found = await asyncio.to_thread(lambda: self._house.knowledge().completer.complete(value, kind))
                if one.kind == "route" and number == 0:
                    roads = await asyncio.to_thread(lambda: self._house.knowledge().completer.complete(value, "route"))
                    found = [*roads[:3], *found]
                field.offer(found)

        with ui.element("div").classes("named"):
            field = NameField(label, name, typed, mark="name")
            if one.kind == "route" and len(one.names) > 1:
                told = f"{say('remove')}: {label}"
                button("×", "remove-place", lambda: self._drop_place(one, number), told)
        self._fields[place] = field
        self._below[place] = ui.element("div").classes("meaning").props('aria-live="polite"')

    def _plain(self, label: str, value: str, changed: Callable[[str], None]) -> None:
        shown = ui.input(self._reader.say(label), value=value, on_change=lambda event: changed(event.value or ""))
        shown.props(f'outlined dense data-field="{label}"').classes("short-field")

    def _meaning(self, one: Named, place: tuple[int, int]) -> None:
        say = self._reader.say
        if one.meant is not None:
            words(f"{say('means')} {describe(one.meant, say('people'))}", "p", "quiet")
        if one.corrections:
            with ui.element("p").classes("corrections"):
                words(f"{say('did_you_mean')} ")
                for name in one.corrections:
                    button(f"{name}?", "correct", partial(self.write, place, name))
        if one.others:
            with ui.element("p").classes("others"):
                words(f"{say('or_else')} ")
                for other in one.others[:_SHOWN_OTHERS]:
                    button(describe(other, say("people")), "choose", partial(self.write, place, narrowed(one, other)))

    def _set(self, one: ConditionForm, name: str, value: str) -> None:
        setattr(one, name, value)
        self._changed()

    def _retype(self, one: ConditionForm, kind: str) -> None:
        one.kind = next(known for known in get_args(ConditionKind) if known == kind)
        one.names = [*one.names, ""][:2] if one.kind == "route" else one.names[:1]
        self._lay(focus=(self._form.conditions.index(one), 0))

    def _add_place(self, index: int, one: ConditionForm) -> None:
        one.names.append("")
        self._lay(focus=(index, len(one.names) - 1))

    def _drop_place(self, one: ConditionForm, number: int) -> None:
        del one.names[number]
        self._lay(focus=(self._form.conditions.index(one), max(0, number - 1)))

    def _drop(self, index: int) -> None:
        del self._form.conditions[index]
        self._lay(focus=(max(0, index - 1), 0))


def narrowed(named: Named, chosen: Entity) -> str:
    """How to write that one of several is meant: with its country where no other lies there, else by its id."""
    alike = [one for one in (named.meant, *named.others) if one is not None and one.id != chosen.id]
    if chosen.country and chosen.kind == "place" and all(one.country != chosen.country for one in alike):
        bare = named.written[:-4] if named.written[-4:-2] == ", " else named.written
        return f"{bare}, {chosen.country}"
    return chosen.id

"""Fields and buttons of forms: each with its label, and usable by keyboard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape

from nicegui import ui
from nicegui.element import Element

from agents.names.complete import Completion

Changed = Callable[[str], None]
Act = Callable[[], Awaitable[None] | None]


def words(text: str, tag: str = "span", classes: str = "") -> Element:
    """Text as an element of its own, never read as HTML."""
    return ui.html(escape(text), sanitize=False, tag=tag).classes(classes)


def wide(label: str) -> Element:
    """Where a table may be wider than the page: it is scrolled there, by keyboard too."""
    made = ui.element("div").classes("wide").props('role="region" tabindex="0"')
    made.props["aria-label"] = label
    return made


def button(text: str, act: str, pressed: Act, described: str = "") -> Element:
    """A button; `act` names it for tests and styles, `described` says more to a screen reader."""
    made = ui.element("button").classes("act").props('type="button"')
    made.props["data-act"] = act
    if described:
        made.props["aria-label"] = described
    with made:
        words(text)
    made.on("click", pressed)
    return made


def choice(label: str, options: Mapping[str, str], chosen: str, changed: Changed) -> Element:
    """One of several, with its label before it."""
    with ui.element("label").classes("field"):
        words(label)
        with ui.element("select") as made:
            for value, shown in options.items():
                option = ui.element("option")
                option.props["value"] = value
                if value == chosen:
                    option.props["selected"] = True
                with option:
                    words(shown)
    made.on("change", lambda event: changed(str(event.args)), js_handler="(event) => emit(event.target.value)")
    return made


def tick(label: str, *, on: bool, changed: Callable[[bool], None]) -> Element:
    """Yes or no."""
    with ui.element("label").classes("field tick"):
        made = ui.element("input").props('type="checkbox"')
        if on:
            made.props["checked"] = True
        words(label)
    made.on("change", lambda event: changed(bool(event.args)), js_handler="(event) => emit(event.target.checked)")
    return made


class NameField:
    """A field for text, with a list of completions below it."""

    def __init__(self, label: str, value: str, changed: Callable[[str], Awaitable[None]], *, mark: str = "") -> None:
        """`mark` names the field for tests."""
        self._list = ui.element("datalist")
        self._list.props["id"] = f"names-{self._list.id}"
        self.input = ui.input(label, value=value, on_change=lambda event: changed(event.value or ""))
        self.input.props('outlined dense dir="auto" autocomplete="off"').classes("name-field")
        self.input.props["list"] = f"names-{self._list.id}"
        if mark:
            self.input.props["data-field"] = mark

    def offer(self, completions: Sequence[Completion]) -> None:
        """What may be meant."""
        self._list.clear()
        with self._list:
            for one in completions:
                option = ui.element("option")
                option.props["value"] = one.name
                option.props["label"] = ", ".join(filter(None, (one.entity.name, one.entity.country)))

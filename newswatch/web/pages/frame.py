"""What every view has: the reader, the way to the other views, theme and language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request
from nicegui import ui

from agents.notify.words import LANGUAGES, Language
from newswatch.web.access import Caller, Door, secret_of
from newswatch.web.pages.words import NAMES, Say, direction, language_of, saying

VIEWS = (("/", "live"), ("/watches", "watches"), ("/read", "read"), ("/feeds", "feeds"), ("/system", "system"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and in which language."""

    caller: Caller
    language: Language
    say: Say


def reader_of(request: Request, door: Door) -> Reader:
    """The reader of a request, who was let in already."""
    asked = request.query_params.get("lang") or request.cookies.get("newswatch_language")
    language = language_of(asked, request.headers.get("accept-language", ""))
    return Reader(door.caller(request, secret_of(request), counted=False), language, saying(language))


@contextmanager
def frame(reader: Reader, view: str, title: str) -> Iterator[None]:
    """The head of a view; its content goes inside."""
    say = reader.say
    ui.page_title(f"{title} · newswatch")
    ui.add_head_html('<link rel="stylesheet" href="/static/page.css">')
    ui.run_javascript(
        f"document.documentElement.lang = '{reader.language}';"
        f"document.documentElement.dir = '{direction(reader.language)}';"
    )
    dark = ui.dark_mode(None)
    with ui.element("nav").classes("nav").props('aria-label="newswatch"'):
        ui.link(say("skip"), "#content").classes("skip")
        ui.label("newswatch").classes("name")
        for path, name in VIEWS:
            link = ui.link(say(name), f"{path}?lang={reader.language}")
            if name == view:
                link.props('aria-current="page"')
        ui.element("span").classes("space")
        with ui.element("select").props(f'aria-label="{say("language")}"') as select:
            for one in LANGUAGES:
                chosen = " selected" if one == reader.language else ""
                with ui.element("option").props(f'value="{one}"{chosen}'):
                    ui.html(NAMES[one], sanitize=False, tag="span")
        select.on(
            "change",
            js_handler="(event) => { document.cookie = `newswatch_language=${event.target.value}; path=/; "
            "SameSite=Strict`; const here = new URL(window.location); here.searchParams.set('lang', "
            "event.target.value); window.location = here; }",
        )
        theme = ui.element("button").props(f'type="button" aria-label="{say("theme")}" title="{say("theme")}"')
        with theme:
            ui.html("◐", sanitize=False, tag="span")
        theme.on("click", lambda: dark.set_value(not dark.value))
    with ui.element("main").props('id="content" tabindex="-1"').style("width: 100%"):
        yield

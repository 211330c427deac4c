"""The page on the web application: every view and its address. Once a process: NiceGUI has one application."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from nicegui import app as nicegui
from nicegui import ui

from newswatch.web.house import House
from newswatch.web.pages import alert, feeds, live, read, system, watch_editor, watches
from newswatch.web.pages.board import Board
from newswatch.web.pages.frame import reader_of
from newswatch.web.pages.guard import PageGuard
from newswatch.web.pages.timeline import Week

view = partial(ui.page, response_timeout=30.0)
"""A view of the page. NiceGUI gives up on one after three seconds, which a busy machine may take to read for it."""


def add_pages(app: FastAPI, house: House) -> None:
    """Serve the page; its parts come from NiceGUI's wheel, and nothing from another host."""
    door = app.state.door
    board = Board(house.archive, app.state.told)
    week = Week(house.archive, house.clock)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    ui.add_head_html('<script src="/static/map.js"></script>', shared=True)

    @view("/")
    async def live_view(request: Request) -> None:
        await live.show(reader_of(request, door), house, board, week)

    @view("/alert/{identity}")
    async def alert_view(request: Request, identity: str) -> None:
        await alert.show(identity, reader_of(request, door), house)

    @view("/watches")
    async def watches_view(request: Request) -> None:
        await watches.show(reader_of(request, door), house)

    @view("/watch")
    async def new_watch_view(request: Request) -> None:
        await watch_editor.show(None, reader_of(request, door), house)

    @view("/watch/{identity}")
    async def watch_view(request: Request, identity: str) -> None:
        await watch_editor.show(identity, reader_of(request, door), house)

    @view("/read")
    async def read_view(request: Request) -> None:
        await read.show(reader_of(request, door), house)

    @view("/feeds")
    async def feeds_view(request: Request) -> None:
        await feeds.show(reader_of(request, door), house)

    @view("/system")
    async def system_view(request: Request) -> None:
        await system.show(reader_of(request, door), house)

    # Quasar's bar for requests says nothing to a screen reader, and the map asks often
    nicegui.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.run_with(app, title="newswatch", dark=None, show_welcome_message=False, reconnect_timeout=30)
    app.add_middleware(PageGuard, door=door)

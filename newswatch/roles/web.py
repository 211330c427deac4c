"""The web role."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn

from newswatch.roles.rereading import read_again_when_asked
from newswatch.roles.runner import RoleContext
from newswatch.web.app import create_web
from newswatch.web.house import House
from newswatch.web.pages.site import add_pages
from newswatch.web.word_reading import keep_reading
from streams.prompt import keep_prompt


async def main(context: RoleContext) -> None:
    """Serve until stopped."""
    house = House(context.config, context.settings, context.archive, context.clock)
    app = create_web(house, context.readiness.why_not, context.reload.ask)
    add_pages(app, house)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    keep_prompt()
    serving = asyncio.create_task(server.serve(sockets=[context.listening]))
    rereading = asyncio.create_task(read_again_when_asked(context.config, context.reload, house.take))
    stopping = asyncio.create_task(context.stopping.wait())
    reading = asyncio.create_task(keep_reading(house))
    context.readiness.ready()
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    rereading.cancel()
    reading.cancel()
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    """Signals are the runner's, not uvicorn's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

"""Who may open the page: this machine, or whoever has a token that may read, as the password a browser asks for.

A WebSocket is held to the same, and must come from the page's own origin.
"""

from __future__ import annotations

from fastapi import WebSocket
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from newswatch.web.access import Caller, Door, secret_of
from newswatch.web.headers import DATA
from newswatch.web.problem import Problem


class PageGuard:
    """Lets through what may see the page."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or WebSocket."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(DATA):
            await self._app(scope, receive, send)
            return
        asking = HTTPConnection(scope)
        try:
            if scope["type"] == "websocket":
                _refuse_foreign(asking)
            may = self.caller(asking).may("read")
        except Problem:
            may = False
        if may:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(1008)
        else:
            asked = {"WWW-Authenticate": 'Basic realm="newswatch: any name, and a token as password"'}
            await PlainTextResponse("A token is needed as password.", 401, asked)(scope, receive, send)

    def caller(self, asking: HTTPConnection) -> Caller:
        """Who asks; raises Problem."""
        return self._door.caller(asking, secret_of(asking), counted=False)


def _refuse_foreign(asking: HTTPConnection) -> None:
    origin = asking.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != asking.headers.get("host"):
        raise Problem("foreign-page", "a page of another origin may not listen here")

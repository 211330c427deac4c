"""Headers that every answer carries, so that a browser guards the page."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
]
DATA = ("/api/", "/alerts.", "/alerts/", "/articles.", "/healthz", "/readyz", "/metrics", "/websub/", "/-/")
"""What is no page: it guards itself, or needs no guard."""
_OF_DATA = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_OF_PAGE = (
    b"content-security-policy",
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
    b"base-uri 'self'; form-action 'self'; object-src 'none'",
)
"""Vue compiles templates at run time; nothing is ever loaded from another host."""


class SecurityHeaders:
    """Adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        policy = _OF_DATA if scope["type"] == "http" and scope["path"].startswith(DATA) else _OF_PAGE

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                has = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in (*_ALWAYS, policy) if header[0] not in has),
                ]
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)

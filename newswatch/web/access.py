"""Who asks, and what they may: a bearer token with scopes and an owner, or this machine itself without one.

A request counts as this machine's where it comes over loopback, was not handed on by a proxy, and is addressed to
loopback by name (so that no name on the internet can be turned to it, and its page ask for us).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from newswatch.kept_watches import OPERATOR
from newswatch.web.problem import Problem
from newswatch.web.rates import Rates
from streams.archive import tokens
from streams.archive.engine import Archive
from streams.clock import Clock

SCOPES = {
    "read": "see articles, alerts, watches, feeds, deliveries and the state of the system",
    "alerts": "acknowledge, snooze, silence and label alerts",
    "watches": "add, change and remove watches of its owner",
    "feeds": "add, pause, resume and remove feeds",
    "deliveries": "try deliveries again",
    "admin": "all of these for every owner, and see the audit log",
}
"""Each scope, and what it allows."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HANDED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")
_bearer = HTTPBearer(auto_error=False, description="A token of `newswatch tokens add`.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    name: str
    """For the audit log: `token 1a2b3c4d of desk`, or `this machine`."""
    owner: str | None
    """Whose watches it may change; None for everybody's."""
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the caller has a scope; `admin` has all, and who may change may also see."""
        return bool(self.scopes & {scope, "admin"}) or (scope == "read" and bool(self.scopes))

    @property
    def acts_for(self) -> str:
        """Whose new things are."""
        return self.owner or OPERATOR


class Door:
    """Lets callers in."""

    def __init__(self, archive: Archive, clock: Clock, rates: Rates, *, loopback_is_trusted: bool) -> None:
        self._archive = archive
        self._clock = clock
        self._rates = rates
        self._loopback_is_trusted = loopback_is_trusted

    def caller(self, request: HTTPConnection, secret: str | None, *, counted: bool = True) -> Caller:
        """Who asks. Raises Problem where nobody we know does, or (where that is `counted`) too often."""
        if secret is not None:
            found = self._of_token(secret)
        elif self._loopback_is_trusted and is_this_machine(request):
            refuse_foreign_pages(request)
            return Caller("this machine", None, frozenset({"admin"}))
        else:
            raise Problem(
                "no-token",
                "send `Authorization: Bearer TOKEN`; `newswatch tokens add` makes a token",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if counted and (wait := self._rates.wait(found.name)):
            raise Problem("too-many", f"go on in {wait:.0f} s", headers={"Retry-After": str(int(wait) + 1)})
        return found

    def _of_token(self, secret: str) -> Caller:
        now = self._clock()
        with self._archive.read() as connection:
            token = tokens.of_secret(connection, secret)
        if token is None or not token.is_good(now):
            raise Problem(
                "bad-token",
                "the token is unknown, revoked or expired",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        if not tokens.was_used_lately(token, now):
            with self._archive.begin() as connection:
                tokens.note_use(connection, token.id, now)
        owner = None if "admin" in token.scopes else token.owner
        return Caller(f"token {token.id} of {token.owner}", owner, token.scopes)


def is_this_machine(request: HTTPConnection) -> bool:
    """Whether a request comes from this machine, and from nobody through it."""
    host = request.client.host if request.client else ""
    if any(name in request.headers for name in _HANDED_ON):
        return False
    return _is_loopback(host) and _is_loopback(request.url.hostname or "")


def refuse_foreign_pages(request: HTTPConnection) -> None:
    """A browser sends this machine's requests for any page: those of other origins may change nothing.

    Raises Problem.
    """
    if request.scope.get("method", "GET") in _SAFE_METHODS:
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = f"{request.url.scheme}://{request.url.netloc}"
    if (origin is not None and origin != own) or site not in (None, "same-origin", "none"):
        raise Problem("foreign-page", f"a page of {origin or 'another site'} may not change anything here")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def secret_of(request: HTTPConnection) -> str | None:
    """The token of a request: a bearer's, or the password of basic authentication, which feed readers can send."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            pass
    return ""  # something was sent that is no token: it must not count as nothing


def needs(scope: str) -> Callable[..., Caller]:
    """A dependency: the caller, who must have the scope. Raises Problem."""

    def caller(request: Request, _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None) -> Caller:
        door: Door = request.app.state.door
        found = door.caller(request, secret_of(request))
        if not found.may(scope):
            raise Problem("no-scope", f'this needs the scope "{scope}": {SCOPES[scope]}')
        return found

    return caller


Reader = Annotated[Caller, Depends(needs("read"))]
AlertKeeper = Annotated[Caller, Depends(needs("alerts"))]
WatchKeeper = Annotated[Caller, Depends(needs("watches"))]
FeedKeeper = Annotated[Caller, Depends(needs("feeds"))]
DeliveryKeeper = Annotated[Caller, Depends(needs("deliveries"))]
Admin = Annotated[Caller, Depends(needs("admin"))]

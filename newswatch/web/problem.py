"""Every error of the API as `application/problem+json` (RFC 9457), with a type that has a page of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from streams.errors import ArchiveUnavailable, ChangeRefused, ConfigInvalid

log = logging.getLogger(__name__)

TYPE = "application/problem+json"
BASE = "/api/v1/problems"
KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood; `errors` says where."),
    "bad-cursor": (400, "The cursor is none that this API gave: begin again without one."),
    "no-token": (401, "A token is needed: `Authorization: Bearer ...`; `newswatch tokens add` makes one."),
    "bad-token": (401, "The token is unknown, revoked or expired."),
    "no-scope": (403, "The token lacks the scope that this needs."),
    "not-yours": (403, "What is asked for belongs to another owner."),
    "foreign-page": (403, "A page of another origin may not change anything here."),
    "not-found": (404, "There is nothing at this address."),
    "wrong-method": (405, "This address does not take that method; `Allow` says which."),
    "too-slow": (408, "The request did not come in time."),
    "gone": (410, "This is here no more, and will not be."),
    "conflict": (409, "It was changed meanwhile, its id is taken, or a limit is reached."),
    "precondition": (412, "It is not as `If-Match` says it was: read it again."),
    "too-large": (413, "The request is larger than this API takes."),
    "wrong-media": (415, "This takes JSON: `Content-Type: application/json`."),
    "invalid": (422, "The values are wrong; `errors` says where and what to do."),
    "too-many": (429, "Too many requests; `Retry-After` says when to go on."),
    "failed": (500, "A defect of newswatch: the log has it under the id that is given."),
    "not-installed": (501, "An optional part of newswatch is not installed here; `detail` says how to."),
    "unavailable": (503, "The archive cannot be reached now: try again."),
}
"""Each type's status, and what it means."""
_OF_STATUS = {status: kind for kind, (status, _) in reversed(KINDS.items())}


class Problem(Exception):
    """An answer that is an error; `kind` is one of `KINDS`."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def answer(problem: Problem, request: Request) -> JSONResponse:
    """The problem as it is sent."""
    status, _ = KINDS[problem.kind]
    body: dict[str, Any] = {
        "type": f"{BASE}/{problem.kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": problem.detail,
        "instance": request.url.path,
    }
    if problem.errors:
        body["errors"] = list(problem.errors)
    return JSONResponse(body, status, dict(problem.headers), media_type=TYPE)


def add_problems(app: FastAPI) -> None:
    """Answer every error so, and serve what each type means."""

    @app.exception_handler(Problem)
    async def ours(request: Request, problem: Problem) -> JSONResponse:
        return answer(problem, request)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{"at": ".".join(str(step) for step in one["loc"]), "message": one["msg"]} for one in error.errors()]
        first = f"{errors[0]['at']}: {errors[0]['message']}"
        return answer(Problem("invalid", first, errors=errors), request)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kind = _OF_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "failed")
        return answer(Problem(kind, str(error.detail), headers=error.headers), request)

    @app.exception_handler(ChangeRefused)
    async def refused(request: Request, error: ChangeRefused) -> JSONResponse:
        return answer(Problem("conflict", str(error)), request)

    @app.exception_handler(ConfigInvalid)
    async def mistaken(request: Request, error: ConfigInvalid) -> JSONResponse:
        errors = [{"at": "body", "message": mistake} for mistake in error.mistakes]
        return answer(Problem("invalid", error.mistakes[0], errors=errors), request)

    @app.exception_handler(ArchiveUnavailable)
    async def unavailable(request: Request, error: ArchiveUnavailable) -> JSONResponse:
        return answer(Problem("unavailable", str(error), headers={"Retry-After": "5"}), request)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        mark = f"{id(error):x}"
        log.error("%s %s failed (%s)", request.method, request.url.path, mark, exc_info=error)
        return answer(Problem("failed", f"{type(error).__name__}; the log has it as {mark}"), request)

    @app.get(BASE, tags=["problems"], summary="Every type of problem")
    def kinds() -> dict[str, Any]:
        return {"problems": [_described(kind) for kind in KINDS]}

    @app.get(BASE + "/{kind}", tags=["problems"], summary="What a type of problem means")
    def kind_of(kind: str) -> dict[str, Any]:
        if kind not in KINDS:
            raise Problem("not-found", f'there is no problem "{kind}": {BASE} lists them')
        return _described(kind)


def _described(kind: str) -> dict[str, Any]:
    status, meaning = KINDS[kind]
    return {"type": f"{BASE}/{kind}", "status": status, "meaning": meaning}

"""Cursors: where a list goes on, as one opaque word."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Query

from newswatch.web.problem import Problem

Limit = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before.")]
_Row = TypeVar("_Row")


def cursor_of(at: datetime, identity: str) -> str:
    """The cursor after a row that a list ordered by time and id ends with."""
    told = json.dumps([at.astimezone(UTC).isoformat(), identity], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def position(cursor: str | None) -> tuple[datetime, str] | None:
    """The row that a cursor stands after, or None without one. Raises Problem."""
    if cursor is None:
        return None
    try:
        told = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        at, identity = told
        instant = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, TypeError, binascii.Error, OverflowError) as error:
        raise Problem("bad-cursor", "the cursor is none that this API gave") from error
    if not isinstance(identity, str) or "\x00" in identity:
        raise Problem("bad-cursor", "the cursor is none that this API gave")
    return instant, identity


def next_of(rows: Sequence[_Row], limit: int, key: Callable[[_Row], tuple[datetime, str]]) -> str | None:
    """The cursor of the next page, or None where this one is not full."""
    return cursor_of(*key(rows[-1])) if len(rows) == limit else None

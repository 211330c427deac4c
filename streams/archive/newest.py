"""Lists that somebody leafs through, the newest first: what they may ask for, and where a page goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, or_

Position = tuple[datetime, str]
"""The time and the id of the last row of a page."""


def that_are(*asked: tuple[Column[Any], object | None]) -> list[ColumnElement[bool]]:
    """Columns that have values; what is None is not asked."""
    return [column == value for column, value in asked if value is not None]


def within(at: Column[Any], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """At or after a time, and before another."""
    asked = [] if since is None else [at >= since]
    return asked if until is None else [*asked, at < until]


def beyond(at: Column[Any], identity: Column[Any], after: Position | None) -> list[ColumnElement[bool]]:
    """What comes after a position in the order of falling time and id.

    The first clause says less than the second, and lets an index be used.
    """
    if after is None:
        return []
    time, last = after
    return [at <= time, or_(at < time, and_(at == time, identity < last))]

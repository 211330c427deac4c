"""Values as requests bring them and answers carry them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL cannot be part of it")
    return text


def _in_range(at: datetime) -> datetime:
    if not 1900 <= at.year <= 9000:
        raise ValueError("the year must be from 1900 to 9000")
    return at


Identity = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_no_nul)]
"""The id of something."""
Words = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_no_nul)]
"""A few words of a person."""
Instant = Annotated[datetime, AfterValidator(_in_range)]
"""A time, UTC where it names no zone."""


def utc(at: datetime | None) -> datetime | None:
    """A time in UTC."""
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def plain(value: Any) -> Any:
    """A value as JSON has it: times as text, tuples as lists."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain(one) for one in value]
    return value

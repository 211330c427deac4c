"""The feeds that are polled, as a person writes them in the settings file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, StringConstraints

from streams.ids import digest


class Feed(BaseModel):
    """One feed: where it is, how often to look, and what is known of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")] = ""
    """Stable id; made from the address where it is left out."""
    name: str = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """A hint where the feed itself tells none (ISO 639-1)."""
    every_seconds: float | None = Field(default=None, ge=1, le=86_400)
    """Time between polls, in seconds; without it the feed's own rhythm decides."""

    def key(self) -> str:
        """The id that articles and the archive know this feed by."""
        return self.id or digest("feed", str(self.url))[:16]

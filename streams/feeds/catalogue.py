"""The feeds that are polled, as a person writes them: in the settings file, or kept in the archive."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from streams.addresses import address_of
from streams.archive import kept_feeds
from streams.archive.engine import Archive
from streams.errors import ChangeRefused
from streams.feeds.page_text import FullText
from streams.ids import digest

_NOT_OF_A_LINE = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


def _one_line(text: str) -> str:
    """The text without line breaks, control characters and lone surrogates, which no list and no OPML can show."""
    return _NOT_OF_A_LINE.sub(" ", text).strip()


Line = Annotated[str, AfterValidator(_one_line)]
LEAST_EVERY_SECONDS = 60
"""For servers of others, whatever the operator says."""
_AT_REST = "at_rest"


class Feed(BaseModel):
    """One feed: where it is, how often to look, and what is known of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")] = ""
    """Stable id; made from the address where it is left out."""
    name: Line = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    """A hint where the feed itself tells none (ISO 639-1)."""
    every_seconds: float | None = Field(default=None, ge=1, le=86_400)
    """Time between polls, in seconds; without it the feed's own rhythm decides."""

    full_text: FullText | None = None
    """Whether its articles' pages are fetched: where the text is a teaser, always, never; else as `poll` has it."""

    group: Line = Field(default="", max_length=200)
    """Where it stands in a list of feeds; groups within groups are joined by ` / `."""

    @field_validator("every_seconds")
    @classmethod
    def _no_sooner(cls, every_seconds: float | None, info: ValidationInfo) -> float | None:
        url = info.data.get("url")
        at_rest = bool(info.context and info.context.get(_AT_REST))
        if every_seconds is None or every_seconds >= LEAST_EVERY_SECONDS or at_rest or url is None or _is_here(url):
            return every_seconds
        raise PydanticCustomError(
            "plain",
            '"every_seconds" must be at least {least} and this is {seconds}: only a server on this machine may be '
            "polled more often",
            {"least": LEAST_EVERY_SECONDS, "seconds": f"{every_seconds:g}"},
        )

    def key(self) -> str:
        """The id that articles and the archive know this feed by."""
        return self.id or digest("feed", str(self.url))[:16]

    def called(self) -> str:
        """What a person calls this feed, in logs: its name, or its address."""
        return self.name or str(self.url)


def polled(archive: Archive, in_file: Sequence[Feed]) -> list[Feed]:
    """Every feed to be polled now: those of the settings file and of the archive, without those that are paused."""
    known = known_feeds(archive, in_file)
    with archive.read() as connection:
        paused = kept_feeds.paused(connection)
    return [feed for key, feed in known.items() if key not in paused]


def known_feeds(archive: Archive, in_file: Sequence[Feed]) -> dict[str, Feed]:
    """Every feed by id, paused or not; where both have an id the settings file's word wins."""
    with archive.read() as connection:
        kept = [feed_of(row.definition) for row in kept_feeds.list_feeds(connection)]
    return {feed.key(): feed for feed in [*kept, *in_file]}


def apart(feeds: Sequence[Feed], known: Mapping[str, Feed]) -> tuple[list[Feed], list[str]]:
    """The feeds without those whose id another address has, and a line for each of these."""
    taken = dict(known)
    fine, problems = [], []
    for feed in feeds:
        other = taken.setdefault(feed.key(), feed)
        if str(other.url) == str(feed.url):
            fine.append(feed)
        else:
            problems.append(f'{feed.url}: its id "{feed.key()}" is taken by {other.url}: give it another')
    return fine, problems


def keep(archive: Archive, in_file: Sequence[Feed], feeds: Sequence[Feed], now: datetime) -> list[Feed]:
    """Keep feeds in the archive; those whose address is known already are left out of the answer and stay as they are.

    Raises ChangeRefused where an id is taken by a feed of another address; then nothing was kept.
    """
    with archive.begin() as connection:
        known = {feed.key(): feed for feed in in_file}
        known.update((row.id, feed_of(row.definition)) for row in kept_feeds.list_feeds(connection))
        addresses = {str(feed.url) for feed in known.values()}
        fresh: list[Feed] = []
        for feed in feeds:
            if str(feed.url) in addresses:
                continue
            taken = known.get(feed.key())
            if taken is not None:
                raise ChangeRefused(f'the id "{feed.key()}" is taken by {taken.url}: give another with --id')
            known[feed.key()] = feed
            addresses.add(str(feed.url))
            fresh.append(feed)
        for feed in fresh:
            kept_feeds.keep(connection, feed.key(), feed.model_dump_json(exclude_defaults=True), now)
    return fresh


def feed_of(definition: str) -> Feed:
    """The feed that a definition at rest describes."""
    return Feed.model_validate_json(definition, context={_AT_REST: True})


def _is_here(url: HttpUrl) -> bool:
    host = (url.host or "").rstrip(".").lower()
    address = address_of(host)
    return address.is_loopback if address is not None else host == "localhost" or host.endswith(".localhost")

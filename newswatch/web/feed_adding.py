"""Feeds that somebody adds by the page or the API: kept, and noted with who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newswatch.web.house import House
from streams.archive import audit
from streams.feeds.catalogue import Feed, apart, keep, known_feeds
from streams.feeds.opml import read_opml

MOST_OPML_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the feeds of a list."""

    added: tuple[Feed, ...]
    known: int
    """How many were there already; they stay as they were."""
    problems: tuple[str, ...]
    """A line for each that was not taken."""


def add_feeds(house: House, feeds: Sequence[Feed], who: str) -> list[Feed]:
    """Keep feeds; those that were not known before. Raises ChangeRefused where an id is another feed's."""
    now = house.clock()
    added = keep(house.archive, house.settings.feeds, feeds, now)
    with house.archive.begin() as connection:
        for feed in added:
            audit.note(connection, who, "feed.add", feed.key(), now, {"url": str(feed.url)})
    return added


def take_opml(house: House, document: bytes, who: str) -> TakenIn:
    """Add the feeds of an OPML document, with their groups. Raises ValueError where it is none, or too large."""
    if len(document) > MOST_OPML_BYTES:
        raise ValueError(f"no list of feeds has more than {MOST_OPML_BYTES:,} bytes: give it in parts")
    read = read_opml(document)
    feeds, taken = apart(read.feeds, known_feeds(house.archive, house.settings.feeds))
    added = add_feeds(house, feeds, who)
    return TakenIn(tuple(added), len(feeds) - len(added), (*read.problems, *taken))

"""What parsing makes of a feed document: plain records that cross the processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from streams.feeds.hub import NO_HUB, HubLinks


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed, read but not yet judged against what is known."""

    identities: tuple[str, ...]
    """What this entry may be known by, best first; each names it alone within its document."""
    aliases: tuple[str, ...]
    """What it shares with itself under another id: link and title, or these and the date."""
    url: str | None
    canonical_url: str
    """See `link.canonical_link`; empty where the entry has no address of its own."""
    title: str
    text: str
    truncated: bool
    published: datetime | None
    """As the feed says, in UTC; may be absurd."""
    language: str | None
    outlet: str
    raw: str
    """The entry as the parser gave it, JSON in base64; only kept where it is empty."""

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to read or follow."""
        return not (self.title or self.text or self.url)


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document."""

    version: str
    """As feedparser names it, such as `rss20`; empty where it is no feed it knows."""
    entries: tuple[Entry, ...]
    repeats: int
    """Entries left out since another in the same document is equal to them in everything."""
    hint_seconds: float | None = None
    """How often the feed says it is worth a look."""
    title: str = ""
    """What the feed calls itself."""
    hub_links: HubLinks = NO_HUB
    """What the feed says of a hub."""
    left_out: int = 0
    """Entries over the bound, the oldest of the document; see `guard.MAX_ENTRIES`."""

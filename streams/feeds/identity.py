"""Which entry is which: within its document, and from one poll to the next.

An entry is known by the first of these that no other entry of its document has too: its GUID, its canonical
link, its title and date, its title and text, everything it says. So a GUID that a site gives to all its entries
swallows none of them. An entry whose GUID changed is found again by its aliases.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from streams.feeds.document import Entry
from streams.feeds.entry import Fields
from streams.feeds.link import canonical_link, is_front_page
from streams.ids import digest

_WEB = re.compile(r"https?://", re.IGNORECASE)


def tell_apart(entries: Sequence[Fields], home: str) -> tuple[tuple[Entry, ...], int]:
    """The entries with their identities, and how many were left out as exact repeats of another.

    `home` is the address of the site that the feed names as its own (or empty): no entry is known by that.
    """
    distinct = list({entry.exact: entry for entry in entries}.values())
    links = [_own_link(entry, home) for entry in distinct]
    columns = [_unique([way(entry, link) for entry, link in zip(distinct, links, strict=True)]) for way in _WAYS]
    link_counts = Counter(links)
    told = []
    for position, (entry, link) in enumerate(zip(distinct, links, strict=True)):
        identities = tuple(identity for column in columns if (identity := column[position]))
        told.append(
            Entry(
                identities=identities,
                aliases=_aliases(entry, link, link_is_its_own=bool(link) and link_counts[link] == 1),
                url=entry.url,
                canonical_url=link,
                title=entry.title,
                text=entry.text,
                truncated=entry.truncated,
                published=entry.published,
                language=entry.language,
                outlet=entry.outlet,
                raw=entry.raw,
            )
        )
    return tuple(told), len(entries) - len(distinct)


def folded_title(title: str) -> str:
    """The title as it is compared: case and white space do not count."""
    return " ".join(title.casefold().split())


def _by_guid(entry: Fields, _link: str) -> str:
    if not entry.guid:
        return ""
    return digest("guid", canonical_link(entry.guid) if _WEB.match(entry.guid) else entry.guid)


def _by_exact_guid(entry: Fields, _link: str) -> str:
    return digest("exact guid", entry.guid) if _WEB.match(entry.guid) else ""


def _by_link(_entry: Fields, link: str) -> str:
    return digest("link", link) if link else ""


def _by_exact_link(entry: Fields, link: str) -> str:
    return digest("exact link", entry.url) if link and entry.url else ""


def _by_date(entry: Fields, _link: str) -> str:
    return digest("date", entry.title, entry.published.isoformat()) if entry.title and entry.published else ""


def _by_content(entry: Fields, _link: str) -> str:
    return digest("content", entry.title, entry.text) if entry.title or entry.text else ""


def _by_everything(entry: Fields, _link: str) -> str:
    return digest("everything", entry.exact)


_WAYS: tuple[Callable[[Fields, str], str], ...] = (
    _by_guid,
    _by_exact_guid,
    _by_link,
    _by_exact_link,
    _by_date,
    _by_content,
    _by_everything,
)


def _own_link(entry: Fields, home: str) -> str:
    """The entry's canonical link, unless it leads to the site as a whole."""
    if not entry.url or is_front_page(entry.url):
        return ""
    link = canonical_link(entry.url)
    return "" if home and link == canonical_link(home) else link


def _unique(values: list[str]) -> list[str]:
    counts = Counter(values)
    return [value if counts[value] == 1 else "" for value in values]


def _aliases(entry: Fields, link: str, *, link_is_its_own: bool) -> tuple[str, ...]:
    """Link and title where the link is the entry's own; with the date besides where it may be shared."""
    title = folded_title(entry.title)
    aliases = []
    if link_is_its_own and title:
        aliases.append(digest("link and title", link, title))
    if title and entry.published:
        shared = canonical_link(entry.url) if entry.url else ""
        aliases.append(digest("link, title and date", shared, title, entry.published.isoformat()))
    return tuple(aliases)

"""What one look at an address found, in sentences: for the command and the page."""

from __future__ import annotations

from collections.abc import Iterator

from newswatch.settings import Settings
from streams.feeds.probe import Probe

_SHOWN = 5
"""Entries whose titles are told."""


def told_of_probe(found: Probe, settings: Settings) -> Iterator[str]:
    """What is at an address, and how it would be polled: a line each."""
    yield f"{found.bytes} bytes of {found.content_type or 'no stated type'} from {found.found_at}"
    if found.moved_to:
        yield f"moved for good to {found.moved_to}: followed without asking after three sightings"
    if not found.is_feed:
        yield "no feed" if not found.advertised else "no feed; the page names these:"
        yield from (f"  {one.url}  {one.title}" for one in found.advertised)
        return
    repeats = f", {found.repeats} exact repeats left out" if found.repeats else ""
    yield f"{found.version or 'feed'} {found.title!r}: {len(found.entries)} entries{repeats}"
    if found.newest:
        yield f"newest of {found.newest:%Y-%m-%d %H:%M}Z"
    yield "asks can be conditional" if found.conditional else "no validators: every poll is a full fetch"
    wish = f", its server asks for {found.hint_seconds:.0f} s" if found.hint_seconds else ""
    yield f"next poll after {found.next_seconds:.0f} s, because of its {found.pace}{wish}"
    yield _hub(found, settings.web.public_url)
    yield from _pages(found, settings.poll.full_text)
    for entry in found.entries[:_SHOWN]:
        yield f"  {entry.published or 'no date'}  {entry.title or entry.text[:80]}"


def _hub(found: Probe, public_url: str) -> str:
    if found.hub is None:
        return "names no hub: it is polled only"
    if not public_url:
        return f"names the hub {found.hub}, which could send it at once if `web.public_url` were set"
    return f"subscribed to at its hub {found.hub}; polls are the backup"


def _pages(found: Probe, full_text: str) -> Iterator[str]:
    yield f"{found.teasers} of {len(found.entries)} entries are teasers (full_text: {full_text})"
    page = found.page
    if page is None:
        yield "no page of an article is fetched"
    elif page.robots == "unreachable":
        yield f"no page is fetched while the robots.txt of {page.url} cannot be had ({page.problem})"
    elif page.robots == "not allowed":
        yield f"the robots.txt of its site does not allow {page.url}"
    elif page.problem:
        yield f"robots.txt allows {page.url}, which cannot be read ({page.problem})"
    else:
        yield f"robots.txt allows {page.url}, on which {page.characters} characters are read"

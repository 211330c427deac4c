"""`newswatch feeds add|import|export|pause|resume|remove`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy import Connection

from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from newswatch.settings import Settings
from streams.archive import kept_feeds
from streams.archive.engine import Archive, open_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused, FetchFailed
from streams.feeds.catalogue import Feed, apart, keep, known_feeds
from streams.feeds.link import as_typed
from streams.feeds.opml import read_opml, write_opml
from streams.feeds.probe import Probe, probe_address

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of feeds, as `newswatch feeds list` shows them.")]


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Of the feed, or of a site that names its feeds.")],
    feed_id: Annotated[str | None, typer.Option("--id", help="Its id; made from the address where left out.")] = None,
    name: Annotated[str, typer.Option(help="Its name for people; the feed's own where left out.")] = "",
    group: Annotated[str, typer.Option(help="Where it stands in lists.")] = "",
    language: Annotated[str | None, typer.Option(help="Two letters, where the feed tells none.")] = None,
    every: Annotated[float | None, typer.Option(metavar="SECONDS", help="Poll it so often, whatever it says.")] = None,
    full_text: Annotated[
        str | None, typer.Option("--full-text", metavar="WHEN", help="Fetch its articles' pages: auto, always, never.")
    ] = None,
    unseen: Annotated[bool, typer.Option("--unseen", help="Add it without fetching it first.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add a feed. It is fetched first; a page is searched for the feeds it names, and the only one is taken."""
    settings = load_settings(config)
    url, title = as_typed(url), ""
    if not unseen:
        found = _probed(url, settings)
        url, title = found.moved_to or found.url, found.title
    given = {"id": feed_id, "language": language, "every_seconds": every, "full_text": full_text}
    feed = _valid(
        {
            "url": url,
            "name": name or title,
            "group": group,
            **{key: one for key, one in given.items() if one is not None},
        }
    )
    added = keep(open_archive(settings.archive_url()), settings.feeds, [feed], utc_now())
    if not added:
        raise ChangeRefused(f"{url} is among the feeds already: see `newswatch feeds list`")
    print(f"{feed.key()}  {feed.url}")


def import_file(
    file: Annotated[str, typer.Argument(metavar="FILE", help="OPML; `-` reads standard input.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add the feeds of an OPML file, with their groups. Those known already stay as they are."""
    settings = load_settings(config)
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        read = read_opml(data)
    except ValueError as error:
        raise ChangeRefused(f"{file}: {error}") from error
    archive = open_archive(settings.archive_url())
    feeds, taken = apart(read.feeds, known_feeds(archive, settings.feeds))
    added = keep(archive, settings.feeds, feeds, utc_now())
    problems = [*read.problems, *taken]
    for problem in problems:
        print(f"{file}: {problem}", file=sys.stderr)
    print(f"{len(added)} feeds added, {len(feeds) - len(added)} known already, {len(problems)} not taken")
    raise typer.Exit(1 if problems else 0)


def export(config: Config = DEFAULT_CONFIG) -> None:
    """Write all feeds, of the settings file and of the archive, as OPML to standard output."""
    settings = load_settings(config)
    known = known_feeds(open_archive(settings.archive_url()), settings.feeds)
    sys.stdout.buffer.write(write_opml(known.values()))


def pause(feeds: Ids, config: Config = DEFAULT_CONFIG) -> None:
    """Do not poll these feeds for now."""
    _change(feeds, config, lambda connection, feed: kept_feeds.pause(connection, feed, utc_now()), "paused")


def resume(feeds: Ids, config: Config = DEFAULT_CONFIG) -> None:
    """Poll these feeds again."""
    _change(feeds, config, kept_feeds.resume, "resumed")


def remove(feeds: Ids, config: Config = DEFAULT_CONFIG) -> None:
    """Remove feeds that were added by command; their articles stay."""
    settings = load_settings(config)
    in_file = {feed.key() for feed in settings.feeds}
    for feed in feeds:
        if feed in in_file:
            raise ChangeRefused(f'"{feed}" stands in the settings file: remove it there, or `newswatch feeds pause` it')
    _change(feeds, config, kept_feeds.remove, "removed")


def _change(feeds: list[str], config: Path, change: Callable[[Connection, str], bool], done: str) -> None:
    """Change all or none: an unknown id is an error before anything is written."""
    settings = load_settings(config)
    archive: Archive = open_archive(settings.archive_url())
    known = known_feeds(archive, settings.feeds)
    unknown = [feed for feed in feeds if feed not in known]
    if unknown:
        raise ChangeRefused(f"no feed has the id {', '.join(unknown)}: see `newswatch feeds list`")
    with archive.begin() as connection:
        for feed in dict.fromkeys(feeds):
            print(f"{feed}  {done if change(connection, feed) else f'was {done} already'}")


def _probed(url: str, settings: Settings) -> Probe:
    """The feed at an address, or the only one that the page there names."""
    found = _looked(url, settings)
    if found.is_feed:
        return found
    if not found.advertised:
        raise ChangeRefused(f"{url} is no feed and names none; `--unseen` adds it all the same")
    if len(found.advertised) > 1:
        listed = "".join(f"\n  {one.url}  {one.title}" for one in found.advertised)
        raise ChangeRefused(f"{url} names {len(found.advertised)} feeds: add the one that is meant{listed}")
    named = _looked(found.advertised[0].url, settings)
    if not named.is_feed:
        raise ChangeRefused(f"{url} names {named.url}, which is no feed; `--unseen` adds an address all the same")
    return named


def _looked(url: str, settings: Settings) -> Probe:
    try:
        return asyncio.run(probe_address(url, settings.poll, with_page=False))
    except FetchFailed as error:
        raise ChangeRefused(f"{url}: {error}; `--unseen` adds it all the same") from error


def _valid(values: dict[str, Any]) -> Feed:
    try:
        return Feed.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise ChangeRefused(f"{first['loc'][0]}: {first['msg']}") from error

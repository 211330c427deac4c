"""Archived articles for commands that judge them: those that may fire the watches, found by postings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agents.match.candidates import candidates, wanted
from agents.match.compiled import CompiledWatches
from streams.archive import replay
from streams.archive.engine import Archive
from streams.records import EnrichedArticle


def archived(
    archive: Archive, since: datetime, watches: CompiledWatches, only: Iterable[str] | None = None
) -> Iterator[EnrichedArticle]:
    """The done articles first seen at or after `since` that may fire one of the watches (of those called `only`).

    They come in the order in which they were done, with a progress bar on standard error where that is a terminal.
    """
    asked = [watch for one in only if (watch := watches.get(one)) is not None] if only is not None else list(watches)
    with archive.read() as connection, _bar() as progress:
        task = progress.add_task("looking up", total=None)
        ids = candidates(connection, wanted(asked), watches.knowledge.unknown)
        total = replay.count(connection, since) if ids is None else len(ids)
        progress.update(task, description="articles", total=total)
        yield from replay.replay(connection, since, ids, lambda count: progress.advance(task, count))


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)

"""Showing on standard error how far the compiling of the gazetteer is, which happens once on a machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn


def prepare_names(cache_dir: Path | None = None, errors: IO[str] | None = None) -> None:
    """Compile the gazetteer where the cache has none that fits, with a bar, or one line where there is no terminal."""
    # late, so that `--help` answers at once
    from agents.names.gazetteer import compiled_folder, is_compiled, open_gazetteer  # noqa: PLC0415
    from agents.names.knowledge import default_cache_dir  # noqa: PLC0415

    cache = cache_dir or default_cache_dir()
    if is_compiled(compiled_folder(cache)):
        return
    errors = errors or sys.stderr
    with bars(errors) as shown:
        open_gazetteer(cache, shown.compiling("compiling the gazetteer, once on this machine: a minute or two"))


@contextmanager
def bars(errors: IO[str] | None = None) -> Iterator[Bars]:
    """Bars on standard error that vanish when all is done; plain lines where there is no terminal."""
    console = Console(file=errors or sys.stderr)
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console,
        transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with progress:
        yield Bars(progress, console)


class Bars:
    """The bars of one command, one after another."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console

    def _new(self, what: str, total: float | None) -> TaskID:
        if not self._console.is_terminal:
            self._console.print(what, soft_wrap=True, markup=False, highlight=False)
        return self._progress.add_task(what, total=total)

    def compiling(self, what: str) -> Compiling:
        """A bar for compiling, told how much is done from 0 to 1."""
        return Compiling(self._progress, self._new(what, 1.0))

    def reading(self, what: str, total: int | None) -> Reading:
        """A bar told of bytes."""
        return Reading(self._progress, self._new(what, total))


class Compiling:
    """Hands on how much is done."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def __call__(self, done: float) -> None:
        """So much is done, 0 to 1."""
        self._progress.update(self._task, completed=done)


class Reading:
    """Hands on how many bytes were read."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def __call__(self, more: int) -> None:
        """So many more bytes were read."""
        self._progress.advance(self._task, more)

    def at(self, done: int, total: int | None) -> None:
        """So many bytes of all were read."""
        self._progress.update(self._task, completed=done, total=total)

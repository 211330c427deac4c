"""Compiling the gazetteer: processes fold and spell a share of the places each, this one joins what they made.

The work is done in processes of its own so that it uses two cores, and so that the worker that happened to need it
first keeps none of its memory.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.names.compile_part import JOININGS
from streams.errors import TakingInRefused

LOG = logging.getLogger(__name__)
_MOST_PROCESSES = 2
_JOINING = 0.1
"""The share of the time that joining the parts takes."""

Progress = Callable[[float], None]
"""Told how much is done, 0 to 1."""

Array = npt.NDArray[Any]


def compile_gazetteer(folder: Path, imports: Sequence[tuple[str, Path]], progress: Progress) -> None:
    """Compile GeoNames' bundled places and these imports (name and file) into an empty folder."""
    parts = [folder / f"part-{at}" for at in range(min(_MOST_PROCESSES, _cores()))]
    _run_parts(parts, imports, progress)
    meta = json.loads((parts[0] / "lists.json").read_text(encoding="utf-8"))
    for column in ("ids", "lat", "lon", "population", "country", "admin", "source", "feature"):
        (parts[0] / f"{column}.npy").rename(folder / f"{column}.npy")
    with (folder / "names.txt").open("wb") as out:
        for part in parts:
            with (part / "names.txt").open("rb") as text:
                shutil.copyfileobj(text, out)
    lengths = _joined(parts, "name_lengths")
    np.save(folder / "name_starts.npy", np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
    for name in ("key", "sound"):
        hashes, rows = _joined(parts, f"{name}_hashes"), _joined(parts, f"{name}_rows")
        order = np.lexsort((rows, hashes))
        np.save(folder / f"{name}_hashes.npy", hashes[order])
        np.save(folder / f"{name}_rows.npy", rows[order])
    for how in JOININGS:
        _join_patterns(folder, parts, how)
    for part in parts:
        shutil.rmtree(part)
    progress(1.0)
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _joined(parts: Sequence[Path], name: str) -> Array:
    return np.concatenate([np.load(part / f"{name}.npy") for part in parts])


def _join_patterns(folder: Path, parts: Sequence[Path], how: str) -> None:
    """One list of patterns, each once, with the places that bear it by row."""
    at: dict[str, int] = {}
    numbers: list[Array] = []
    for part in parts:
        text = (part / f"{how}.txt").read_text(encoding="utf-8")
        mine = text.split("\n") if text else []
        place = np.fromiter((at.setdefault(pattern, len(at)) for pattern in mine), np.int64, len(mine))
        numbers.append(place[np.load(part / f"{how}_patterns.npy")])
    patterns = np.concatenate(numbers)
    rows, flags = _joined(parts, f"{how}_targets"), _joined(parts, f"{how}_flags")
    order = np.lexsort((rows, patterns))
    counts = np.bincount(patterns, minlength=len(at))
    (folder / f"{how}.txt").write_text("\n".join(at), encoding="utf-8", newline="\n")
    np.save(folder / f"{how}_starts.npy", np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
    np.save(folder / f"{how}_targets.npy", rows[order])
    np.save(folder / f"{how}_flags.npy", flags[order])


def _run_parts(parts: Sequence[Path], imports: Sequence[tuple[str, Path]], progress: Progress) -> None:
    running: list[subprocess.Popen[bytes]] = []
    try:
        for at, part in enumerate(parts):
            part.mkdir()
            process = subprocess.Popen(
                [sys.executable, "-m", "agents.names.compile_part"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *_python_path()])},
            )
            running.append(process)
            task = {
                "folder": str(part.resolve()),
                "part": at,
                "parts": len(parts),
                "imports": [(name, str(file.resolve())) for name, file in imports],
            }
            assert process.stdin is not None
            process.stdin.write(json.dumps(task).encode() + b"\n")
            process.stdin.flush()
        _follow(running, progress)
        for process in running:
            if process.wait() != 0:
                raise TakingInRefused(
                    f"the gazetteer could not be compiled: its process ended with {process.returncode}; "
                    "see its message above, and the memory and the space on the disk"
                )
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def _python_path() -> list[str]:
    given = os.environ.get("PYTHONPATH")
    return [given] if given else []


def _follow(running: Sequence[subprocess.Popen[bytes]], progress: Progress) -> None:
    """Hand on how far the processes are until all have ended."""
    done = 0
    with selectors.DefaultSelector() as ready:
        for process in running:
            assert process.stdout is not None
            ready.register(process.stdout, selectors.EVENT_READ)
        while ready.get_map():
            for key, _ in ready.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                if not line:
                    ready.unregister(key.fileobj)
                    continue
                more, count = map(int, line.split())
                done += more
                progress((1 - _JOINING) * done / max(1, count))

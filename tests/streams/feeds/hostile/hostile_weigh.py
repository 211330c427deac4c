"""Weighs a process and its children from outside, so that weighing takes none of its time.

`python hostile_weigh.py PID` looks every half second until its standard input closes, and then prints the most bytes
(RSS) that any one of them took; itself is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import psutil


def weight(of: psutil.Process) -> int:
    """The bytes of the heaviest of a process and its children."""
    most = of.memory_info().rss
    for child in of.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if child.pid != os.getpid():
                most = max(most, child.memory_info().rss)
    return most


@contextlib.asynccontextmanager
async def weighed() -> AsyncIterator[list[int]]:
    """In the end holds the most bytes that this process or one of its children took."""
    most: list[int] = []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(Path(__file__)), str(os.getpid())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield most
    finally:
        out, _ = await process.communicate(b"")  # closes its input
        most.append(int(out))


if __name__ == "__main__":
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    process, heaviest = psutil.Process(int(sys.argv[1])), 0
    while not ended.wait(0.5):
        heaviest = max(heaviest, weight(process))
    print(heaviest)

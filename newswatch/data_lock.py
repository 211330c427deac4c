"""One `newswatch run` a data directory: two would tell the same archive of two brokers."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.errors import AlreadyRunning

_NAME = "run.lock"


@contextmanager
def hold_data_dir(data_dir: Path) -> Iterator[None]:
    """Hold a data directory (made if missing) for this process alone; raises AlreadyRunning where another holds it.

    The kernel lets go of it however this process ends, and the file stays; it tells who holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / _NAME
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip()
            raise AlreadyRunning(
                f"{data_dir}: another newswatch runs here{f' (process {holder})' if holder else ''}: "
                "stop it, or give this one another data_dir"
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield

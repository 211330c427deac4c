"""Names for those who take leases, which tell whether their process is still there."""

from __future__ import annotations

import itertools
import os
import socket
import uuid

_PROCESS = uuid.uuid4().hex[:8]
_NUMBERS = itertools.count(1)


def new_owner() -> str:
    """A name for a lease's owner in this process, unlike any other."""
    return f"{socket.gethostname()}:{os.getpid()}:{_PROCESS}.{next(_NUMBERS)}"


def has_died(owner: str) -> bool:
    """Whether an owner's process was on this machine and is gone; a restart need not wait for its own old leases."""
    where, _, process = owner.rpartition(":")
    host, _, pid = where.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():  # in a container every process has the same number
        return not process.startswith(f"{_PROCESS}.")
    return not _is_running(int(pid))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

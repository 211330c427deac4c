"""Ending with one's parent: no process of ours outlives the one that started it, even after SIGKILL."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(parent: int, *, at_once: bool) -> None:
    """End this process when `parent` (a pid) is gone: by SIGKILL when `at_once`, else by SIGTERM.

    A thread looks once a second, on every platform: Linux's own parent-death signal follows the parent's
    thread, not its process, and so would come too early where a pool's thread started us.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGKILL if at_once else signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def die_with_parent_thread() -> None:
    """For a child that is not Python (`preexec_fn`): ask Linux to kill it when the thread that started it ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

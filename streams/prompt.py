"""An event loop that shares its process with working threads, and is to be prompt all the same."""

from __future__ import annotations

import gc
import sys

_SWITCH_SECONDS = 0.0005


def keep_prompt() -> None:
    """Have the event loop of this process wait little, for its threads and for the collector; once all is loaded.

    Each call into the system hands Python's lock to whoever works, and takes it back after Python's switch interval:
    with its 5 ms, twenty sockets and one thread that works make a tenth of a second of every step. And a collection
    walks through every module's functions, which takes as long again and frees none of them.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
